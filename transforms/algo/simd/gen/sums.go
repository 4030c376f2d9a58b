package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// strides opens a loop over n lanes in steps of step registers; body gets the byte offset of each register.
func strides(w width, step int, n GPVirtual, pointers []GPVirtual, body func(i, offset int)) {
	label := fmt.Sprintf("by%d", step)
	done := fmt.Sprintf("after%d", step)
	Label(label)
	CMPQ(n, U32(uint32(step*int(w))))
	JL(LabelRef(done))
	for i := range step {
		body(i, i*w.bytes())
	}
	for _, p := range pointers {
		ADDQ(U32(uint32(step*w.bytes())), p)
	}
	SUBQ(U32(uint32(step*int(w))), n)
	JMP(LabelRef(label))
	Label(done)
}

// singles opens a loop over the last lanes one by one.
func singles(n GPVirtual, pointers []GPVirtual, body func()) {
	Label("single")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	body()
	for _, p := range pointers {
		ADDQ(U32(4), p)
	}
	DECQ(n)
	JMP(LabelRef("single"))
	Label("done")
}

// dot: four accumulators, then one, then a masked or scalar rest.
func dot(w width) {
	text("dot"+w.suffix(), "func(a, b *float32, n int) float32")
	Store(product(w, arg("a"), arg("b"), arg("n")), ReturnIndex(0))
	end()
}

// product leaves the inner product of n elements at a and b in lane 0 of the result; a, b and n move to their ends.
func product(w width, a, b, n GPVirtual) VecVirtual {
	both := []GPVirtual{a, b}
	acc := w.zero(4)
	step := func(i, offset int) {
		t := w.reg()
		VMOVUPS(Mem{Base: a, Disp: offset}, t)
		VFMADD231PS(Mem{Base: b, Disp: offset}, t, acc[i])
	}
	strides(w, 4, n, both, step)
	strides(w, 1, n, both, step)
	if w == zmm {
		TESTQ(n, n)
		JZ(LabelRef("sum"))
		k, t, u := lowMask(n), ZMM(), ZMM()
		VMOVUPS_Z(Mem{Base: a}, k, t)
		VMOVUPS_Z(Mem{Base: b}, k, u)
		VFMADD231PS(u, t, acc[1])
		Label("sum")
	}
	VADDPS(acc[1], acc[0], acc[0])
	VADDPS(acc[3], acc[2], acc[2])
	VADDPS(acc[2], acc[0], acc[0])
	sum := reduce(w, acc[0])
	if w == ymm {
		singles(n, both, func() {
			t := XMM()
			VMOVSS(Mem{Base: a}, t)
			VFMADD231SS(Mem{Base: b}, t, sum)
		})
	}
	return sum
}

// axpy: y += alpha·x, every lane by one fused operation.
func axpy(w width) {
	text("axpy"+w.suffix(), "func(alpha float32, x, y *float32, n int)")
	al := Load(Param("alpha"), XMM())
	x, y, n := arg("x"), arg("y"), arg("n")
	both := []GPVirtual{x, y}
	alpha := w.reg()
	VBROADCASTSS(al, alpha)
	step := func(_, offset int) {
		t := w.reg()
		VMOVUPS(Mem{Base: y, Disp: offset}, t)
		VFMADD231PS(Mem{Base: x, Disp: offset}, alpha, t)
		VMOVUPS(t, Mem{Base: y, Disp: offset})
	}
	strides(w, 4, n, both, step)
	strides(w, 1, n, both, step)
	singles(n, both, func() {
		t := XMM()
		VMOVSS(Mem{Base: y}, t)
		VFMADD231SS(Mem{Base: x}, alpha.AsX(), t)
		VMOVSS(t, Mem{Base: y})
	})
	end()
}

// scale: x *= alpha.
func scale(w width) {
	text("scale"+w.suffix(), "func(alpha float32, x *float32, n int)")
	al := Load(Param("alpha"), XMM())
	x, n := arg("x"), arg("n")
	alpha := w.reg()
	VBROADCASTSS(al, alpha)
	step := func(_, offset int) {
		t := w.reg()
		VMULPS(Mem{Base: x, Disp: offset}, alpha, t)
		VMOVUPS(t, Mem{Base: x, Disp: offset})
	}
	strides(w, 4, n, []GPVirtual{x}, step)
	strides(w, 1, n, []GPVirtual{x}, step)
	singles(n, []GPVirtual{x}, func() {
		t := XMM()
		VMULSS(Mem{Base: x}, alpha.AsX(), t)
		VMOVSS(t, Mem{Base: x})
	})
	end()
}

// ahead is how many items before its use a row is asked for.
const ahead = 6

const gatherSignature = "func(y *float32, items *int32, n int, w, rows *float32, stride, first int)"

// gatherAxpy: y += Σ w[item]·rows[item-first] over n > 0 items, y in v registers all along.
func gatherAxpy(w width, v int) {
	text(fmt.Sprintf("gather%s%d", w.suffix(), v), gatherSignature)
	y := arg("y")
	acc := make([]VecVirtual, v)
	for i := range acc {
		acc[i] = w.reg()
		VMOVUPS(Mem{Base: y, Disp: w.bytes() * i}, acc[i])
	}
	gatherLoops((v*w.bytes()+63)/64, w, func(row GPVirtual, weight VecVirtual) {
		for i := range acc {
			VFMADD231PS(Mem{Base: row, Disp: w.bytes() * i}, weight, acc[i])
		}
	})
	for i := range acc {
		VMOVUPS(acc[i], Mem{Base: y, Disp: w.bytes() * i})
	}
	end()
}

// gatherTail does the same for the last lanes of a row, fewer than sixteen.
func gatherTail(w width) {
	text("gatherTail"+w.suffix(), "func(y *float32, items *int32, n int, w, rows *float32, stride, first, lanes int)")
	y, lanes := arg("y"), arg("lanes")
	if w == zmm {
		k, acc, t := lowMask(lanes), ZMM(), ZMM()
		VMOVUPS_Z(Mem{Base: y}, k, acc)
		gatherLoops(1, w, func(row GPVirtual, weight VecVirtual) {
			VMOVUPS_Z(Mem{Base: row}, k, t)
			VFMADD231PS(t, weight, acc)
		})
		VMOVUPS(acc, k, Mem{Base: y})
		end()
		return
	}
	table := GLOBL("lanes", RODATA|NOPTR)
	for i := range 32 {
		DATA(4*i, U32(uint32(0xffffffff*(1-i/16))))
	}
	at := GP64()
	LEAQ(table, at)
	SHLQ(Imm(2), lanes)
	SUBQ(lanes, at)
	var mask, acc [2]VecVirtual
	for i := range mask {
		mask[i], acc[i] = YMM(), YMM()
		VMOVUPS(Mem{Base: at, Disp: 64 + 32*i}, mask[i])
		VMASKMOVPS(Mem{Base: y, Disp: 32 * i}, mask[i], acc[i])
	}
	gatherLoops(1, w, func(row GPVirtual, weight VecVirtual) {
		for i := range mask {
			t := YMM()
			VMASKMOVPS(Mem{Base: row, Disp: 32 * i}, mask[i], t)
			VFMADD231PS(t, weight, acc[i])
		}
	})
	for i := range mask {
		VMASKMOVPS(acc[i], mask[i], Mem{Base: y, Disp: 32 * i})
	}
	end()
}

// gatherLoops runs body for every item of weight other than 0: first asking for rows to come, then without for the last items.
func gatherLoops(lines int, w width, body func(row GPVirtual, weight VecVirtual)) {
	items, n, weights := arg("items"), arg("n"), arg("w")
	rows, stride, first := arg("rows"), arg("stride"), arg("first")
	row, bits, weight := GP64(), GP32(), w.reg()
	item := func(next string) {
		MOVLQSX(Mem{Base: items}, row)
		MOVL(Mem{Base: weights, Index: row, Scale: 4}, bits)
		ADDL(bits, bits) // drops the sign: -0 is 0 too
		JZ(LabelRef(next))
		VBROADCASTSS(Mem{Base: weights, Index: row, Scale: 4}, weight)
		SUBQ(first, row)
		IMULQ(stride, row)
		ADDQ(rows, row)
		body(row, weight)
		Label(next)
		ADDQ(U32(4), items)
	}
	SUBQ(U32(ahead), n)
	JLE(LabelRef("last"))
	Label("early")
	soon := GP64()
	MOVLQSX(Mem{Base: items, Disp: 4 * ahead}, soon)
	SUBQ(first, soon)
	IMULQ(stride, soon)
	ADDQ(rows, soon)
	for i := range lines {
		PREFETCHT0(Mem{Base: soon, Disp: 64 * i})
	}
	item("nextEarly")
	DECQ(n)
	JNZ(LabelRef("early"))
	Label("last")
	ADDQ(U32(ahead), n)
	Label("late")
	item("nextLate")
	DECQ(n)
	JNZ(LabelRef("late"))
}

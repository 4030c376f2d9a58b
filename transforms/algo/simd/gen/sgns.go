package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// rowOf leaves the address of row idx[0] of v registers in r.
func rowOf(r, base, idx GPVirtual, v int) {
	MOVLQSX(Mem{Base: idx}, r)
	IMUL3Q(U32(uint32(v*64)), r, r)
	ADDQ(base, r)
}

// gatherRows copies n > 0 rows of v registers.
func gatherRows(v int) {
	text(fmt.Sprintf("rows%d", v), "func(dst, base *float32, idx *int32, n int)")
	dst, base, idx, n := arg("dst"), arg("base"), arg("idx"), arg("n")
	Label("row")
	r := GP64()
	rowOf(r, base, idx, v)
	for i := range v {
		z := ZMM()
		VMOVUPS(Mem{Base: r, Disp: 64 * i}, z)
		VMOVUPS(z, Mem{Base: dst, Disp: 64 * i})
	}
	ADDQ(U32(4), idx)
	ADDQ(U32(uint32(v*64)), dst)
	DECQ(n)
	JNZ(LabelRef("row"))
	end()
}

// fetchRows asks for n > 0 rows of v registers, so that they are near when they are read.
func fetchRows(v int) {
	text(fmt.Sprintf("fetch%d", v), "func(base *float32, idx *int32, n int)")
	base, idx, n := arg("base"), arg("idx"), arg("n")
	Label("row")
	r := GP64()
	rowOf(r, base, idx, v)
	for i := range v {
		PREFETCHT0(Mem{Base: r, Disp: 64 * i})
	}
	ADDQ(U32(4), idx)
	DECQ(n)
	JNZ(LabelRef("row"))
	RET()
}

// dots: out[i·nb+j] = a_i · b_j for na > 0 rows of a and nb > 0 rows of b.
func dots(v int) {
	text(fmt.Sprintf("dots%d", v), "func(out, a, b *float32, na, nb int)")
	out, a, na := arg("out"), arg("a"), arg("na")
	Label("row")
	h := make([]VecVirtual, v)
	for i := range h {
		h[i] = ZMM()
		VMOVUPS(Mem{Base: a, Disp: 64 * i}, h[i])
	}
	b, nb := arg("b"), arg("nb")
	Label("column")
	s := []VecVirtual{ZMM(), ZMM()}
	for i := range h {
		if i < 2 {
			VMULPS(Mem{Base: b, Disp: 64 * i}, h[i], s[i])
		} else {
			VFMADD231PS(Mem{Base: b, Disp: 64 * i}, h[i], s[i%2])
		}
	}
	VADDPS(s[1], s[0], s[0])
	VMOVSS(reduce(zmm, s[0]), Mem{Base: out})
	ADDQ(U32(4), out)
	ADDQ(U32(uint32(64*v)), b)
	DECQ(nb)
	JNZ(LabelRef("column"))
	ADDQ(U32(uint32(64*v)), a)
	DECQ(na)
	JNZ(LabelRef("row"))
	end()
}

// update: base[idx[r]] += Σ_m gr[r·sr + m·sm]·x_m, strides in floats, for n > 0 rows and count > 0 rows of x; sums begin at 0.
func update(v int) {
	text(fmt.Sprintf("update%d", v), "func(base *float32, idx *int32, n int, x, gr *float32, count, sr, sm int)")
	base, idx, n := arg("base"), arg("idx"), arg("n")
	gr, sr, sm := arg("gr"), arg("sr"), arg("sm")
	SHLQ(Imm(2), sr)
	SHLQ(Imm(2), sm)
	Label("row")
	r := GP64()
	rowOf(r, base, idx, v)
	acc := zmm.zero(v)
	x, m, at := arg("x"), arg("count"), GP64()
	MOVQ(gr, at)
	Label("term")
	t := ZMM()
	VBROADCASTSS(Mem{Base: at}, t)
	for i := range acc {
		VFMADD231PS(Mem{Base: x, Disp: 64 * i}, t, acc[i])
	}
	ADDQ(sm, at)
	ADDQ(U32(uint32(v*64)), x)
	DECQ(m)
	JNZ(LabelRef("term"))
	for i := range acc {
		VADDPS(Mem{Base: r, Disp: 64 * i}, acc[i], acc[i])
		VMOVUPS(acc[i], Mem{Base: r, Disp: 64 * i})
	}
	ADDQ(sr, gr)
	ADDQ(U32(4), idx)
	DECQ(n)
	JNZ(LabelRef("row"))
	end()
}

// gradConstants places the constants of grad: -log2(e), ln2^i/i! from i = 1 to 6, the exponent's bias, limits of the exponent.
func gradConstants() map[string]Mem {
	out := map[string]Mem{}
	for _, c := range []struct {
		name  string
		value Constant
	}{
		{"nlog2e", F32(-1.4426950408889634)},
		{"c0", F32(1)},
		{"c1", F32(0.6931471805599453)},
		{"c2", F32(0.24022650695910072)},
		{"c3", F32(0.05550410866482158)},
		{"c4", F32(0.009618129107628477)},
		{"c5", F32(0.0013333558146428443)},
		{"c6", F32(0.00015403530393381608)},
		{"bias", U32(127)},
		{"most", F32(80)},
		{"least", F32(-80)},
	} {
		out[c.name] = GLOBL("grad_"+c.name, RODATA|NOPTR)
		DATA(0, c.value)
	}
	return out
}

// grad: x = (label - logistic(x))·lr, n a positive multiple of the width.
func grad(w width, constants map[string]Mem) {
	text("grad"+w.suffix(), "func(x, label *float32, n int, lr float32)")
	x, label, n := arg("x"), arg("label"), arg("n")
	lr := w.reg()
	VBROADCASTSS(Load(Param("lr"), XMM()), lr)
	Label("loop")
	logistic := logistic(w, Mem{Base: x}, constants)
	l := w.reg()
	VMOVUPS(Mem{Base: label}, l)
	VSUBPS(logistic, l, l)
	VMULPS(lr, l, l)
	VMOVUPS(l, Mem{Base: x})
	ADDQ(U32(uint32(w.bytes())), x)
	ADDQ(U32(uint32(w.bytes())), label)
	SUBQ(U32(uint32(w)), n)
	JG(LabelRef("loop"))
	end()
}

// logistic returns 1/(1+2^t) for t = -x·log2 e, with 2^t = 2^round(t)·p(t - round(t)). The same steps in both widths give the same
// bits. A NaN stays one.
func logistic(w width, x Mem, constants map[string]Mem) VecVirtual {
	spread := func(name string) VecVirtual {
		v := w.reg()
		VBROADCASTSS(constants[name], v)
		return v
	}
	nlog2e, most, least, one := spread("nlog2e"), spread("most"), spread("least"), spread("c0")
	t, whole, power := w.reg(), w.reg(), w.reg()
	VMULPS(x, nlog2e, t)
	VMINPS(t, most, t) // the operand that comes through where one is no number stands first
	VMAXPS(t, least, t)
	if w == zmm {
		VRNDSCALEPS(Imm(0), t, whole)
	} else {
		VROUNDPS(Imm(0), t, whole)
	}
	VSUBPS(whole, t, t)
	VBROADCASTSS(constants["c6"], power)
	for _, c := range []string{"c5", "c4", "c3", "c2", "c1", "c0"} {
		VFMADD213PS(spread(c), t, power)
	}
	VCVTPS2DQ(whole, whole)
	bias := w.reg()
	VPBROADCASTD(constants["bias"], bias)
	VPADDD(bias, whole, whole)
	VPSLLD(Imm(23), whole, whole)
	VMULPS(whole, power, power)
	VADDPS(one, power, power)
	VDIVPS(power, one, power)
	return power
}

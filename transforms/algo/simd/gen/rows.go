package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// rows writes the kernels of this file.
func rows() {
	dotsI8(zmm, true)
	dotsI8(zmm, false)
	dotsI8(ymm, false)
	sumRows()
	dotRows(zmm)
	dotRows(ymm)
	fetchSpan()
	fetchEach()
}

// rowsAhead is how many rows before its turn a row is asked for.
const rowsAhead = 12

// dotsI8: out[i·4·groups+j] = row idx[i] of base · column j, for n > 0 rows and groups > 0 of four columns; width is a positive multiple of 32.
// With VNNI it multiplies and adds in one instruction.
func dotsI8(w width, vnni bool) {
	name := "dotsI8" + w.suffix()
	if vnni {
		name = "dotsI8V"
	}
	text(name, "func(out *int32, base *int8, idx *int32, n int, b *int16, groups, width int)")
	out, base, idx, n, size := arg("out"), arg("base"), arg("idx"), arg("n"), arg("width")
	last, one, three := GP64(), GP64(), GP64()
	LEAQ(Mem{Base: idx, Index: n, Scale: 4, Disp: -4}, last)
	LEAQ(Mem{Base: size, Index: size, Scale: 1}, one) // from column to column
	LEAQ(Mem{Base: one, Index: one, Scale: 2}, three)
	row := func(at, r GPVirtual) {
		MOVLQSX(Mem{Base: at}, r)
		IMULQ(size, r)
		ADDQ(base, r)
	}
	Label("row")
	r, ahead := GP64(), GP64()
	LEAQ(Mem{Base: idx, Disp: 4 * rowsAhead}, ahead)
	CMPQ(ahead, last)
	CMOVQHI(last, ahead)
	row(ahead, ahead)
	PREFETCHT0(Mem{Base: ahead})
	PREFETCHT0(Mem{Base: ahead, Disp: 64})
	row(idx, r)
	b, groups := arg("b"), arg("groups")
	Label("group")
	acc := rowByFour(w, vnni, r, size, [4]Mem{{Base: b}, {Base: b, Index: one, Scale: 1}, {Base: b, Index: one, Scale: 2}, {Base: b, Index: three, Scale: 1}})
	VMOVDQU(sumFour(w, acc), Mem{Base: out})
	ADDQ(U32(16), out)
	ADDQ(three, b)
	DECQ(groups)
	JNZ(LabelRef("group"))
	ADDQ(U32(4), idx)
	DECQ(n)
	JNZ(LabelRef("row"))
	end()
}

// rowByFour multiplies a row of size bytes by four columns and leaves the base of the columns behind the first; it returns their sums by lane.
func rowByFour(w width, vnni bool, row, size GPVirtual, columns [4]Mem) []VecVirtual {
	acc := w.zero(4)
	at, left := GP64(), GP64()
	MOVQ(row, at)
	MOVQ(size, left)
	Label("block")
	x := w.reg()
	VPMOVSXBW(Mem{Base: at}, x)
	for j, m := range columns {
		if vnni {
			VPDPWSSD(m, x, acc[j])
			continue
		}
		t := w.reg()
		VPMADDWD(m, x, t)
		VPADDD(t, acc[j], acc[j])
	}
	ADDQ(U32(uint32(w.bytes()/2)), at)
	ADDQ(U32(uint32(w.bytes())), columns[0].Base)
	SUBQ(U32(uint32(w.bytes()/2)), left)
	JNZ(LabelRef("block"))
	return acc
}

// sumFour adds all lanes of each of four registers of int32.
func sumFour(w width, acc []VecVirtual) VecVirtual {
	half := make([]VecVirtual, 4)
	for i, a := range acc {
		half[i] = a
		if w == zmm {
			half[i] = YMM()
			VEXTRACTI64X4(Imm(1), a, half[i])
			VPADDD(half[i], a.AsY(), half[i])
		}
	}
	VPHADDD(half[1], half[0], half[0])
	VPHADDD(half[3], half[2], half[2])
	VPHADDD(half[2], half[0], half[0])
	x := XMM()
	VEXTRACTI128(Imm(1), half[0], x)
	VPADDD(x, half[0].AsX(), x)
	return x
}

// fetchSpan asks for n > 0 bytes.
func fetchSpan() {
	text("fetchSpan", "func(p *byte, n int)")
	p, n := arg("p"), arg("n")
	Label("line")
	PREFETCHT0(Mem{Base: p})
	ADDQ(U32(64), p)
	SUBQ(U32(64), n)
	JG(LabelRef("line"))
	RET()
}

// fetchEach asks for the first byte of n > 0 rows of stride bytes.
func fetchEach() {
	text("fetchEach", "func(base *byte, idx *int32, n, stride int)")
	base, idx, n, stride := arg("base"), arg("idx"), arg("n"), arg("stride")
	Label("row")
	r := GP64()
	MOVLQSX(Mem{Base: idx}, r)
	IMULQ(stride, r)
	PREFETCHT0(Mem{Base: base, Index: r, Scale: 1})
	ADDQ(U32(4), idx)
	DECQ(n)
	JNZ(LabelRef("row"))
	RET()
}

// sumRows: sums [columns] += the named rows of base [·×width], in float64, for n > 0 rows and 1 to 32 columns. Sums stay in registers.
func sumRows() {
	text("sumRowsZ", "func(sums *float64, base *float32, rows *int32, n int, width int, columns int)")
	sums, base, rows, n, width, columns := arg("sums"), arg("base"), arg("rows"), arg("n"), arg("width"), arg("columns")
	bits := GP32()
	MOVL(U32(0xffffffff), bits)
	BZHIL(columns.As32(), bits, bits)
	const strip = 4
	var sum, lanes [strip]VecVirtual
	var some [strip]Register
	for i := range strip {
		sum[i], lanes[i] = ZMM(), ZMM()
		k := K()
		KMOVB(bits, k)
		SHRL(Imm(8), bits)
		VMOVUPD_Z(Mem{Base: sums, Disp: 64 * i}, k, sum[i])
		some[i] = k
	}
	Label("row")
	row := GP64()
	MOVLQSX(Mem{Base: rows}, row)
	IMULQ(width, row)
	for i := range strip {
		VCVTPS2PD_Z(Mem{Base: base, Index: row, Scale: 4, Disp: 32 * i}, some[i], lanes[i])
		VADDPD(lanes[i], sum[i], sum[i])
	}
	ADDQ(U8(4), rows)
	DECQ(n)
	JNZ(LabelRef("row"))
	for i := range strip {
		VMOVUPD(sum[i], some[i], Mem{Base: sums, Disp: 64 * i})
	}
	end()
}

// dotRows: out[i] = x · row rows[i] of base, for n > 0 rows of width elements: the sums of dot. The processor overlaps rows.
func dotRows(w width) {
	text("dotRows"+w.suffix(), "func(out, base *float32, rows *int32, n int, x *float32, width int)")
	out, base, rows, n, x, width := arg("out"), arg("base"), arg("rows"), arg("n"), arg("x"), arg("width")
	Label("row")
	row, a, left := GP64(), GP64(), GP64()
	MOVLQSX(Mem{Base: rows}, row)
	IMULQ(width, row)
	LEAQ(Mem{Base: base, Index: row, Scale: 4}, row)
	MOVQ(x, a)
	MOVQ(width, left)
	VMOVSS(product(w, a, row, left), Mem{Base: out})
	ADDQ(U8(4), rows)
	ADDQ(U8(4), out)
	DECQ(n)
	JNZ(LabelRef("row"))
	end()
}

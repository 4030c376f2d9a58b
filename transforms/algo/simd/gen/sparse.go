package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// addAtX: sum[at[i]] += max(0, w·x[i]) for n > 0 places; those whose sum of size was 0 and no longer is are written to fresh, which has room for n.
// It returns how many, or -1 at a place outside of sum.
func addAt() {
	text("addAtX", "func(sum *float32, size int, at *int32, x *float32, n int, w float32, fresh *int32) int")
	sum, size, at, x, n, fresh := arg("sum"), arg("size"), arg("at"), arg("x"), arg("n"), arg("fresh")
	w, zero := Load(Param("w"), XMM()), XMM()
	VXORPS(zero, zero, zero)
	i, kept := zeroed(), zeroed()
	Label("place")
	j, e, now := place(at, i, size), XMM(), GP32()
	VMULSS(Mem{Base: x, Index: i, Scale: 4}, w, e)
	VMAXSS(zero, e, e) // a NaN becomes 0 as well
	MOVL(j.As32(), Mem{Base: fresh, Index: kept, Scale: 4})
	CMPL(Mem{Base: sum, Index: j, Scale: 4}, U8(1))
	ADCQ(Imm(0), kept)
	VADDSS(Mem{Base: sum, Index: j, Scale: 4}, e, e)
	VMOVSS(e, Mem{Base: sum, Index: j, Scale: 4})
	VMOVD(e, now)
	CMPL(now, U8(1))
	SBBQ(Imm(0), kept)
	more(i, n, "place", kept)
}

// keepAtX: those of n > 0 places at whose sum has at least so many bits, as a signed number, are written to kept, which has room for n. It
// returns how many, or -1 at a place outside of sum of size.
func keepAt() {
	text("keepAtX", "func(sum *float32, size int, at *int32, n int, least int, kept *int32) int")
	sum, size, at, n, least, dst := arg("sum"), arg("size"), arg("at"), arg("n"), arg("least"), arg("kept")
	i, kept := zeroed(), zeroed()
	Label("place")
	j, bits := place(at, i, size), GP64()
	MOVL(j.As32(), Mem{Base: dst, Index: kept, Scale: 4})
	MOVLQSX(Mem{Base: sum, Index: j, Scale: 4}, bits)
	SUBQ(least, bits)
	ADDQ(bits, bits) // the sign: carried when it is below
	SBBQ(I8(-1), kept)
	more(i, n, "place", kept)
}

func zeroed() GPVirtual {
	r := GP64()
	XORQ(r, r)
	return r
}

// place loads the place at[i], or leaves for label wrong when it is not below size.
func place(at, i, size GPVirtual) GPVirtual {
	j := GP64()
	MOVLQSX(Mem{Base: at, Index: i, Scale: 4}, j)
	CMPQ(j, size)
	JAE(LabelRef("wrong"))
	return j
}

// more goes on with place i+1 below n, or returns kept; behind it stands label wrong.
func more(i, n GPVirtual, label string, kept GPVirtual) {
	INCQ(i)
	CMPQ(i, n)
	JL(LabelRef(label))
	Store(kept, ReturnIndex(0))
	RET()
	Label("wrong")
	MOVQ(I32(-1), kept)
	Store(kept, ReturnIndex(0))
	RET()
}

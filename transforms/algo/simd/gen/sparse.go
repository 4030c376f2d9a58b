package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// sparse writes the kernels of this file.
func sparse() {
	addAt()
	allPlus()
	addPlus()
	keepAt()
	clearAt()
}

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
	addTo(sum, fresh, j, kept, e)
	VMOVD(e, now)
	CMPL(now, U8(1))
	SBBQ(Imm(0), kept)
	more(i, n, "place", kept)
}

// allPlusY: whether w·x[i] is above 0 for all n of at least eight places, and all are at most last, unsigned; 1 = yes.
func allPlus() {
	text("allPlusY", "func(at *int32, x *float32, n int, w float32, last uint32) int")
	at, x, n := arg("at"), arg("x"), arg("n")
	w, last, most, plus, zero := YMM(), YMM(), YMM(), YMM(), YMM()
	VBROADCASTSS(Load(Param("w"), XMM()), w)
	lane := XMM()
	VMOVD(Load(Param("last"), GP32()), lane)
	VPBROADCASTD(lane, last)
	VPXOR(most, most, most)
	VXORPS(zero, zero, zero)
	VPCMPEQD(plus, plus, plus)
	i, final := zeroed(), GP64()
	LEAQ(Mem{Base: n, Disp: -8}, final)
	Label("block")
	e := YMM()
	VMULPS(Mem{Base: x, Index: i, Scale: 4}, w, e)
	VCMPPS(U8(greaterThan), zero, e, e)
	VANDPS(e, plus, plus)
	VPMAXUD(Mem{Base: at, Index: i, Scale: 4}, most, most)
	CMPQ(i, final)
	JE(LabelRef("done"))
	ADDQ(U8(8), i)
	CMPQ(i, final)
	CMOVQHI(final, i) // the last block may overlap the one before
	JMP(LabelRef("block"))
	Label("done")
	VPMAXUD(last, most, most)
	VPCMPEQD(last, most, most)
	VANDPS(most, plus, plus)
	mask, all := GP32(), zeroed()
	VMOVMSKPS(plus, mask)
	CMPL(mask, U32(255))
	SETEQ(all.As8())
	Store(all, ReturnIndex(0))
	end()
}

// greaterThan is the predicate of VCMPPS that is false beside a NaN.
const greaterThan = 0x1e

// addPlusX is addAtX where allPlusY holds.
func addPlus() {
	text("addPlusX", "func(sum *float32, at *int32, x *float32, n int, w float32, fresh *int32) int")
	sum, at, x, n, fresh := arg("sum"), arg("at"), arg("x"), arg("n"), arg("fresh")
	w := Load(Param("w"), XMM())
	kept, left := zeroed(), GP64()
	step := func(i int) {
		j, e := GP64(), XMM()
		MOVLQSX(Mem{Base: at, Disp: 4 * i}, j)
		VMULSS(Mem{Base: x, Disp: 4 * i}, w, e)
		addTo(sum, fresh, j, kept, e)
	}
	MOVQ(n, left)
	SHRQ(Imm(2), left)
	Label("four")
	for i := range 4 {
		step(i)
	}
	ADDQ(U8(16), at)
	ADDQ(U8(16), x)
	DECQ(left)
	JNZ(LabelRef("four"))
	ANDQ(U8(3), n)
	JZ(LabelRef("done"))
	Label("one")
	step(0)
	ADDQ(U8(4), at)
	ADDQ(U8(4), x)
	DECQ(n)
	JNZ(LabelRef("one"))
	Label("done")
	Store(kept, ReturnIndex(0))
	RET()
}

// keepAtX: those of n > 0 places at whose sum, from 0 on, has at least so many bits are written to kept, which has room for n. It returns how
// many, or -1 at a place outside of sum of size.
func keepAt() {
	text("keepAtX", "func(sum *float32, size int, at *int32, n int, least uint32, kept *int32) int")
	sum, size, at, n, dst := arg("sum"), arg("size"), arg("at"), arg("n"), arg("kept")
	least := Load(Param("least"), GP32())
	i, kept := zeroed(), zeroed()
	Label("place")
	j := place(at, i, size)
	MOVL(j.As32(), Mem{Base: dst, Index: kept, Scale: 4})
	CMPL(Mem{Base: sum, Index: j, Scale: 4}, least)
	SBBQ(I8(-1), kept)
	more(i, n, "place", kept)
}

// clearAtX: sum[at[i]] = 0 for n > 0 places; it returns 0, or -1 at a place outside of sum of size.
func clearAt() {
	text("clearAtX", "func(sum *float32, size int, at *int32, n int) int")
	sum, size, at, n := arg("sum"), arg("size"), arg("at"), arg("n")
	i, none := zeroed(), zeroed()
	Label("place")
	MOVL(none.As32(), Mem{Base: sum, Index: place(at, i, size), Scale: 4})
	more(i, n, "place", none)
}

// addTo adds e to sum[j], and j to fresh where that was 0.
func addTo(sum, fresh, j, kept GPVirtual, e VecVirtual) {
	MOVL(j.As32(), Mem{Base: fresh, Index: kept, Scale: 4})
	CMPL(Mem{Base: sum, Index: j, Scale: 4}, U8(1))
	ADCQ(Imm(0), kept)
	VADDSS(Mem{Base: sum, Index: j, Scale: 4}, e, e)
	VMOVSS(e, Mem{Base: sum, Index: j, Scale: 4})
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

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Rows and columns of a tile at every tier, and where the masks of columns follow those of rows.
const (
	tileRows = 12
	tileCols = 32
	colMasks = 4 * tileRows
)

const tileSignature = "func(a, b *float32, k int, rows, cols, scores *float32, masks *uint32) uint32"

// kernel is what float and integer tiles differ in.
type kernel struct {
	broadcast func(src Op, dst Op)
	multiply  func(b, a, acc Op)
}

var floats = kernel{
	broadcast: func(src, dst Op) { VBROADCASTSS(src, dst) },
	multiply:  func(b, a, acc Op) { VFMADD231PS(b, a, acc) },
}

var integers = kernel{
	broadcast: func(src, dst Op) { VPBROADCASTD(src, dst) },
	multiply:  func(b, a, acc Op) { VPDPBUSD(b, a, acc) },
}

// tileZ: 12×32 products in 24 registers, compared there; scores are written only if one is above its threshold.
func tileZ(name string, sym bool) {
	text(name, tileSignature)
	var acc [tileRows][2]VecVirtual
	for i := range acc {
		acc[i] = [2]VecVirtual(zmm.zero(2))
	}
	score := func(i, h int) VecVirtual { return acc[i][h] }
	compareZ(acc, tileCompare{sym, multiplyZ(acc, floats), score, score})
}

// tileI8 multiplies groups of four bytes; accumulators begin at the bias of their column. Sums become floats, and are multiplied with the
// factor of their column before they meet the threshold of their row, with the factor of their row before they meet that of their column.
func tileI8(name string, sym bool) {
	text(name, "func(a *uint8, b *int8, k int, rows, rowScale, cols, colScale *float32, bias *int32, scores *float32, masks *uint32) uint32")
	bias := arg("bias")
	var acc [tileRows][2]VecVirtual
	for i := range acc {
		for h := range acc[i] {
			acc[i][h] = ZMM()
			VMOVDQU32(Mem{Base: bias, Disp: 64 * h}, acc[i][h])
		}
	}
	free := multiplyZ(acc, integers)
	scale := [2]VecVirtual{ZMM(), ZMM()}
	colScale, rowScale := arg("colScale"), arg("rowScale")
	VMOVUPS(Mem{Base: colScale}, scale[0])
	VMOVUPS(Mem{Base: colScale, Disp: 64}, scale[1])
	for i := range acc {
		for h := range acc[i] {
			VCVTDQ2PS(acc[i][h], acc[i][h])
		}
	}
	r, t := ZMM(), ZMM()
	compareZ(acc, tileCompare{
		sym: sym, cols: free,
		row: func(i, h int) VecVirtual {
			VMULPS(scale[h], acc[i][h], t)
			return t
		},
		col: func(i, h int) VecVirtual {
			if h == 0 {
				VBROADCASTSS(Mem{Base: rowScale, Disp: 4 * i}, r)
			}
			VMULPS(r, acc[i][h], t)
			return t
		},
	})
}

// multiplyZ adds the products of two panels to acc; it returns two registers that are free after it.
func multiplyZ(acc [tileRows][2]VecVirtual, op kernel) [2]VecVirtual {
	a, b, k := arg("a"), arg("b"), arg("k")
	b0, b1, t := ZMM(), ZMM(), ZMM()
	TESTQ(k, k)
	JZ(LabelRef("compare"))
	Label("loop")
	VMOVUPS(Mem{Base: b}, b0)
	VMOVUPS(Mem{Base: b, Disp: 64}, b1)
	for i := range acc {
		op.broadcast(Mem{Base: a, Disp: 4 * i}, t)
		op.multiply(b0, t, acc[i][0])
		op.multiply(b1, t, acc[i][1])
	}
	ADDQ(U32(4*tileRows), a)
	ADDQ(U32(4*tileCols), b)
	DECQ(k)
	JNZ(LabelRef("loop"))
	Label("compare")
	return [2]VecVirtual{b0, b1}
}

// tileCompare is how scores meet thresholds: those of rows as row gives them, if sym those of columns as col does; cols are two free registers.
type tileCompare struct {
	sym      bool
	cols     [2]VecVirtual
	row, col func(i, h int) VecVirtual
}

// compareZ writes the masks, and the scores if any bit is set.
func compareZ(acc [tileRows][2]VecVirtual, c tileCompare) {
	rows, masks := arg("rows"), arg("masks")
	found, m, k0, k1, t := GP32(), GP32(), K(), K(), ZMM()
	XORL(found, found)
	greater := func(above, score VecVirtual, mask Register) { VCMPPS(Imm(30), above, score, mask) } // ordered, quiet
	write := func(offset int) {
		KUNPCKWD(k0, k1, k0)
		KMOVD(k0, m)
		MOVL(m, Mem{Base: masks, Disp: offset})
		ORL(m, found)
	}
	if c.sym {
		cols := arg("cols")
		VMOVUPS(Mem{Base: cols}, c.cols[0])
		VMOVUPS(Mem{Base: cols, Disp: 64}, c.cols[1])
	}
	for i := range acc {
		VBROADCASTSS(Mem{Base: rows, Disp: 4 * i}, t)
		greater(t, c.row(i, 0), k0)
		greater(t, c.row(i, 1), k1)
		write(4 * i)
		if c.sym {
			greater(c.cols[0], c.col(i, 0), k0)
			greater(c.cols[1], c.col(i, 1), k1)
			write(colMasks + 4*i)
		}
	}
	TESTL(found, found)
	JZ(LabelRef("done"))
	scores := arg("scores")
	for i := range acc {
		VMOVUPS(acc[i][0], Mem{Base: scores, Disp: 4 * tileCols * i})
		VMOVUPS(acc[i][1], Mem{Base: scores, Disp: 4*tileCols*i + 64})
	}
	Label("done")
	Store(found, ReturnIndex(0))
	end()
}

// tileY does a quarter of a tile, 6×16, in the layout of the whole: panels, scores and masks are strided alike.
func tileY(name string, sym bool) {
	text(name, "func(a, b *float32, k int, rows, cols, scores *float32, masks *uint16) uint32")
	a, b, k := arg("a"), arg("b"), arg("k")
	var acc [tileRows / 2][2]VecVirtual
	for i := range acc {
		acc[i] = [2]VecVirtual(ymm.zero(2))
	}
	b0, b1, t := YMM(), YMM(), YMM()
	TESTQ(k, k)
	JZ(LabelRef("compare"))
	Label("loop")
	VMOVUPS(Mem{Base: b}, b0)
	VMOVUPS(Mem{Base: b, Disp: 32}, b1)
	for i := range acc {
		VBROADCASTSS(Mem{Base: a, Disp: 4 * i}, t)
		VFMADD231PS(b0, t, acc[i][0])
		VFMADD231PS(b1, t, acc[i][1])
	}
	ADDQ(U32(4*tileRows), a)
	ADDQ(U32(4*tileCols), b)
	DECQ(k)
	JNZ(LabelRef("loop"))
	Label("compare")
	compareY(acc, sym, [2]VecVirtual{b0, b1})
}

func compareY(acc [tileRows / 2][2]VecVirtual, sym bool, free [2]VecVirtual) {
	rows, masks := arg("rows"), arg("masks")
	found, m, high, t := GP32(), GP32(), GP32(), YMM()
	XORL(found, found)
	write := func(t0, t1 Op, i, offset int) {
		VCMPPS(Imm(30), t0, acc[i][0], free[0])
		VCMPPS(Imm(30), t1, acc[i][1], free[1])
		VMOVMSKPS(free[0], m)
		VMOVMSKPS(free[1], high)
		SHLL(Imm(8), high)
		ORL(high, m)
		MOVW(m.As16(), Mem{Base: masks, Disp: offset + 4*i})
		ORL(m, found)
	}
	// acc > cols is written as acc against memory: the thresholds need no registers.
	cols := GP64()
	if sym {
		Load(Param("cols"), cols)
	}
	for i := range acc {
		VBROADCASTSS(Mem{Base: rows, Disp: 4 * i}, t)
		write(t, t, i, 0)
		if sym {
			write(Mem{Base: cols}, Mem{Base: cols, Disp: 32}, i, colMasks)
		}
	}
	TESTL(found, found)
	JZ(LabelRef("done"))
	scores := arg("scores")
	for i := range acc {
		VMOVUPS(acc[i][0], Mem{Base: scores, Disp: 4 * tileCols * i})
		VMOVUPS(acc[i][1], Mem{Base: scores, Disp: 4*tileCols*i + 32})
	}
	Label("done")
	Store(found, ReturnIndex(0))
	end()
}

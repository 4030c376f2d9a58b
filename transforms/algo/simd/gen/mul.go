package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// mulTile: c = a·b over k > 0, where element (i,k) of a stands at i·rs + k·cs bytes and row k of b at k·ldb; c has rows of ldc.
// 12×32 in zmm, 6×16 in ymm.
func mulTile(w width) {
	text("mul"+w.suffix(), "func(a *float32, rs, cs int, b *float32, ldb, k int, c *float32, ldc int)")
	a, rs, cs := arg("a"), arg("rs"), arg("cs")
	b, ldb, k := arg("b"), arg("ldb"), arg("k")
	rows := tileRows * int(w) / int(zmm)
	acc := make([][]VecVirtual, rows)
	for i := range acc {
		acc[i] = w.zero(2)
	}
	bases := everyThird(a, rs, rows)
	b0, b1, t := w.reg(), w.reg(), w.reg()
	Label("loop")
	VMOVUPS(Mem{Base: b}, b0)
	VMOVUPS(Mem{Base: b, Disp: w.bytes()}, b1)
	for i := range acc {
		m := Mem{Base: bases[i/3]}
		if i%3 > 0 {
			m.Index, m.Scale = rs, uint8(i%3)
		}
		VBROADCASTSS(m, t)
		VFMADD231PS(b0, t, acc[i][0])
		VFMADD231PS(b1, t, acc[i][1])
	}
	for _, p := range bases {
		ADDQ(cs, p)
	}
	ADDQ(ldb, b)
	DECQ(k)
	JNZ(LabelRef("loop"))
	c, ldc := arg("c"), arg("ldc")
	for i := range acc {
		VMOVUPS(acc[i][0], Mem{Base: c})
		VMOVUPS(acc[i][1], Mem{Base: c, Disp: w.bytes()})
		if i+1 < len(acc) {
			ADDQ(ldc, c)
		}
	}
	end()
}

// everyThird returns pointers to rows 0, 3, 6 …: those between are reached by index.
func everyThird(a, rs GPVirtual, rows int) []GPVirtual {
	bases := []GPVirtual{a}
	for range rows/3 - 1 {
		p := GP64()
		LEAQ(Mem{Base: bases[len(bases)-1], Index: rs, Scale: 2}, p)
		ADDQ(rs, p)
		bases = append(bases, p)
	}
	return bases
}

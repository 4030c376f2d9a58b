package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// panelStep is the bytes of a panel of PackRowsI8 from one group of four elements to the next.
const panelStep = 48

// packFourI8: 64·n > 0 bytes, plus 128, of four rows go where PackRowsI8 has them: words of the rows are turned, four by four.
func packFourI8() {
	text("packFourI8Z", "func(dst *uint8, a, b, c, d *int8, n int)")
	dst, n := arg("dst"), arg("n")
	rows := []GPVirtual{arg("a"), arg("b"), arg("c"), arg("d")}
	offset, word := ZMM(), GP32()
	MOVL(U32(0x80808080), word)
	VPBROADCASTD(word, offset)
	Label("block")
	var x, pairs, fours [4]VecVirtual
	for i, r := range rows {
		x[i], pairs[i], fours[i] = ZMM(), ZMM(), ZMM()
		VPXORD(Mem{Base: r}, offset, x[i])
		ADDQ(U32(64), r)
	}
	for i := range 2 {
		VPUNPCKLDQ(x[2*i+1], x[2*i], pairs[i])
		VPUNPCKHDQ(x[2*i+1], x[2*i], pairs[i+2])
	}
	for i := range 2 {
		VPUNPCKLQDQ(pairs[2*i+1], pairs[2*i], fours[2*i])
		VPUNPCKHQDQ(pairs[2*i+1], pairs[2*i], fours[2*i+1])
	}
	for lane := range 4 {
		for i, f := range fours {
			to := Mem{Base: dst, Disp: panelStep * (4*lane + i)}
			if lane == 0 {
				VMOVDQU(f.AsX(), to)
			} else {
				VEXTRACTI32X4(Imm(uint64(lane)), f, to)
			}
		}
	}
	ADDQ(U32(16*panelStep), dst)
	DECQ(n)
	JNZ(LabelRef("block"))
	end()
}

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// Predicates of VPCMPUB.
const (
	notEqual   = 4
	notLess    = 5
	laneCounts = 64 // bytes of a register
)

// counts writes the kernels of this file.
func counts() {
	addCounts()
	atLeast()
}

// addCounts: sums += weight·counts but for counts of 255, over n > 0 counts, a multiple of 64. 64 columns without a count are passed over; of
// others all are added to: what branches on eight of them would save, mistaken ones cost.
func addCounts() {
	text("addCountsZ", "func(sums *float64, counts *uint8, n int, weight float64)")
	sums, counts, n := arg("sums"), arg("counts"), arg("n")
	weight, escape := ZMM(), ZMM()
	VBROADCASTSD(Load(Param("weight"), XMM()), weight)
	VPTERNLOGD(Imm(255), escape, escape, escape)
	Label("block")
	all, some := ZMM(), K()
	VMOVDQU8(Mem{Base: counts}, all)
	VPTESTMB(all, all, some)
	VPCMPUB(Imm(notEqual), escape, all, some, some)
	KORTESTQ(some, some)
	JZ(LabelRef("next"))
	for i := range 8 {
		lanes, whole, real := K(), YMM(), ZMM()
		KSHIFTRQ(Imm(uint64(8*i)), some, lanes)
		VPMOVZXBD_Z(Mem{Base: counts, Disp: 8 * i}, lanes, whole)
		VCVTDQ2PD(whole, real)
		VMULPD(weight, real, real)
		sum := Mem{Base: sums, Disp: 64 * i}
		VADDPD(sum, real, real)
		VMOVUPD(real, sum)
	}
	Label("next")
	ADDQ(U32(laneCounts), counts)
	ADDQ(U32(8*laneCounts), sums)
	SUBQ(U32(laneCounts), n)
	JNZ(LabelRef("block"))
	end()
}

// atLeast: bit i of marks = counts[i] >= least, over n > 0 counts, a multiple of 64.
func atLeast() {
	text("atLeastZ", "func(marks *uint64, counts *uint8, n int, least uint8)")
	marks, counts, n := arg("marks"), arg("counts"), arg("n")
	bound, bits, found := ZMM(), GP64(), K()
	VPBROADCASTB(Load(Param("least"), GP32()), bound)
	Label("block")
	all := ZMM()
	VMOVDQU8(Mem{Base: counts}, all)
	VPCMPUB(Imm(notLess), bound, all, found)
	KMOVQ(found, bits)
	MOVQ(bits, Mem{Base: marks})
	ADDQ(U32(laneCounts), counts)
	ADDQ(U32(8), marks)
	SUBQ(U32(laneCounts), n)
	JNZ(LabelRef("block"))
	end()
}

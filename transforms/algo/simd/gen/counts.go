package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// Predicates of VPCMPUB, and of VCMPPD.
const (
	notEqual   = 4
	notLess    = 5
	greaterEq  = 29 // of VCMPPD: ordered, quiet
	laneCounts = 64 // bytes of a register
)

// counts writes the kernels of this file.
func counts() {
	addCounts()
	atLeast()
	reaching()
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

// reaching: bit i of marks = sums[i]·scale[i] >= least, over n > 0 sums, a multiple of 64.
func reaching() {
	text("reachingZ", "func(marks *uint64, sums *float64, scale *float64, n int, least float64)")
	marks, sums, scale, n := arg("marks"), arg("sums"), arg("scale"), arg("n")
	bound := ZMM()
	VBROADCASTSD(Load(Param("least"), XMM()), bound)
	Label("block")
	for i := range 8 {
		real, found := ZMM(), K()
		VMOVUPD(Mem{Base: sums, Disp: 64 * i}, real)
		VMULPD(Mem{Base: scale, Disp: 64 * i}, real, real)
		VCMPPD(Imm(greaterEq), bound, real, found)
		KMOVB(found, Mem{Base: marks, Disp: i})
	}
	ADDQ(U32(8), marks)
	ADDQ(U32(8*laneCounts), sums)
	ADDQ(U32(8*laneCounts), scale)
	SUBQ(U32(laneCounts), n)
	JNZ(LabelRef("block"))
	end()
}

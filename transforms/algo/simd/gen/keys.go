package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// above is the predicate of VPCMPUQ that asks for more.
const above = 6

// laneKeys is how many keys a register holds.
const laneKeys = 8

// split: of n keys those above pivot stay, in front, and the others go to rest, which has room for n and a register more. It returns how many stay.
// Stores are of whole registers: what they write too much is behind, and was read.
func split() {
	text("splitZ", "func(keys *uint64, n int, pivot uint64, rest *uint64) int")
	keys, n, rest := arg("keys"), arg("n"), arg("rest")
	pivot, stay, first := ZMM(), GP64(), GP64()
	VPBROADCASTQ(Load(Param("pivot"), GP64()), pivot)
	MOVQ(keys, stay)
	MOVQ(keys, first)
	all, large, small := ZMM(), ZMM(), ZMM()
	up, down := K(), K()
	Label("block")
	CMPQ(n, U8(laneKeys))
	JL(LabelRef("tail"))
	VMOVDQU64(Mem{Base: keys}, all)
	VPCMPUQ(Imm(above), pivot, all, up)
	KNOTB(up, down)
	VPCOMPRESSQ_Z(all, up, large)
	VPCOMPRESSQ_Z(all, down, small)
	VMOVDQU64(large, Mem{Base: stay})
	VMOVDQU64(small, Mem{Base: rest})
	stayed := countOf(up)
	LEAQ(Mem{Base: stay, Index: stayed, Scale: 8}, stay)
	NEGQ(stayed)
	LEAQ(Mem{Base: rest, Index: stayed, Scale: 8, Disp: 8 * laneKeys}, rest)
	ADDQ(U8(8*laneKeys), keys)
	SUBQ(U8(laneKeys), n)
	JMP(LabelRef("block"))
	Label("tail")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	known := lowMask(n)
	VMOVDQU64_Z(Mem{Base: keys}, known, all)
	VPCMPUQ(Imm(above), pivot, all, known, up)
	KANDNB(known, up, down)
	VPCOMPRESSQ_Z(all, up, large)
	VPCOMPRESSQ_Z(all, down, small)
	VMOVDQU64(small, Mem{Base: rest})
	stayed = countOf(up)
	VMOVDQU64(large, lowMask(stayed), Mem{Base: stay})
	LEAQ(Mem{Base: stay, Index: stayed, Scale: 8}, stay)
	Label("done")
	SUBQ(first, stay)
	SHRQ(U8(3), stay)
	Store(stay, ReturnIndex(0))
	end()
}

// countOf returns how many bits of a mask are set.
func countOf(mask Register) GPVirtual {
	bits := GP64()
	KMOVB(mask, bits.As32())
	POPCNTQ(bits, bits)
	return bits
}

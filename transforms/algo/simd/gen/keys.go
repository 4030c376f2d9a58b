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

// mostKeys is how many keys have room in the frame of splitZ.
const mostKeys = 256

// split moves those of n keys, of at most mostKeys, that are above pivot to the front, and returns how many there are. The others wait in its frame,
// which Go would clear. Stores are of whole registers: what they write too much is behind, and was read, or waits.
func split() {
	TEXT("splitZ", 0, "func(keys *uint64, n int, pivot uint64) int")
	Pragma("noescape")
	keys, n := arg("keys"), arg("n")
	pivot, from, stay, rest := ZMM(), GP64(), GP64(), GP64()
	VPBROADCASTQ(Load(Param("pivot"), GP64()), pivot)
	wait := AllocLocal(8 * (mostKeys + laneKeys))
	MOVQ(keys, from)
	MOVQ(keys, stay)
	LEAQ(wait, rest)
	splitLanes(pivot, n, splitTo{from, stay, rest})
	MOVQ(stay, rest)
	SUBQ(keys, rest)
	SHRQ(U8(3), rest) // how many are above
	Store(rest, ReturnIndex(0))
	SUBQ(rest, n)
	back(wait, stay, n)
	end()
}

// splitTo is where splitting is: the next key, and where those go that are above the pivot and the others.
type splitTo struct{ from, stay, rest GPVirtual }

// splitLanes moves n keys.
func splitLanes(pivot VecVirtual, n GPVirtual, at splitTo) {
	left, all, large, small := GP64(), ZMM(), ZMM(), ZMM()
	up, down := K(), K()
	move := func() {
		VPCOMPRESSQ_Z(all, up, large)
		VPCOMPRESSQ_Z(all, down, small)
		VMOVDQU64(small, Mem{Base: at.rest})
	}
	MOVQ(n, left)
	SUBQ(U8(laneKeys), left)
	JL(LabelRef("tail"))
	Label("block")
	VMOVDQU64(Mem{Base: at.from}, all)
	VPCMPUQ(Imm(above), pivot, all, up)
	KNOTB(up, down)
	move()
	VMOVDQU64(large, Mem{Base: at.stay})
	stayed := countOf(up)
	LEAQ(Mem{Base: at.stay, Index: stayed, Scale: 8}, at.stay)
	NEGQ(stayed)
	LEAQ(Mem{Base: at.rest, Index: stayed, Scale: 8, Disp: 8 * laneKeys}, at.rest)
	ADDQ(U8(8*laneKeys), at.from)
	SUBQ(U8(laneKeys), left)
	JGE(LabelRef("block"))
	Label("tail")
	ADDQ(U8(laneKeys), left)
	known := lowMask(left)
	VMOVDQU64_Z(Mem{Base: at.from}, known, all)
	VPCMPUQ(Imm(above), pivot, all, known, up)
	KANDNB(known, up, down)
	move()
	stayed = countOf(up)
	VMOVDQU64(large, lowMask(stayed), Mem{Base: at.stay})
	LEAQ(Mem{Base: at.stay, Index: stayed, Scale: 8}, at.stay)
}

// back copies n keys.
func back(from Mem, to, n GPVirtual) {
	next, some := GP64(), ZMM()
	LEAQ(from, next)
	SUBQ(U8(laneKeys), n)
	JL(LabelRef("last"))
	Label("copy")
	VMOVDQU64(Mem{Base: next}, some)
	VMOVDQU64(some, Mem{Base: to})
	ADDQ(U8(8*laneKeys), next)
	ADDQ(U8(8*laneKeys), to)
	SUBQ(U8(laneKeys), n)
	JGE(LabelRef("copy"))
	Label("last")
	ADDQ(U8(laneKeys), n)
	known := lowMask(n)
	VMOVDQU64_Z(Mem{Base: next}, known, some)
	VMOVDQU64(some, known, Mem{Base: to})
}

// countOf returns how many bits of a mask are set.
func countOf(mask Register) GPVirtual {
	bits := GP64()
	KMOVB(mask, bits.As32())
	POPCNTQ(bits, bits)
	return bits
}

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// width is the number of float32 lanes of a register.
type width int

const (
	zmm width = 16
	ymm width = 8
)

// bytes of a register.
func (w width) bytes() int { return 4 * int(w) }

// suffix of the names of kernels of this width.
func (w width) suffix() string {
	if w == zmm {
		return "Z"
	}
	return "Y"
}

// strip is the largest number of accumulators gather-axpy keeps: all registers but those for weights.
func (w width) strip() int {
	if w == zmm {
		return 16
	}
	return 12
}

// reg returns a fresh register.
func (w width) reg() VecVirtual {
	if w == zmm {
		return ZMM()
	}
	return YMM()
}

// zero returns n fresh registers of zeros.
func (w width) zero(n int) []VecVirtual {
	out := make([]VecVirtual, n)
	for i := range out {
		out[i] = w.reg()
		clearVec(w, out[i])
	}
	return out
}

func clearVec(w width, v VecVirtual) {
	if w == zmm {
		VPXORD(v, v, v)
		return
	}
	VXORPS(v, v, v)
}

// text opens a function; without the pragma every slice passed to a kernel would escape to the heap.
func text(name, signature string) {
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
}

// arg loads an integer or pointer argument.
func arg(name string) GPVirtual { return Load(Param(name), GP64()).(GPVirtual) }

// end returns from a function that used wide registers.
func end() {
	VZEROUPPER()
	RET()
}

// reduce adds all lanes of v, halves first, into lane 0 of the result.
func reduce(w width, v VecVirtual) VecVirtual {
	if w == zmm {
		y := YMM()
		VEXTRACTF64X4(Imm(1), v, y)
		VADDPS(y, v.AsY(), y)
		v = y
	}
	x, t := XMM(), XMM()
	VEXTRACTF128(Imm(1), v, x)
	VADDPS(x, v.AsX(), x)
	VMOVHLPS(x, x, t)
	VADDPS(t, x, x)
	VMOVSHDUP(x, t)
	VADDSS(t, x, x)
	return x
}

// lowMask returns a mask of the n lowest lanes, n < 16.
func lowMask(n GPVirtual) Register {
	bits, k := GP32(), K()
	MOVL(U32(0xffff), bits)
	BZHIL(n.As32(), bits, bits)
	KMOVW(bits, k)
	return k
}

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// peaks writes a loop for each instruction that tiles are made of.
func peaks() {
	peak(zmm, "peakZ", floats.multiply)
	peak(ymm, "peakY", floats.multiply)
	peak(zmm, "peakI8Z", integers.multiply)
}

// peakAccumulators hides the latency of a fused multiply-add at either width.
const peakAccumulators = 12

// peak runs n > 0 times peakAccumulators multiplications that read registers alone: what the processor can do, measured beside kernels.
func peak(w width, name string, multiply func(b, a, acc Op)) {
	text(name, "func(n int)")
	n := arg("n")
	acc, x := w.zero(peakAccumulators), w.zero(2)
	Label("loop")
	for i := range acc {
		multiply(x[0], x[1], acc[i])
	}
	DECQ(n)
	JNZ(LabelRef("loop"))
	end()
}

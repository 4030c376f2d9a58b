//go:build !purego

package simd

// peakOps are the operations of one round of peak, and peak runs n rounds of the active tier's fused multiply-adds in registers.
func peakOps() int { return 12 * 2 * map[level]int{avx512: 16, avx2: 8}[active] }

func peak(n int) {
	if active == avx512 {
		peakZ(n)
		return
	}
	peakY(n)
}

// peakI8 runs n rounds of 12 × 64 multiplications and additions of bytes.
func peakI8(n int) { peakI8Z(n) }

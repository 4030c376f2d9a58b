//go:build !purego

package simd

import "golang.org/x/sys/cpu"

// detect returns the best tier of this processor and operating system, and whether it has VNNI.
func detect() (level, bool) {
	x := cpu.X86
	switch {
	case x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasAVX2 && x.HasFMA && x.HasBMI2:
		return avx512, x.HasAVX512VNNI
	case x.HasAVX2 && x.HasFMA:
		return avx2, false
	}
	return plain, false
}

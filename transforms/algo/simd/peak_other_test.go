//go:build !amd64 || purego

package simd

func peakOps() int { return 0 }

func peak(int) {}

func peakI8(int) {}

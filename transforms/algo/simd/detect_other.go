//go:build !amd64 || purego

package simd

func detect() (level, bool) { return plain, false }

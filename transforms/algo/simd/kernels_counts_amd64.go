//go:build !purego

package simd

func addCounts(sums []float64, counts []uint8, weight float64) {
	n := 0
	if active == avx512 {
		n = len(counts) &^ (countLanes - 1)
	}
	if n > 0 {
		addCountsZ(&sums[0], &counts[0], n, weight)
	}
	addCountsGo(sums[n:], counts[n:], weight)
}

func atLeast(marks []uint64, counts []uint8, least uint8) {
	n := 0
	if active == avx512 {
		n = len(counts) &^ (countLanes - 1)
	}
	if n > 0 {
		atLeastZ(&marks[0], &counts[0], n, least)
	}
	atLeastGo(marks[n/countLanes:], counts[n:], least)
}

//go:build !purego

package simd

// wholeLanes returns how many counts fill registers, where there is a kernel for them.
func wholeLanes(counts []uint8) int {
	if active != avx512 {
		return 0
	}
	return len(counts) &^ (countLanes - 1)
}

func addCounts(sums []float64, counts []uint8, weight float64) {
	n := wholeLanes(counts)
	if n > 0 {
		addCountsZ(&sums[0], &counts[0], n, weight)
	}
	addCountsGo(sums[n:], counts[n:], weight)
}

func atLeast(marks []uint64, counts []uint8, least uint8) {
	n := wholeLanes(counts)
	if n > 0 {
		atLeastZ(&marks[0], &counts[0], n, least)
	}
	atLeastGo(marks[n/countLanes:], counts[n:], least)
}

//go:build !purego

package simd

// wholeLanes returns how many counts, or sums of them, fill registers, where there is a kernel for them.
func wholeLanes[T uint8 | float64](counts []T) int {
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

func reaching(marks []uint64, sums, scale []float64, least float64) {
	n := wholeLanes(sums)
	if n > 0 {
		reachingZ(&marks[0], &sums[0], &scale[0], n, least)
	}
	reachingGo(marks[n/countLanes:], sums[n:], scale[n:], least)
}

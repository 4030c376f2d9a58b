package simd

import "math"

func addAtGo(sum []float32, at []int32, x []float32, w float32, fresh []int32) (n int) {
	for i, j := range at {
		if uint(j) >= uint(len(sum)) {
			return -1
		}
		if e := float32(w * x[i]); e > 0 {
			if math.Float32bits(sum[j]) == 0 {
				fresh[n] = j
				n++
			}
			sum[j] += e
		}
	}
	return n
}

// keepAtGo compares bits, as floats from 0 on may be.
func keepAtGo(sum []float32, at []int32, least uint32, kept []int32) (n int) {
	for _, j := range at {
		if uint(j) >= uint(len(sum)) {
			return -1
		}
		if math.Float32bits(sum[j]) >= least {
			kept[n] = j
			n++
		}
	}
	return n
}

func clearAtGo(sum []float32, at []int32) int {
	for _, j := range at {
		if uint(j) >= uint(len(sum)) {
			return -1
		}
		sum[j] = 0
	}
	return 0
}

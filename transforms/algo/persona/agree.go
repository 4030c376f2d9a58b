package persona

// Agreement returns the adjusted Rand index of two cuts of the same rows: 1 = the same groups under any names, about 0 = no
// more in common than chance gives; 1 when both cut nothing apart, or everything.
//
// Source: Hubert and Arabie, Comparing partitions (1985), equation 5.
func Agreement(a, b []int32) float64 {
	both, left, right := map[[2]int32]float64{}, map[int32]float64{}, map[int32]float64{}
	for i := range a {
		both[[2]int32{a[i], b[i]}]++
		left[a[i]]++
		right[b[i]]++
	}
	joint, l, r := pairs(both), pairs(left), pairs(right)
	n := float64(len(a))
	expected := 0.0
	if all := n * (n - 1) / 2; all > 0 {
		expected = l * r / all
	}
	most := (l + r) / 2
	if most == expected {
		return 1
	}
	return (joint - expected) / (most - expected)
}

// pairs returns the pairs of rows within groups: whole numbers, so that the order of summing changes nothing.
func pairs[K comparable](sizes map[K]float64) (sum float64) {
	for _, n := range sizes {
		sum += n * (n - 1) / 2
	}
	return sum
}

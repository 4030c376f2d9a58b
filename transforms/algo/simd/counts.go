package simd

// EscapedCount is a count that stands for one that no byte holds.
const EscapedCount = 255

// countLanes is how many counts a register holds, and a word of marks.
const countLanes = 64

// AddCounts adds weight·counts[i] to sums[i], the product rounded, the same bits at every tier; a count that is escaped adds nothing. Sums of no count
// keep their value, but that -0 may become 0.
func AddCounts(sums []float64, counts []uint8, weight float64) {
	if len(sums) != len(counts) {
		wrong("AddCounts: %d sums of %d counts", len(sums), len(counts))
	}
	if len(sums) > 0 {
		addCounts(sums, counts, weight)
	}
}

// AtLeast sets bit i%64 of marks[i/64] where counts[i] is at least a bound, and clears all others.
func AtLeast(marks []uint64, counts []uint8, least uint8) {
	if len(marks) != (len(counts)+countLanes-1)/countLanes {
		wrong("AtLeast: %d words for %d counts", len(marks), len(counts))
	}
	if len(counts) > 0 {
		atLeast(marks, counts, least)
	}
}

// Reaching sets bit i%64 of marks[i/64] where sums[i]·scale[i], the product rounded, is at least a bound, and clears all others; the same at every tier.
func Reaching(marks []uint64, sums, scale []float64, least float64) {
	if len(marks) != (len(sums)+countLanes-1)/countLanes || len(sums) != len(scale) {
		wrong("Reaching: %d words for %d sums, scaled by %d", len(marks), len(sums), len(scale))
	}
	if len(sums) > 0 {
		reaching(marks, sums, scale, least)
	}
}

package metrics

// Of the songs of a playlist at most MaxSeeds, and at most half, are given; at least minHidden are asked for.
const (
	MaxSeeds  = 25
	minHidden = 5
)

// Hide cuts a playlist, each song once however often given, into the songs that are given, its first ones, and the others, which are to be
// found; false when it is too short for that.
func Hide(songs []int32) (seeds, hidden []int32, ok bool) {
	seen := make(map[int32]bool, len(songs))
	kept := make([]int32, 0, len(songs))
	for _, s := range songs {
		if !seen[s] {
			seen[s] = true
			kept = append(kept, s)
		}
	}
	n := min(MaxSeeds, len(kept)/2)
	return kept[:n], kept[n:], n > 0 && len(kept)-n >= minHidden
}

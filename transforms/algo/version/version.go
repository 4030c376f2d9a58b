// Package version finds the recordings behind versions: remasters, live cuts and covers that name their main version.
//
//	version.go  Main
package version

import "sort"

// MaxSteps bounds how far a chain of versions is followed: what is longer, or a circle, ends there.
const MaxSteps = 4

// Main returns, for each song, the index of the song at the end of its chain of main versions; itself without one.
//
// In:     ids ascending; versionOf[i] is the id of the main version of song i, "" = none.
// Errors: an id that is unknown ends the chain; a circle is as many recordings as it has songs.
// Cost:   O(S log S).
func Main(ids, versionOf []string) []int32 {
	out := make([]int32, len(ids))
	for i := range out {
		at := i
		for range MaxSteps {
			if versionOf[at] == "" {
				break
			}
			next := sort.SearchStrings(ids, versionOf[at])
			if next == len(ids) || ids[next] != versionOf[at] || next == at {
				break
			}
			at = next
		}
		out[i] = int32(at)
	}
	return out
}

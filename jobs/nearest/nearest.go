// Package nearest finds the known names that resemble a mistyped one.
package nearest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Names returns up to n of the known names that are closest to want: by edit distance without regard to case, ties by name.
// A name that contains want comes before others of the same distance; one that does not, and differs in more than half its
// letters, is left out. Cost: O(len(want)·len(name)) a name.
func Names(want string, known []string, n int) []string {
	type candidate struct {
		name  string
		score int
	}
	var found []candidate
	low := strings.ToLower(want)
	for _, name := range known {
		k := strings.ToLower(name)
		score := 2 * distance(low, k)
		contains := low != "" && strings.Contains(k, low)
		if contains {
			score--
		}
		if contains || score <= max(len(low), len(k)) {
			found = append(found, candidate{name, score})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(a.name, b.name))
	})
	found = slices.CompactFunc(found, func(a, b candidate) bool { return a.name == b.name })
	var out []string
	for _, c := range found[:min(n, len(found))] {
		out = append(out, c.name)
	}
	return out
}

// Hint returns ": did you mean a, b or c?" for the closest known names, or ": known are …" when none is close and few are known.
func Hint(want string, known []string) string {
	if near := Names(want, known, 3); len(near) > 0 {
		return ": did you mean " + or(near) + "?"
	}
	if 0 < len(known) && len(known) <= 16 {
		return ": known are " + strings.Join(known, ", ")
	}
	return ""
}

func or(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return fmt.Sprintf("%s or %s", strings.Join(names[:last], ", "), names[last])
}

// distance is the Levenshtein distance in bytes, two rows of the table at a time.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

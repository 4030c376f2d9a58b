// Package nearest finds the known names that resemble a mistyped one.
package nearest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Names returns up to n of the known names that are closest to want, as Closest does, without those that neither contain want
// nor agree with it in half their letters: the rest are no typing errors.
func Names(want string, known []string, n int) []string {
	return names(want, known, n, func(low, name string, distance int) bool {
		return (low != "" && strings.Contains(name, low)) || 2*distance <= max(len(low), len(name))
	})
}

// Closest returns the n known names that are closest to want, however far: by edit distance without regard to case, one that
// contains want first, ties by name. Cost: O(len(want)·len(name)) a name.
func Closest(want string, known []string, n int) []string {
	return names(want, known, n, func(string, string, int) bool { return true })
}

func names(want string, known []string, n int, keep func(low, name string, distance int) bool) []string {
	type candidate struct {
		name  string
		score int
	}
	var found []candidate
	low := strings.ToLower(want)
	for _, name := range known {
		k := strings.ToLower(name)
		d := distance(low, k)
		if !keep(low, k, d) {
			continue
		}
		score := 2 * d
		if strings.Contains(k, low) {
			score--
		}
		found = append(found, candidate{name, score})
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

// Among returns ": the nearest are a, b or c", for names that are data: there the closest help even when they are far.
func Among(want string, known []string) string {
	if near := Closest(want, known, 3); len(near) > 0 {
		return ": the nearest are " + or(near)
	}
	return ""
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

package scoring

import (
	"slices"
	"strings"
)

// Markets numbers the sets of countries that songs may be played in; set 0 is everywhere. The zero value is empty.
type Markets struct {
	numbers map[string]int32
	sets    [][]string
}

// Number returns the number of a set of countries; an empty one is everywhere.
func (m *Markets) Number(countries []string) int32 {
	if len(countries) == 0 {
		return 0
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(countries)))
	key := strings.Join(sorted, ",")
	n, ok := m.numbers[key]
	if !ok {
		if m.numbers == nil {
			m.numbers, m.sets = map[string]int32{}, [][]string{nil}
		}
		n = int32(len(m.sets))
		m.numbers[key], m.sets = n, append(m.sets, sorted)
	}
	return n
}

// open returns, by set, whether its songs may be played in a country; everywhere when the country is unknown.
func (m *Markets) open(country string) []bool {
	out := make([]bool, max(1, len(m.sets)))
	for i := range out {
		out[i] = i == 0 || country == "" || slices.Contains(m.sets[i], country)
	}
	return out
}

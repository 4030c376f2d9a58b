package persona

import (
	"cmp"
	"slices"

	"segue/transforms/algo/kmeans"
)

// numbers returns the personas that rows had last night, ascending.
func numbers(last []int32) []int32 {
	ids := slices.DeleteFunc(slices.Clone(last), func(id int32) bool { return id < 0 })
	slices.Sort(ids)
	return slices.Compact(ids)
}

// carryOn continues last night's personas from the means of their members in tonight's rows.
func carryOn(rows []float32, dim int, last, ids []int32, stability float64) Model {
	assign := make([]int32, len(last))
	for i, id := range last {
		at, known := slices.BinarySearch(ids, id)
		if assign[i] = int32(at); !known {
			assign[i] = None
		}
	}
	m := Model{IDs: ids, Centres: make([]float32, len(ids)*dim), Assign: make([]int32, len(last)), Stability: stability}
	for range iterations {
		means(m.Centres, rows, dim, assign)
		kmeans.Nearest(rows, dim, m.Centres, false, m.Assign)
		if slices.Equal(assign, m.Assign) {
			break
		}
		copy(assign, m.Assign)
	}
	return m
}

// means sets each centre to the mean of its rows, summed in their order; a centre without rows stays.
func means(centres, rows []float32, dim int, assign []int32) {
	sums, counts := make([]float64, len(centres)), make([]float64, len(centres)/dim)
	for i, of := range assign {
		if of < 0 {
			continue
		}
		counts[of]++
		for d, x := range rows[i*dim : (i+1)*dim] {
			sums[int(of)*dim+d] += float64(x)
		}
	}
	for i, sum := range sums {
		if n := counts[i/dim]; n > 0 {
			centres[i] = float32(sum / n)
		}
	}
}

// continued returns the number of each new persona: that of the old one it shares most members with, most first, each old
// one once; else the next numbers after all old ones.
func continued(assign []int32, k int, last []int32) []int32 {
	shared := map[[2]int32]int{}
	next := int32(0)
	for i, id := range last {
		if id >= 0 {
			shared[[2]int32{assign[i], id}]++
			next = max(next, id+1)
		}
	}
	type match struct {
		persona, id int32
		members     int
	}
	var matches []match
	for k, n := range shared {
		matches = append(matches, match{k[0], k[1], n})
	}
	slices.SortFunc(matches, func(a, b match) int {
		return cmp.Or(cmp.Compare(b.members, a.members), cmp.Compare(a.id, b.id), cmp.Compare(a.persona, b.persona))
	})
	out, taken := slices.Repeat([]int32{None}, k), map[int32]bool{}
	for _, m := range matches {
		if out[m.persona] == None && !taken[m.id] {
			out[m.persona], taken[m.id] = m.id, true
		}
	}
	for i := range out {
		if out[i] == None {
			out[i] = next
			next++
		}
	}
	return out
}

package kmeans

import (
	"segue/transforms/algo/simd"
	"segue/transforms/algo/topk"
	"segue/transforms/algo/vec"
)

// moved reports of each cell whether rows came or went; of every cell if there was none before.
func (f *fitter) moved(before, assign []int32, first bool) []bool {
	out := make([]bool, f.k)
	for i, c := range assign {
		if b := before[i]; first || b != c {
			out[b], out[c] = true, true
		}
	}
	return out
}

// update moves every centre whose rows moved to the mean of its rows; centres without rows move to the rows farthest from theirs.
func (f *fitter) update(assign []int32, moved []bool) {
	start, items := byCell(assign, f.k)
	var dist []float32
	var empty []int
	for c := range f.k {
		if start[c] == start[c+1] {
			empty = append(empty, c)
		}
	}
	if len(empty) > 0 {
		dist = f.distances(f.centres, assign)
	}
	eachCell(f.k, f.n, func(c int) {
		if moved[c] && start[c] < start[c+1] {
			f.mean(c, items[start[c]:start[c+1]])
		}
	})
	if len(empty) == 0 {
		return
	}
	var far topk.List
	far.Reset(len(empty))
	for i, d := range dist {
		if d > 0 {
			far.Push(int32(i), float32(f.weight(int32(i)))*d)
		}
	}
	for r, e := range far.Sorted() {
		copy(f.centres[empty[r]*f.dim:(empty[r]+1)*f.dim], f.row(e.ID))
		if f.spherical {
			vec.Unit(f.centres[empty[r]*f.dim : (empty[r]+1)*f.dim])
		}
	}
}

// mean sets centre c to the weighted mean of rows; a spherical centre whose rows cancel out stays.
func (f *fitter) mean(c int, rows []int32) {
	sum, total := make([]float64, f.dim), float64(len(rows))
	if f.weights == nil {
		simd.SumRows(sum, f.rows, rows)
	} else {
		total = f.weighted(sum, rows)
	}
	mean := make([]float32, f.dim)
	for k, v := range sum {
		mean[k] = float32(v / total)
	}
	if f.spherical && !vec.Unit(mean) {
		return
	}
	copy(f.centres[c*f.dim:], mean)
}

// weighted adds rows by their weights to sum and returns the weights' sum.
func (f *fitter) weighted(sum []float64, rows []int32) (total float64) {
	for _, i := range rows {
		w := f.weight(i)
		total += w
		for k, v := range f.row(i) {
			sum[k] += float64(w * float64(v))
		}
	}
	return total
}

// eachCell calls f for each of k cells of some rows, on as many cores as there are blocks of rows.
func eachCell(k, rows int, f func(c int)) {
	parts := min(k, vec.Blocks(rows))
	vec.Each(parts, func(first int) {
		for c := first; c < k; c += parts {
			f(c)
		}
	})
}

// byCell returns the rows of each cell ascending: those of cell c are items[start[c]:start[c+1]].
func byCell(assign []int32, k int) (start, items []int32) {
	start = make([]int32, k+1)
	for _, c := range assign {
		start[c+1]++
	}
	for c := range k {
		start[c+1] += start[c]
	}
	next := append([]int32(nil), start[:k]...)
	items = make([]int32, len(assign))
	for i, c := range assign {
		items[next[c]] = int32(i)
		next[c]++
	}
	return start, items
}

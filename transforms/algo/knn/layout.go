package knn

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"segue/transforms/algo/simd"
	"segue/transforms/algo/vec"
)

// BlockRows is how many rows, side by side in a layout, are searched together: whole tiles both ways.
const BlockRows = 8 * simd.TileRows // = 3·simd.TileCols

// Training of the cells: rows a cell at the first level, updates at both.
const (
	cellSample     = 128
	cellIterations = 4
)

// Layout orders rows so that near ones stand together; rows that take part in no search are left out.
type Layout struct {
	Base    []int32 // base row at each position
	Queries []int32 // query at each position; the same slice if the base is searched in itself
	Rest    []int32 // rows of a base searched in itself that are in no list and have one: those of weight 0
}

// Arrange returns the layout of a problem: cells of about BlockRows rows within larger cells, each beside its nearest, and those of strong
// base rows (long or heavy ones, found in lists near and far) apart from those of weak ones.
// Rows of zeros are left out, base rows of weight 0 too; a base searched in itself holds the latter as Rest.
// Errors: those of Problem.Validate. Cost: about 20·rows^1.5·Dim/√BlockRows flops.
func Arrange(p Problem, seed uint64) (Layout, error) {
	if err := p.Validate(); err != nil {
		return Layout{}, fmt.Errorf("arrange rows: %w", err)
	}
	var base []int32
	for _, class := range classes(p) {
		part, err := arrange(p.Base, p.Dim, class, seed)
		if err != nil {
			return Layout{}, err
		}
		base = append(base, part...)
	}
	if p.self() {
		rest, err := arrange(p.Base, p.Dim, p.rest(), seed)
		return Layout{base, base, rest}, err
	}
	queries, err := arrange(p.Queries, p.Dim, notZero(p.Queries, p.Dim), seed)
	return Layout{base, queries, nil}, err
}

// rest returns the base rows of weight 0 that are not all zero.
func (p Problem) rest() []int32 {
	if p.Weight == nil {
		return nil
	}
	return slices.DeleteFunc(notZero(p.Base, p.Dim), func(i int32) bool { return p.Weight[i] != 0 })
}

// A class holds rows of a strength within classRatio, and at least classRows rows.
const (
	classRatio = 1.7
	classRows  = 2 * BlockRows
)

// classes cuts the base rows that may be found by strength, weight times length, strongest first; within a class by number.
func classes(p Problem) [][]int32 {
	n := len(p.Base) / p.Dim
	strength := make([]float64, n)
	var ids []int32
	for j := range n {
		strength[j] = float64(p.weight(int32(j))) * math.Sqrt(vec.SquaredNorm(p.Base[j*p.Dim:(j+1)*p.Dim]))
		if strength[j] > 0 {
			ids = append(ids, int32(j))
		}
	}
	slices.SortFunc(ids, func(a, b int32) int { return cmp.Or(cmp.Compare(strength[b], strength[a]), cmp.Compare(a, b)) })
	var out [][]int32
	for len(ids) > 0 {
		end := min(classRows, len(ids))
		for end < len(ids) && strength[ids[end]]*classRatio > strength[ids[0]] {
			end++
		}
		if len(ids)-end < classRows {
			end = len(ids)
		}
		slices.Sort(ids[:end])
		out = append(out, ids[:end])
		ids = ids[end:]
	}
	return out
}

// arrange returns the rows ids in the order of their cells.
func arrange(rows []float32, dim int, ids []int32, seed uint64) ([]int32, error) {
	blocks := (len(ids) + BlockRows - 1) / BlockRows
	if blocks < 3 {
		return ids, nil
	}
	large, err := cells(rows, dim, ids, int(math.Sqrt(float64(blocks))), seed)
	if err != nil {
		return nil, err
	}
	parts, errs := make([][][]int32, len(large)), make([]error, len(large))
	vec.Each(len(large), func(c int) {
		parts[c], errs[c] = cells(rows, dim, large[c], (len(large[c])+BlockRows-1)/BlockRows, seed)
	})
	small, err := slices.Concat(parts...), errors.Join(errs...)
	for range moves {
		if err == nil {
			small, err = move(rows, dim, small)
		}
	}
	return slices.Concat(small...), err
}

func zero(row []float32) bool {
	for _, v := range row {
		if v != 0 {
			return false
		}
	}
	return true
}

package knn

import (
	"fmt"
	"math"
	"slices"

	"segue/transforms/algo/vec"
)

// Index is a problem laid out for searching.
type Index struct {
	params  Params
	self    bool
	base    *side
	queries *side
	screen  screen
	near    *graph  // nil = every block meets every block
	reach   float64 // how far each query looks beyond them, see reach.go; 0 = not at all
}

// side is one of the two sets of rows, by position.
type side struct {
	dim    int
	order  []int32   // row number
	rows   []float32 // [len(order)×dim]
	weight []float32 // factor of scores with this row; base only
	twin   []int32   // position in the base of the same thing, -1 = none; queries only
	means  []float32 // [blocks×dim] mean row of each block, weighted
	spread []float32 // [blocks] root of the mean squared distance of a block's rows from their mean
}

// NewIndex prepares the search of a problem by a layout of it. It copies the rows.
// Errors: those of Params.Validate; a layout of another problem.
// Memory: base rows once as they are and as panels both ways: 7·Dim bytes a row with int8, else 12·Dim; queries of their own as well.
func NewIndex(p Problem, l Layout, params Params) (*Index, error) {
	if err := params.Validate(); err != nil {
		return nil, fmt.Errorf("index rows: %w", err)
	}
	if !fits(l.Base, len(p.Base)/p.Dim) || !fits(l.Rest, len(p.Base)/p.Dim) || !fits(l.Queries, len(p.queries())/p.Dim) {
		return nil, fmt.Errorf("index rows: the layout is of another problem than of %d rows and %d queries", len(p.Base)/p.Dim, len(p.queries())/p.Dim)
	}
	x := &Index{params: params, self: p.self(), base: newSide(p.Base, p.Dim, l.Base, p.Weight)}
	if x.queries = x.base; !x.self {
		x.queries = newSide(p.Queries, p.Dim, l.Queries, nil)
	}
	x.queries.twin = twins(l, len(p.Base)/p.Dim, p.self(), p.Same)
	x.screen = newScreen(x)
	return x.meeting(params.Near), nil
}

// Rest returns the index of the same base whose queries are the base rows that are in no list.
func (x *Index) Rest(p Problem, l Layout) *Index {
	s := newSide(p.Base, p.Dim, l.Rest, nil)
	s.twin = slices.Repeat([]int32{-1}, len(l.Rest))
	return x.asked(s).meeting(x.params.Near)
}

// asked returns the exact index of the same base for other queries.
func (x *Index) asked(queries *side) *Index {
	return &Index{params: x.params, base: x.base, queries: queries, screen: x.screen.with(queries)}
}

func fits(order []int32, n int) bool {
	for _, i := range order {
		if i < 0 || int(i) >= n {
			return false
		}
	}
	return true
}

// Bytes returns what the rows take, mapped, copied and in bytes.
func (x *Index) Bytes() int64 {
	rows := len(x.base.rows)
	if !x.self {
		rows += len(x.queries.rows)
	}
	return 10 * int64(rows)
}

// Itself reports whether queries are the base: a search in slices makes the products of two of them twice.
func (x *Index) Itself() bool { return x.self }

// Positions returns how many queries have a list.
func (x *Index) Positions() int { return len(x.queries.order) }

func newSide(rows []float32, dim int, order []int32, weight []float32) *side {
	s := &side{dim: dim, order: order, rows: make([]float32, len(order)*dim), weight: make([]float32, len(order))}
	s.means, s.spread = make([]float32, s.blocks()*dim), make([]float32, s.blocks())
	vec.Each(s.blocks(), func(b int) {
		lo, hi := s.block(b)
		mean := s.means[b*dim : (b+1)*dim]
		for at := lo; at < hi; at++ {
			i := order[at]
			s.weight[at] = 1
			if weight != nil {
				s.weight[at] = weight[i]
			}
			copy(s.row(at), rows[int(i)*dim:int(i+1)*dim])
			vec.Axpy(s.weight[at]/float32(hi-lo), s.row(at), mean)
		}
		var square float64
		for at := lo; at < hi; at++ {
			square += float64(s.weight[at]) * float64(s.weight[at]) * vec.SquaredNorm(s.row(at)) / float64(hi-lo)
		}
		s.spread[b] = float32(math.Sqrt(max(0, square-vec.SquaredNorm(mean))))
	})
	return s
}

func (s *side) row(at int) []float32 { return s.rows[at*s.dim : (at+1)*s.dim] }

func (s *side) blocks() int { return (len(s.order) + BlockRows - 1) / BlockRows }

// positions returns the position of every row number; 0 for those without one.
func (s *side) positions() []int32 {
	var out []int32
	for at, i := range s.order {
		if more := int(i) + 1 - len(out); more > 0 {
			out = append(out, make([]int32, more)...)
		}
		out[i] = int32(at)
	}
	return out
}

// block returns the positions [lo,hi) of block b.
func (s *side) block(b int) (lo, hi int) {
	return b * BlockRows, min((b+1)*BlockRows, len(s.order))
}

// twins returns where in the base each query is; n is the number of base rows.
func twins(l Layout, n int, self, same bool) []int32 {
	out := make([]int32, len(l.Queries))
	if self {
		for at := range out {
			out[at] = int32(at)
		}
		return out
	}
	where := make([]int32, n)
	for i := range where {
		where[i] = -1
	}
	if same {
		for at, i := range l.Base {
			where[i] = int32(at)
		}
	}
	for at, i := range l.Queries {
		if out[at] = -1; same {
			out[at] = where[i]
		}
	}
	return out
}

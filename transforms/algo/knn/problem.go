package knn

import (
	"errors"
	"fmt"
	"math"
)

// Problem is what is searched: score(i → j) = Weight[j] · (Queries[i] · Base[j]).
type Problem struct {
	Dim     int
	Base    []float32 // [N×Dim]
	Weight  []float32 // [N] factor of a base row's scores; 0 = in no list, though it has one; nil = 1 each
	Queries []float32 // [Q×Dim]; nil = the base itself, which is half the work: each product serves two rows
	// Same says that query i and base row i are one thing and not its own neighbour; always so if Queries is nil.
	Same bool
}

// Params decides how far and how deep to search.
type Params struct {
	K    int // entries a list at most
	Near int // base blocks a block of queries meets, the nearest ones; 0 = all: the search is exact
	// Floats screens with float32 although this processor is faster with int8: the same lists, later.
	Floats bool
}

// maxLength bounds the length of rows and weights, so that no score overflows.
const maxLength = 1e9

// Validate reports every parameter out of range.
func (p Params) Validate() error {
	var errs []error
	if p.K < 1 {
		errs = append(errs, fmt.Errorf("k is %d, must be at least 1", p.K))
	}
	if p.Near < 0 {
		errs = append(errs, fmt.Errorf("near is %d, must be at least 0", p.Near))
	}
	return errors.Join(errs...)
}

// Popularity returns n^g of every count, 1 for counts below 1: the weight of a song that is in n playlists.
func Popularity(n []int32, g float64) []float32 {
	out := make([]float32, len(n))
	for j, c := range n {
		out[j] = float32(math.Pow(float64(max(c, 1)), g))
	}
	return out
}

func (p Problem) self() bool { return p.Queries == nil }

func (p Problem) queries() []float32 {
	if p.self() {
		return p.Base
	}
	return p.Queries
}

func (p Problem) weight(j int32) float32 {
	if p.Weight == nil {
		return 1
	}
	return p.Weight[j]
}

// Validate reports lengths that do not fit, and the first number that is not finite or too large.
func (p Problem) Validate() error {
	if p.Dim < 1 || len(p.Base)%p.Dim != 0 || len(p.Queries)%p.Dim != 0 {
		return fmt.Errorf("%d and %d numbers are not rows of %d", len(p.Base), len(p.Queries), p.Dim)
	}
	if p.Weight != nil && len(p.Weight) != len(p.Base)/p.Dim {
		return fmt.Errorf("%d weights of %d rows", len(p.Weight), len(p.Base)/p.Dim)
	}
	if p.Same && len(p.queries()) != len(p.Base) {
		return fmt.Errorf("%d queries are not the %d rows of the base", len(p.queries())/p.Dim, len(p.Base)/p.Dim)
	}
	for j, w := range p.Weight {
		if !(w >= 0 && w <= maxLength) {
			return fmt.Errorf("weight %d is %v, must be in 0..%g", j, w, float64(maxLength))
		}
	}
	if i := badRow(p.Base, p.Dim); i >= 0 {
		return fmt.Errorf("base row %d is not finite or longer than %g", i, float64(maxLength))
	}
	if i := badRow(p.Queries, p.Dim); i >= 0 {
		return fmt.Errorf("query %d is not finite or longer than %g", i, float64(maxLength))
	}
	return nil
}

// badRow returns the first row that cannot be searched, -1 for none.
func badRow(rows []float32, dim int) int {
	for at := 0; at < len(rows); at += dim {
		var square float64
		for _, v := range rows[at : at+dim] {
			square += float64(v) * float64(v)
		}
		if !(square <= maxLength*maxLength) {
			return at / dim
		}
	}
	return -1
}

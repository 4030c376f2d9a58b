package parquetio

import (
	"fmt"
	"iter"
	"runtime/debug"
)

// aheadRows are handed over at once.
const aheadRows = 1024

// Ahead yields rows that are made by another core meanwhile, some thousands ahead. It ends when they are no longer made; a panic there is
// an error here.
func Ahead[T any](rows iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		made, unwanted := make(chan stack[T], 2), make(chan struct{})
		go func() {
			defer close(made)
			give := func(s stack[T]) bool {
				select {
				case made <- s:
					return true
				case <-unwanted:
					return false
				}
			}
			defer func() {
				if p := recover(); p != nil {
					give(stack[T]{err: fmt.Errorf("panic: %v\n%s", p, debug.Stack())})
				}
			}()
			pile(rows, give)
		}()
		defer func() {
			close(unwanted)
			for range made {
			}
		}()
		for s := range made {
			for _, row := range s.rows {
				if !yield(row, nil) {
					return
				}
			}
			if s.err != nil {
				var none T
				yield(none, s.err)
				return
			}
		}
	}
}

// stack is rows, and the error that comes after them.
type stack[T any] struct {
	rows []T
	err  error
}

// pile gives rows to take until it wants no more.
func pile[T any](rows iter.Seq2[T, error], take func(stack[T]) bool) {
	s := stack[T]{}
	for row, err := range rows {
		if s.err = err; err != nil {
			break
		}
		if s.rows = append(s.rows, row); len(s.rows) < aheadRows {
			continue
		}
		if !take(s) {
			return
		}
		s.rows = make([]T, 0, aheadRows)
	}
	take(s)
}

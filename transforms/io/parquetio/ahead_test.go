package parquetio

import (
	"errors"
	"strings"
	"testing"
)

// Ahead yields what it is given, rows before an error too, and stops those who make rows when they are not wanted.
func TestAheadYieldsWhatItIsGiven(t *testing.T) {
	errLate := errors.New("late")
	for _, n := range []int{0, 1, aheadRows - 1, aheadRows, 10*aheadRows + 7} {
		for _, fail := range []error{nil, errLate} {
			ended := false // seen by the race detector if it is set by nobody we waited for
			made := func(yield func(int, error) bool) {
				defer func() { ended = true }()
				for i := range n {
					if !yield(i, nil) {
						return
					}
				}
				if fail != nil {
					yield(0, fail)
				}
			}
			got := 0
			var last error
			for row, err := range Ahead(made) {
				if last = err; err != nil {
					continue
				}
				if row != got {
					t.Fatalf("row %d of %d is %d", got, n, row)
				}
				got++
			}
			if got != n || last != fail || !ended {
				t.Errorf("%d rows of %d, then %v, want %v; ended %v", got, n, last, fail, ended)
			}
			for range Ahead(made) {
				break
			}
			if !ended {
				t.Error("rows are made after nobody wants them")
			}
		}
	}
}

// A panic of those who make rows is an error of those who read them.
func TestAheadOfAPanic(t *testing.T) {
	var last error
	for _, err := range Ahead(func(yield func(int, error) bool) {
		yield(1, nil)
		panic("out of rows")
	}) {
		last = err
	}
	if last == nil || !strings.Contains(last.Error(), "out of rows") {
		t.Errorf("it ended with %v", last)
	}
}

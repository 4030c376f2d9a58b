package cells_test

import (
	"math/rand/v2"
	"testing"

	"segue/transforms/algo/cells"
	"segue/transforms/algo/cells/cellstest"
)

// Sums and squares of any size obey the laws.
func TestSumsLaws(t *testing.T) {
	square := func(r *rand.Rand) cells.Wide { return cells.Square(r.Int64() >> r.IntN(63)) }
	cellstest.Laws(t, square)
	cellstest.Laws(t, func(r *rand.Rand) cells.Sums {
		return cells.Sums{Listeners: r.Int64N(9), Plays: r.Int64N(99), Skips: r.Int64N(9), Weight: r.Int64N(1 << 40), Half: r.Int64N(1 << 40), Squares: square(r)}
	})
}

package preferences

import (
	"math/rand/v2"
	"testing"

	"segue/transforms/algo/cells/cellstest"
)

// What became of listens adds up by the laws of all sums.
func TestFatesLaws(t *testing.T) {
	cellstest.Laws(t, func(r *rand.Rand) fates { return fates{r.Int64N(9), r.Int64N(9), r.Int64N(9)} })
}

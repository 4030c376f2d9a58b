// Package cellstest holds sums to the laws of package cells.
//
//	laws.go  Laws
package cellstest

import (
	"math/rand/v2"
	"testing"

	"segue/transforms/algo/cells"
)

// Sum is a value whose sums can be compared.
type Sum[V any] interface {
	comparable
	cells.Value[V]
}

// Laws fails t unless Plus of values drawn by one is associative and commutative, the zero value is neutral, and values summed
// in parts and in any order give what they give one after the other.
func Laws[V Sum[V]](t *testing.T, one func(*rand.Rand) V) {
	t.Helper()
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 11))
		values := make([]V, 3+r.IntN(30))
		for i := range values {
			values[i] = one(r)
		}
		a, b, c := values[0], values[1], values[2]
		var zero V
		switch whole := sum(values); {
		case a.Plus(b.Plus(c)) != a.Plus(b).Plus(c):
			t.Fatalf("seed %d: %+v, %+v and %+v are not associative", seed, a, b, c)
		case a.Plus(b) != b.Plus(a):
			t.Fatalf("seed %d: %+v and %+v are not commutative", seed, a, b)
		case a.Plus(zero) != a || zero.Plus(a) != a:
			t.Fatalf("seed %d: zero changes %+v", seed, a)
		default:
			r.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
			cut := r.IntN(len(values))
			if parts := sum(values[cut:]).Plus(sum(values[:cut])); parts != whole {
				t.Fatalf("seed %d: parts give %+v, the whole %+v", seed, parts, whole)
			}
		}
	}
}

func sum[V Sum[V]](values []V) (out V) {
	for _, v := range values {
		out = out.Plus(v)
	}
	return out
}

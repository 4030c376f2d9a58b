package sessions

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

const minute = int64(60e6)

// naive sorts all plays, drops repetitions and cuts wherever the silence since the latest end is longer than the gap.
func naive(plays []Play, gap time.Duration) []Session {
	plays = slices.Clone(plays)
	slices.SortFunc(plays, func(p, q Play) int { return cmp.Or(order(p, q), content(p, q)) })
	var out []Session
	for i, p := range plays {
		if i > 0 && order(plays[i-1], p) == 0 {
			continue
		}
		if n := len(out); n > 0 && p.At-out[n-1].until <= gap.Microseconds() {
			out[n-1].Plays = append(out[n-1].Plays, p)
			out[n-1].until = max(out[n-1].until, end(p))
			continue
		}
		out = append(out, Session{Plays: []Play{p}, until: end(p)})
	}
	return out
}

func accOf(gap time.Duration, plays ...Play) *Acc {
	a := &Acc{Gap: gap}
	for _, p := range plays {
		a.Add(p)
	}
	return a
}

func merged(gap time.Duration, parts ...*Acc) *Acc {
	a := &Acc{Gap: gap}
	for _, p := range parts {
		a.Merge(p)
	}
	return a
}

// randomPlays draws plays close enough to join, overlap and split; an event has one content wherever it appears.
func randomPlays(r *rand.Rand, n int) []Play {
	plays := make([]Play, n)
	for i := range plays {
		p := Play{At: r.Int64N(60) * 10 * minute, ID: fmt.Sprint(r.IntN(3)), PlayedMs: Unknown, Song: fmt.Sprint("s", i)}
		if r.IntN(2) == 0 {
			p.PlayedMs = r.Int64N(40) * 60_000
		}
		p.Skipped = r.IntN(4) == 0
		plays[i] = p
	}
	plays = naivelyUnique(plays)
	return append(plays, plays[:r.IntN(len(plays)+1)]...) // delivered twice
}

func naivelyUnique(plays []Play) []Play {
	var out []Play
	for _, p := range plays {
		if !slices.ContainsFunc(out, func(q Play) bool { return order(p, q) == 0 }) {
			out = append(out, p)
		}
	}
	return out
}

func equal(a *Acc, want []Session) bool {
	return len(a.open) == 0 && len(want) == 0 || reflect.DeepEqual(a.open, want)
}

// Any order, any split and any way of merging gives what the naive cut of the whole gives; empty is neutral.
func TestLaws(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	gap := 30 * time.Minute
	for range 2000 {
		plays := randomPlays(r, 1+r.IntN(25))
		want := naive(plays, gap)
		r.Shuffle(len(plays), func(i, j int) { plays[i], plays[j] = plays[j], plays[i] })
		i := r.IntN(len(plays) + 1)
		j := i + r.IntN(len(plays)-i+1)
		a, b, c := accOf(gap, plays[:i]...), accOf(gap, plays[i:j]...), accOf(gap, plays[j:]...)
		for name, got := range map[string]*Acc{
			"whole": accOf(gap, plays...), "(ab)c": merged(gap, merged(gap, a, b), c), "a(bc)": merged(gap, a, merged(gap, b, c)),
			"cba": merged(gap, c, b, a), "neutral": merged(gap, &Acc{Gap: gap}, a, &Acc{Gap: gap}, b, c),
		} {
			if !equal(got, want) {
				t.Fatalf("seed %d: %s gives %v, want %v", seed, name, got.open, want)
			}
		}
	}
}

// Finishing at instants that rise, while plays arrive in order, hands out every session once and whole.
func TestFinish(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 2))
	gap := 30 * time.Minute
	for range 500 {
		plays := randomPlays(r, 1+r.IntN(25))
		slices.SortStableFunc(plays, order)
		a, got := &Acc{Gap: gap}, []Session{}
		for _, p := range plays {
			got = append(got, a.Finish(p.At)...)
			a.Add(p)
		}
		got = append(got, a.Finish(1<<60)...)
		if want := naive(plays, gap); !reflect.DeepEqual(got, want) || len(a.All()) != 0 {
			t.Fatalf("seed %d: %v, want %v", seed, got, want)
		}
	}
}

// The gap is measured from the end of what was played; it may be just reached; nonsense lengths do not glue days together.
func TestGap(t *testing.T) {
	gap := 30 * time.Minute
	for _, c := range []struct {
		played int64 // minutes of the first play, Unknown
		next   int64 // minute the next starts
		want   int
	}{
		{Unknown, 30, 1}, {Unknown, 31, 2}, {10, 40, 1}, {10, 41, 2}, {600, 4*60 + 30, 1}, {600, 4*60 + 31, 2},
	} {
		first := Play{ID: "a", PlayedMs: c.played * 60_000}
		if c.played == Unknown {
			first.PlayedMs = Unknown
		}
		a := accOf(gap, first, Play{At: c.next * minute, ID: "b", PlayedMs: Unknown})
		if len(a.All()) != c.want {
			t.Errorf("%+v: %d sessions", c, len(a.All()))
		}
	}
}

// The figures of a session: 2 minutes and 3 minutes played, one of unknown length skipped last.
func TestFigures(t *testing.T) {
	a := accOf(30*time.Minute, Play{At: 5 * minute, ID: "c", PlayedMs: Unknown, Skipped: true},
		Play{At: 0, ID: "a", PlayedMs: 120_000}, Play{At: 2 * minute, ID: "b", PlayedMs: 180_000})
	s := a.All()[0]
	if len(a.All()) != 1 || s.StartedAt() != 0 || s.EndedAt() != 5*minute || s.PlayedMs() != 300_000 || s.Skips() != 1 {
		t.Errorf("sessions %+v", a.All())
	}
}

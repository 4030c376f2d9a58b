package worth

import (
	"math/rand/v2"
	"testing"
	"time"
)

func ptr[T any](v T) *T { return &v }

// The table of the documentation, with its arithmetic.
func TestOf(t *testing.T) {
	decay := Decay(7)
	for _, c := range []struct {
		name string
		e    Event
		want int64
		skip bool
	}{
		{"plain play", Event{Kind: Play}, One, false},
		{"heard whole", Event{Kind: Play, MsPlayed: ptr[int64](200_000), TrackMs: ptr[int64](200_000)}, One, false},
		{"heard more than whole", Event{Kind: Play, MsPlayed: ptr[int64](300_000), TrackMs: ptr[int64](200_000)}, One, false},
		{"half", Event{Kind: Play, MsPlayed: ptr[int64](100_000), TrackMs: ptr[int64](200_000)}, One / 2, false},
		{"early", Event{Kind: Play, MsPlayed: ptr[int64](5_000), TrackMs: ptr[int64](200_000)}, -One / 2, true},
		{"early, length unknown", Event{Kind: Play, MsPlayed: ptr[int64](0)}, -One / 2, true},
		{"late skip", Event{Kind: Play, MsPlayed: ptr[int64](50_000), TrackMs: ptr[int64](200_000), Skipped: ptr(true)}, One / 4, true},
		{"skip at an unknown moment", Event{Kind: Play, Skipped: ptr(true)}, -One / 2, true},
		{"short song heard whole", Event{Kind: Play, MsPlayed: ptr[int64](20_000), TrackMs: ptr[int64](20_000)}, One, false},
		{"short, said not skipped", Event{Kind: Play, MsPlayed: ptr[int64](20_000), TrackMs: ptr[int64](40_000), Skipped: ptr(false)}, One / 2, false},
		{"length zero", Event{Kind: Play, MsPlayed: ptr[int64](40_000), TrackMs: ptr[int64](0)}, One, false},
		{"like", Event{Kind: Like}, 2 * One, false},
		{"save", Event{Kind: Save}, 2 * One, false},
		{"unlike", Event{Kind: Unlike}, -2 * One, false},
		{"other", Event{Kind: Other}, 0, false},
		{"a half-life old", Event{Kind: Play, AgeDays: 7}, One / 2, false},
		{"negative decays towards zero", Event{Kind: Unlike, AgeDays: 14}, -One / 2, false},
		{"ages ago", Event{Kind: Like, AgeDays: 1 << 30}, 0, false},
		{"tomorrow is fresh", Event{Kind: Play, AgeDays: -3}, One, false},
	} {
		if got := Of(c.e, decay); got != c.want {
			t.Errorf("%s: weight %d, want %d", c.name, got, c.want)
		}
		if got := Skip(c.e); got != c.skip {
			t.Errorf("%s: skip %v, want %v", c.name, got, c.skip)
		}
	}
}

// Decay falls from One to 0 and halves every half-life.
func TestDecay(t *testing.T) {
	d := Decay(7)
	if d[0] != One || d[7] != One/2 || d[70] != One/1024 || d[len(d)-1] != 0 {
		t.Errorf("decay %v", d)
	}
	for i := 1; i < len(d); i++ {
		if d[i] > d[i-1] {
			t.Fatalf("rises at %d", i)
		}
	}
}

// A cap keeps proportions and never adds: parts of a capped sum add up to the bound, but for what rounding down takes.
func TestCap(t *testing.T) {
	for _, c := range []struct{ w, all, most, want int64 }{
		{5, 10, 0, 5}, {5, 10, -1, 5}, {5, 10, 10, 5}, {5, 10, 20, 5}, {5, 10, 4, 2}, {10, 10, 4, 4}, {0, 10, 4, 0}, {1, 3, 2, 0},
	} {
		if got := Cap(c.w, c.all, c.most); got != c.want {
			t.Errorf("Cap(%d, %d, %d) = %d, want %d", c.w, c.all, c.most, got, c.want)
		}
	}
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	for range 1000 {
		parts, all, most := make([]int64, 1+r.IntN(8)), int64(0), r.Int64N(4*One)
		for i := range parts {
			parts[i] = r.Int64N(2 * One)
			all += parts[i]
		}
		sum := int64(0)
		for _, w := range parts {
			sum += Cap(w, all, most)
		}
		if want := min(all, most); most > 0 && (sum > want || sum < want-int64(len(parts))) {
			t.Fatalf("seed %d: parts %v under %d add up to %d", seed, parts, most, sum)
		}
	}
}

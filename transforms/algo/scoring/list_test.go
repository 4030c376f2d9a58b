package scoring

import (
	"cmp"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// Terms lie in [0,1], re-add to the score bit for bit, and scores do not increase; nobody's list is empty.
func TestListInvariants(t *testing.T) {
	eachWorld(t, func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch) {
		list := m.Make(l, s)
		if len(list.Rows) == 0 {
			t.Errorf("seed %d: empty list", seed)
		}
		w, artists, groups := list.Weights, map[int32]int{}, map[int32]bool{}
		for i, r := range list.Rows {
			again := float32(float64(w.Taste)*float64(r.Terms.Taste) + float64(w.Context)*float64(r.Terms.Context) +
				float64(w.Popularity)*float64(r.Terms.Popularity) + float64(r.Adjustment))
			if math.Float32bits(again) != math.Float32bits(r.Score) {
				t.Errorf("seed %d: score %v re-adds to %v", seed, r.Score, again)
			}
			for _, x := range []float32{r.Terms.Taste, r.Terms.Context, r.Terms.Popularity} {
				if !(x >= 0 && x <= 1) {
					t.Errorf("seed %d: term %v", seed, x)
				}
			}
			if i > 0 && r.Score > list.Rows[i-1].Score {
				t.Errorf("seed %d: score rises at rank %d", seed, i+1)
			}
			a, g := m.Catalogue.Artist[r.Song], m.Catalogue.Group[r.Song]
			if artists[a]++; a >= 0 && artists[a] > m.Settings.ArtistCap {
				t.Errorf("seed %d: artist %d over the cap", seed, a)
			}
			if groups[g] {
				t.Errorf("seed %d: two versions of %d", seed, g)
			}
			groups[g] = true
			if c := m.Catalogue.Countries[r.Song]; len(c) > 0 && l.Region != "" && !slices.Contains(c, l.Region) {
				t.Errorf("seed %d: song %d is not to be had in %s", seed, r.Song, l.Region)
			}
			if contains(l.Known, r.Song) && list.Reason != ReasonAllKnown {
				t.Errorf("seed %d: known song %d", seed, r.Song)
			}
		}
	})
}

// The greedy order equals choosing, row by row, the best of all remaining candidates by full search.
func TestChooseEqualsFullSearch(t *testing.T) {
	eachWorld(t, func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch) {
		cands := m.Candidates(l, s, nil, false)
		w := m.Settings.Weights
		var got []int32
		for _, r := range m.choose(l, w, cands) {
			got = append(got, r.Song)
		}
		if want := slowChoose(m, l, w, cands); !slices.Equal(got, want) {
			t.Errorf("seed %d: got %v, want %v", seed, got, want)
		}
	})
}

func slowChoose(m *Model, l *Listener, w Weights, cands []Candidate) (songs []int32) {
	artists, groups := map[int32]int{}, map[int32]bool{}
	for len(songs) < m.Settings.Length {
		best, score := int32(-1), float32(0)
		for _, c := range cands {
			a, g := m.Catalogue.Artist[c.Song], m.Catalogue.Group[c.Song]
			if groups[g] || a >= 0 && artists[a] >= m.Settings.ArtistCap {
				continue
			}
			n := artists[a]
			if a < 0 {
				n = 0
			}
			x := Score(w, m.Settings.Calibration.Terms(c.Raw), m.push(l, c.Song)-m.Settings.ArtistStep*float32(n))
			if best < 0 || x > score || x == score && c.Song < best {
				best, score = c.Song, x
			}
		}
		if best < 0 {
			break
		}
		songs = append(songs, best)
		artists[m.Catalogue.Artist[best]]++
		groups[m.Catalogue.Group[best]] = true
	}
	return songs
}

// A new favourite, or more weight on one, never lowers the evidence of any song.
func TestLikeNeverLowersEvidence(t *testing.T) {
	eachWorld(t, func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch) {
		before, after := make([]float64, len(m.Count)), make([]float64, len(m.Count))
		m.Lists.Evidence(l.Favourites, before)
		more := slices.Clone(l.Favourites)
		if len(more) > 0 {
			more[0].Weight *= 1.5
		}
		m.Lists.Evidence(append(more, Favourite{int32(seed % uint64(len(m.Count))), 1}), after)
		for j := range before {
			if after[j] < before[j] {
				t.Errorf("seed %d: evidence of %d fell from %v to %v", seed, j, before[j], after[j])
			}
		}
	})
}

// Without context the list is as full as before, and its weights are 0.875, 0, 0.125.
func TestWithoutContextNothingEmpties(t *testing.T) {
	eachWorld(t, func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch) {
		without := *l
		without.Cell = nil
		list := m.Make(&without, s)
		if len(list.Rows) == 0 {
			t.Errorf("seed %d: empty without context", seed)
		}
		if (list.Weights != Weights{Taste: 0.875, Popularity: 0.125}) {
			t.Errorf("weights %v", list.Weights)
		}
	})
}

// Scratch carries nothing from one listener to the next.
func TestScratchIsClean(t *testing.T) {
	eachWorld(t, func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch) {
		if a, b := m.Make(l, s), m.Make(l, NewScratch(len(m.Count))); !reflect.DeepEqual(a, b) {
			t.Errorf("seed %d: a used scratch changes the list", seed)
		}
	})
}

// Seeds of a row are favourites, heaviest first, with shares of at most 1 together.
func TestSeedsExplainRows(t *testing.T) {
	eachWorld(t, func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch) {
		for _, r := range m.Make(l, s).Rows {
			var sum float64
			for _, f := range r.Seeds {
				sum += float64(f.Weight)
			}
			if (r.Sources&FromNeighbours != 0) != (len(r.Seeds) > 0) || len(r.Seeds) > MaxSeeds || sum > 1+1e-6 {
				t.Errorf("seed %d: seeds %v of sources %b", seed, r.Seeds, r.Sources)
			}
		}
	})
}

// The best by evidence equal a full sort, with far more songs than are kept and many ties.
func TestBestEqualsFullSort(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 9))
		m, l, s := world(seed, 3000), &Listener{Region: "SE", Known: set(1, 2, 3, 500)}, NewScratch(3000)
		var touched, want []int32
		for _, j := range r.Perm(3000)[:r.IntN(3000)] {
			s.sum[j] = float64(1 + r.IntN(40))
			if touched = append(touched, int32(j)); m.allowed(l, int32(j), false) {
				want = append(want, int32(j))
			}
		}
		slices.SortFunc(want, func(a, b int32) int { return cmp.Or(cmp.Compare(s.sum[b], s.sum[a]), cmp.Compare(a, b)) })
		if got := m.best(l, s, touched, false); !slices.Equal(got, want[:min(MaxNeighbours, len(want))]) {
			t.Fatalf("seed %d: not the best", seed)
		}
	}
}

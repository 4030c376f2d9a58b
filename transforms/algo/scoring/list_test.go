package scoring

import (
	"math"
	"reflect"
	"slices"
	"testing"
)

// Every list: terms in [0,1], scores that re-add bit for bit and fall among ranked rows, caps, one version a recording, only
// what the country has, nothing known in discovery, no song twice; nobody's general list is empty.
func TestListInvariants(t *testing.T) {
	eachWorld(t, func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch) {
		lists := m.Make(l, s)
		if len(lists[0].Rows) == 0 || len(lists) != 1+len(l.Main) {
			t.Errorf("seed %d: %d lists, %d rows", seed, len(lists), len(lists[0].Rows))
		}
		for _, list := range lists {
			checkRows(t, seed, m, l, &list)
		}
	})
}

func checkRows(t *testing.T, seed uint64, m *Model, l *Listener, list *List) {
	t.Helper()
	w, c := list.Weights, &m.Catalogue
	artists, albums, groups := map[int32]int{}, map[int32]int{}, map[int32]bool{}
	last, open := float32(math.MaxFloat32), c.Markets.open(l.Region)
	for i, r := range list.Rows {
		again := float32(float64(w.Taste)*float64(r.Terms.Taste) + float64(w.Context)*float64(r.Terms.Context) +
			float64(w.Popularity)*float64(r.Terms.Popularity) + float64(r.Adjustment))
		if math.Float32bits(again) != math.Float32bits(r.Score) || r.Adjustments.Sum() != r.Adjustment {
			t.Errorf("seed %d: score %v re-adds to %v", seed, r.Score, again)
		}
		for _, x := range []float32{r.Terms.Taste, r.Terms.Context, r.Terms.Popularity} {
			if !(x >= 0 && x <= 1) {
				t.Errorf("seed %d: term %v", seed, x)
			}
		}
		if r.Slot != Exploration {
			if r.Score > last {
				t.Errorf("seed %d: score rises at rank %d", seed, i+1)
			}
			last = r.Score
		}
		artist, album, group := c.Artist[r.Song], c.Album[r.Song], c.Group[r.Song]
		artists[artist]++
		albums[album]++
		if artist >= 0 && artists[artist] > m.Settings.ArtistCap || album >= 0 && albums[album] > m.Settings.AlbumCap || groups[group] {
			t.Errorf("seed %d: song %d over a cap or again", seed, r.Song)
		}
		groups[group] = true
		if !open[c.Market[r.Song]] {
			t.Errorf("seed %d: song %d is not to be had in %s", seed, r.Song, l.Region)
		}
		_, known := slices.BinarySearch(l.Known, r.Song)
		if m.Settings.Mode == Discovery && known && list.Reason != ReasonAllKnown {
			t.Errorf("seed %d: known song %d", seed, r.Song)
		}
	}
}

// The greedy order equals choosing, row by row, the best of all remaining candidates by full search.
func TestChooseEqualsFullSearch(t *testing.T) {
	eachWorld(t, func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch) {
		m.Settings.Explore, m.Settings.FreshFloor = 0, 0
		list := m.Make(l, s)[0]
		var got []int32
		for _, r := range list.Rows {
			got = append(got, r.Song)
		}
		for i := range s.candidates { // Make has released them
			s.slot[s.candidates[i].Song] = int32(i + 1)
		}
		if want := slowChoose(m, s, list.Weights); m.Settings.Mode != Familiar && len(l.Main) == 0 && !slices.Equal(got, want) {
			t.Errorf("seed %d: got %v, want %v", seed, got, want)
		}
		s.release()
	})
}

// slowChoose looks at every candidate for every row.
func slowChoose(m *Model, s *Scratch, w Weights) (songs []int32) {
	artists, albums, groups := map[int32]int{}, map[int32]int{}, map[int32]bool{}
	c := &m.Catalogue
	for len(songs) < m.Settings.Length {
		best, score := int32(-1), float32(0)
		for i := range s.candidates {
			x := &s.candidates[i]
			artist, album := c.Artist[x.Song], c.Album[x.Song]
			if groups[c.Group[x.Song]] || artist >= 0 && artists[artist] >= m.Settings.ArtistCap || album >= 0 && albums[album] >= m.Settings.AlbumCap {
				continue
			}
			a := m.standing(s, x)
			if artist >= 0 {
				a[ArtistAgain] -= m.Settings.ArtistStep * float32(artists[artist])
			}
			if album >= 0 {
				a[AlbumAgain] -= m.Settings.AlbumStep * float32(albums[album])
			}
			v := Score(w, Terms{m.maps.Taste.At(x.Raw.Taste), m.maps.Context.At(x.Raw.Context), m.maps.Popularity.At(x.Raw.Popularity)}, a.Sum())
			if best < 0 || v > score || v == score && x.Song < best {
				best, score = x.Song, v
			}
		}
		if best < 0 {
			break
		}
		songs = append(songs, best)
		artists[c.Artist[best]]++
		albums[c.Album[best]]++
		groups[c.Group[best]] = true
	}
	return songs
}

// The fresh floor is kept as far as there are fresh candidates, and exploration has its share of full lists.
func TestFloorAndLots(t *testing.T) {
	lots := 0
	eachWorld(t, func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch) {
		if m.Settings.Mode == Discovery {
			return
		}
		m.Settings.FreshFloor = 0.9
		list := m.Make(l, s)[0]
		fresh, explored := 0, 0
		for _, r := range list.Rows {
			if s.marks(r.Song)&markKnown == 0 {
				fresh++
			}
			if r.Slot == Exploration {
				explored++
			}
		}
		if lots += explored; len(list.Rows) == m.Settings.Length && (explored > 2 || fresh < 14) {
			t.Errorf("seed %d: %d of %d rows are fresh, %d explored", seed, fresh, len(list.Rows), explored)
		}
	})
	if lots == 0 {
		t.Error("no row was drawn by lot")
	}
}

// A new favourite, or more weight on one, never lowers the evidence of any song.
func TestLikeNeverLowersEvidence(t *testing.T) {
	eachWorld(t, func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch) {
		before, after := make([]float32, len(m.LogCount)), make([]float32, len(m.LogCount))
		m.Lists.Evidence(l.Favourites, before, nil)
		more := slices.Clone(l.Favourites)
		if len(more) > 0 {
			more[0].Weight *= 1.5
		}
		m.Lists.Evidence(append(more, Favourite{int32(seed % uint64(len(m.LogCount))), 1}), after, nil)
		for j := range before {
			if after[j] < before[j] {
				t.Errorf("seed %d: evidence of %d fell from %v to %v", seed, j, before[j], after[j])
			}
		}
	})
}

// Without context nobody's list is empty, and the weight of context goes to the other terms.
func TestWithoutContextNothingEmpties(t *testing.T) {
	eachWorld(t, func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch) {
		without := *l
		without.Mix, without.Main = nil, nil
		list := m.Make(&without, s)[0]
		if len(list.Rows) == 0 || list.Weights.Context != 0 {
			t.Errorf("seed %d: %d rows, weights %v", seed, len(list.Rows), list.Weights)
		}
	})
}

// Scratch carries nothing from one listener to the next.
func TestScratchIsClean(t *testing.T) {
	eachWorld(t, func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch) {
		if a, b := m.Make(l, s), m.Make(l, m.NewScratch()); !reflect.DeepEqual(a, b) {
			t.Errorf("seed %d: a used scratch changes the list", seed)
		}
	})
}

// Seeds of a row are favourites, heaviest first, with shares of at most 1 together.
func TestSeedsExplainRows(t *testing.T) {
	eachWorld(t, func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch) {
		for _, r := range m.Make(l, s)[0].Rows {
			var sum float64
			for _, f := range r.Seeds {
				sum += float64(f.Share)
			}
			if (r.Sources&FromNeighbours != 0) != (len(r.Seeds) > 0) || len(r.Seeds) > MaxSeeds || sum > 1+1e-5 {
				t.Errorf("seed %d: seeds %v of sources %b", seed, r.Seeds, r.Sources)
			}
		}
	})
}

// Candidates as they are stored make the same lists again: rows, seeds, reason, in every mode, where pools fill a list and where they
// do not.
func TestStoredCandidatesMakeTheSameLists(t *testing.T) {
	eachWorld(t, func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch) {
		want := m.Make(l, s)
		for i := range want {
			want[i].Rows = slices.Clone(want[i].Rows)
			for k := range want[i].Rows {
				want[i].Rows[k].Seeds = slices.Clone(want[i].Rows[k].Seeds)
			}
		}
		again := *l
		again.Stored = []Stored{}
		for _, c := range m.Rated(l, s) {
			terms, _ := c.Terms()
			sources, ok := SourcesOf(SourceNames(c.Sources))
			if !ok || sources != c.Sources {
				t.Errorf("seed %d: sources %v read back as %v", seed, SourceNames(c.Sources), SourceNames(sources))
			}
			again.Stored = append(again.Stored, Stored{c.Song, sources, c.Evidence, terms.Taste, terms.Popularity})
		}
		slices.SortFunc(again.Stored, func(a, b Stored) int { return int(a.Song - b.Song) })
		if got := m.Make(&again, s); !reflect.DeepEqual(got, want) {
			t.Errorf("seed %d: stored candidates give %+v, want %+v", seed, got, want)
		}
	})
}

package blend

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"segue/transforms/algo/topk"
)

// z1 = (4+2)/2 = 3, z2 = 2. Song 0: cooc {1: 3, 2: 1.5}, emb {2: 2, 3: 1, 4: 4}; 3 has 0's artist; 4 is a version of 0.
// blend(1) = .5·3/3 = .5;  blend(2) = .5·1.5/3 + .5·2/2 = .75;  blend(3) = .5·1/2 + .2 = .45.
func TestListByHand(t *testing.T) {
	cooc := []topk.Entry{{ID: 1, Score: 3}, {ID: 2, Score: 1.5}}
	emb := []topk.Entry{{ID: 4, Score: 4}, {ID: 2, Score: 2}, {ID: 3, Score: 1}}
	var a, b Maxima
	a.Add([]topk.Entry{{ID: 9, Score: 4}}, nil)
	b.Add([]topk.Entry{{ID: 9, Score: 2}}, []topk.Entry{{ID: 8, Score: 2}})
	z := NewScale([]Maxima{a, b})
	songs := Songs{{7, 0}, {-1, 1}, {5, 2}, {7, 3}, {7, 0}}
	want := []Neighbour{
		{ID: 2, Score: .75, Cooc: 1.5, Emb: 2},
		{ID: 1, Score: .5, Cooc: 3},
		{ID: 3, Score: .45, Emb: 1, SameArtist: true},
	}
	if got := (&Joiner{Scale: z, Songs: songs, Params: Default()}).List(0, cooc, emb); !slices.Equal(got, want) {
		t.Errorf("list %+v, want %+v", got, want)
	}
	p := Default()
	p.K, p.Deep = 1, 2
	if got := (&Joiner{Scale: z, Songs: songs, Params: p}).List(0, cooc, emb); !slices.Equal(got, want[:2]) {
		t.Errorf("two deepest %+v, want %+v", got, want[:2])
	}
}

// Equal scores are ordered by song; unknown artists are not the same artist; no lists, no neighbours.
func TestListTies(t *testing.T) {
	e := []topk.Entry{{ID: 5, Score: 1}, {ID: 3, Score: 1}}
	got := (&Joiner{Scale: Scale{1, 0}, Songs: Songs{{-1, 0}, {-1, 1}, {-1, 2}, {-1, 3}, {-1, 4}, {-1, 5}}, Params: Default()}).List(0, e, nil)
	if len(got) != 2 || got[0].ID != 3 || got[1].ID != 5 || got[0].SameArtist {
		t.Errorf("%+v", got)
	}
	if got := (&Joiner{Params: Default()}).List(0, nil, nil); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if z := NewScale(nil); z != (Scale{}) {
		t.Errorf("scale of nothing %+v", z)
	}
}

// Lists of random songs, song after song, are those of a sort of the whole union.
func TestListAgainstSort(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 3))
		songs := make(Songs, 120)
		for i := range songs {
			songs[i] = Tag{int32(r.IntN(9) - 1), int32(r.IntN(60))}
		}
		p := Default()
		p.Deep = 1 + r.IntN(80)
		j := Joiner{Scale: Scale{2, .7}, Songs: songs, KeepVersions: seed%4 == 0, Params: p}
		for i := range int32(20) {
			cooc, emb := randomList(r), randomList(r)
			if got, want := j.List(i, cooc, emb), sorted(j, i, cooc, emb); !slices.Equal(got, want) {
				t.Fatalf("seed %d, song %d: %v, want %v", seed, i, got, want)
			}
		}
	}
}

// randomList returns different songs with few different scores.
func randomList(r *rand.Rand) []topk.Entry {
	var out []topk.Entry
	for _, id := range r.Perm(120)[:r.IntN(100)] {
		out = append(out, topk.Entry{ID: int32(id), Score: float32(r.IntN(6)) / 2})
	}
	return out
}

func sorted(j Joiner, i int32, cooc, emb []topk.Entry) []Neighbour {
	union := map[int32]Neighbour{}
	for _, e := range cooc {
		union[e.ID] = Neighbour{ID: e.ID, Cooc: e.Score}
	}
	for _, e := range emb {
		union[e.ID] = Neighbour{ID: e.ID, Cooc: union[e.ID].Cooc, Emb: e.Score}
	}
	var all []Neighbour
	for _, n := range union {
		if j.Songs[n.ID].Group == j.Songs[i].Group && !j.KeepVersions {
			continue
		}
		n.SameArtist = j.Songs[i].Artist >= 0 && j.Songs[n.ID].Artist == j.Songs[i].Artist
		n.Score = j.Scale.score(n, j.Params)
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b Neighbour) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	return all[:min(j.Params.Deep, len(all))]
}

// Lists are long in small catalogues unless their length is set, and never longer than they are deep.
func TestPublished(t *testing.T) {
	for _, c := range []struct{ k, deep, songs, want int }{
		{0, 200, 0, 200}, {0, 200, 50_000, 200}, {0, 200, 50_001, 100}, {0, 50, 10, 50}, {0, 50, 1_000_000, 50}, {7, 200, 10, 7}, {150, 200, 1_000_000, 150},
	} {
		if got := (Params{K: c.k, Deep: c.deep}).Published(c.songs); got != c.want {
			t.Errorf("k %d, deep %d, %d songs: %d published, want %d", c.k, c.deep, c.songs, got, c.want)
		}
	}
}

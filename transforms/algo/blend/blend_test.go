package blend

import (
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
	songs := Songs{Artist: []int32{7, -1, 5, 7, 7}, Group: []int32{0, 1, 2, 3, 0}}
	want := []Neighbour{
		{ID: 2, Score: .75, Cooc: 1.5, Emb: 2},
		{ID: 1, Score: .5, Cooc: 3},
		{ID: 3, Score: .45, Emb: 1, SameArtist: true},
	}
	if got := (Joiner{z, songs, Default()}).List(0, cooc, emb); !slices.Equal(got, want) {
		t.Errorf("list %+v, want %+v", got, want)
	}
	p := Default()
	p.K, p.Deep = 1, 2
	if got := (Joiner{z, songs, p}).List(0, cooc, emb); !slices.Equal(got, want[:2]) {
		t.Errorf("two deepest %+v, want %+v", got, want[:2])
	}
}

// Equal scores are ordered by song; unknown artists are not the same artist; no lists, no neighbours.
func TestListTies(t *testing.T) {
	e := []topk.Entry{{ID: 5, Score: 1}, {ID: 3, Score: 1}}
	artist := []int32{-1, -1, -1, -1, -1, -1}
	got := Joiner{Scale{1, 0}, Songs{Artist: artist}, Default()}.List(0, e, nil)
	if len(got) != 2 || got[0].ID != 3 || got[1].ID != 5 || got[0].SameArtist {
		t.Errorf("%+v", got)
	}
	if got := (Joiner{Params: Default()}).List(0, nil, nil); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if z := NewScale(nil); z != (Scale{}) {
		t.Errorf("scale of nothing %+v", z)
	}
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

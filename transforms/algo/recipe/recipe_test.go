package recipe

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"segue/transforms/algo/sgns"
)

// world returns playlists that draw nine of ten songs from one community: song s belongs to community s mod communities.
func world(seed uint64, songs, lists, communities int) [][]int32 {
	r := rand.New(rand.NewPCG(seed, 1))
	all := make([][]int32, lists)
	for i := range all {
		c := r.IntN(communities)
		for range 8 + r.IntN(12) {
			s := r.IntN(songs)
			if r.IntN(10) > 0 {
				s = s/communities*communities + c
			}
			all[i] = append(all[i], int32(s))
		}
	}
	return all
}

// Nine of ten songs of a playlist are of its community, so a pair of a playlist is of one community with about .81 + .19/10;
// neighbours sum over some 70 playlists a song, so nearly all of the first ten must be: 95 % is asked.
func TestTrainFindsCommunities(t *testing.T) {
	const seed, songs, communities = 21, 400, 10
	p := Default()
	checkCommunities(t, seed, Train(world(seed, songs, 2000, communities), songs, nil, p), communities)
	q := sgns.Default()
	p.SGNS = &q
	m := Train(world(seed, songs, 2000, communities), songs, nil, p)
	if m.Out == nil {
		t.Error("skip-grams have no second vectors")
	}
	checkCommunities(t, seed, m, communities)
}

func checkCommunities(t *testing.T, seed int, m *Model, communities int32) {
	t.Helper()
	same, all := 0, 0
	for i := range int32(m.Songs) {
		ids, _ := m.Neighbours(i)
		if len(ids) != 200 {
			t.Fatalf("seed %d: song %d has %d neighbours", seed, i, len(ids))
		}
		for _, j := range ids[:10] {
			all++
			if i%communities == j%communities {
				same++
			}
		}
	}
	if rate := float64(same) / float64(all); rate < .95 {
		t.Errorf("seed %d: %.3f of the first ten neighbours are of the community", seed, rate)
	}
}

// Lists are ordered, without the song itself and without repeats, scores finite; deep lists continue published ones.
func TestTrainLists(t *testing.T) {
	const seed, songs = 22, 300
	lists := world(seed, songs, 300, 5)
	artist := make([]int32, songs)
	for i := range artist {
		artist[i] = int32(i%40) - 1
	}
	m := Train(lists, songs, artist, Default())
	for i := range int32(songs) {
		ids, scores := m.Deep(i)
		seen := map[int32]bool{i: true}
		for r, j := range ids {
			if seen[j] || math.IsNaN(float64(scores[r])) || r > 0 && (scores[r] > scores[r-1] || scores[r] == scores[r-1] && j < ids[r-1]) {
				t.Fatalf("song %d: rank %d is %d at %v", i, r, j, scores[r])
			}
			seen[j] = true
			if e := m.Entries(i)[r]; e.SameArtist != (artist[i] >= 0 && artist[i] == artist[j]) {
				t.Errorf("song %d: artist of %d", i, j)
			}
		}
		k, _ := m.Neighbours(i)
		if len(ids) > 200 || !slices.Equal(k, ids[:min(200, len(ids))]) {
			t.Errorf("song %d: published list is not the start of the deep one", i)
		}
	}
	again := Train(lists, songs, artist, Default())
	if !slices.Equal(again.scores, m.scores) || !slices.Equal(again.ids, m.ids) {
		t.Error("training twice gives two results")
	}
}

// Input without any structure ends without a panic: nothing, one song, one playlist, songs of no playlist.
func TestTrainDegenerate(t *testing.T) {
	long := make([]int32, 3000)
	for i := range long {
		long[i] = int32(i)
	}
	for name, lists := range map[string][][]int32{
		"nothing": nil, "one song": {{0}}, "one playlist": {{0, 1, 2}}, "long": {long, {1, 2}, {1, 2, 3}},
		"identical": slices.Repeat([][]int32{{0, 1, 2}}, 20),
	} {
		m := Train(lists, 3000, nil, Default())
		ids, _ := m.Neighbours(1)
		if want := map[string]int{"identical": 2, "long": 2}[name]; len(ids) != want {
			t.Errorf("%s: song 1 has neighbours %v, want %d", name, ids, want)
		}
		if ids, _ := m.Neighbours(2999); len(ids) != 0 {
			t.Errorf("%s: the last song has neighbours %v", name, ids)
		}
	}
}

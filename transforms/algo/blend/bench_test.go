package blend

import (
	"math/rand/v2"
	"testing"

	"segue/transforms/algo/topk"
)

// Joining the lists of a song of a large catalogue: 200 songs by playlists shared, 100 by vectors, a third of them in both.
func BenchmarkList(b *testing.B) {
	const songs, lists = 2_000_000, 512
	r := rand.New(rand.NewPCG(1, 2))
	tags := make(Songs, songs)
	for i := range tags {
		tags[i] = Tag{int32(r.IntN(songs / 7)), int32(i)}
	}
	cooc, emb := make([][]topk.Entry, lists), make([][]topk.Entry, lists)
	for i := range lists {
		for range 200 {
			cooc[i] = append(cooc[i], topk.Entry{ID: r.Int32N(songs), Score: r.Float32()})
		}
		for k := range 100 {
			id := r.Int32N(songs)
			if k%3 == 0 {
				id = cooc[i][k].ID
			}
			emb[i] = append(emb[i], topk.Entry{ID: id, Score: r.Float32()})
		}
	}
	j := Joiner{Scale: Scale{.8, .9}, Songs: tags, Params: Default()}
	for i := range b.N {
		j.List(int32(i%songs), cooc[i%lists], emb[i%lists])
	}
}

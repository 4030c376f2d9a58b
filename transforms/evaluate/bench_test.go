package evaluate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"segue/schemas"
	"segue/transforms/algo/itemknn"
	"segue/transforms/algo/localtime"
	"segue/transforms/io/work/worktest"
)

// BenchmarkStage measures the whole stage, files read and table written, on 1,000 cases of the generated world of 100 thousand
// playlists and songs: tonight's and last night's table song_neighbours of 10 million rows each, vectors of 128 numbers.
func BenchmarkStage(b *testing.B) {
	v, cases := generated(b, 100_000)
	n := worktest.New(b, "2026-01-05")
	putGenerated(n, v, cases)
	p := Default()
	p.Cases = 1000
	b.ReportAllocs()
	from := cpuSeconds()
	for b.Loop() {
		n.MustStage(Stage(p, localtime.UsualHours()))
	}
	b.ReportMetric((cpuSeconds()-from)/float64(b.N), "cpu-s/op")
	b.ReportMetric(float64(n.Counts["evaluate/cases"])/float64(b.N), "cases")
}

// putGenerated puts what the stage reads: playlists of which the cases are held out, the matrix, songs, vectors and lists.
func putGenerated(n *worktest.Night, v *vocabulary, cases []Case) {
	songs := make([]schemas.SongRow, len(v.ids))
	for i := range songs {
		songs[i] = schemas.SongRow{SongID: fmt.Sprintf("song-%07d", i), ArtistIDs: []string{fmt.Sprintf("artist-%06d", i/6)}}
	}
	put(n, schemas.TableSongs, songs)
	var playlists []schemas.CleanPlaylist
	for i, c := range cases {
		playlists = append(playlists, schemas.CleanPlaylist{PlaylistID: fmt.Sprintf("a%07d", i), HeldOut: true, Songs: slices.Concat(c.Seeds, c.Hidden, c.Cold)})
	}
	m := v.matrix
	for p, from := range m.RowStart[:len(m.RowStart)-1] {
		playlists = append(playlists, schemas.CleanPlaylist{PlaylistID: fmt.Sprintf("b%07d", p), Songs: m.RowItems[from:m.RowStart[p+1]]})
	}
	for part := range slices.Chunk(playlists, 25_000) {
		put(n, schemas.WorkPlaylists, part)
	}
	putArray(n, schemas.WorkMatrixColumns, v.ids)
	putArray(n, schemas.WorkMatrixRowStart, m.RowStart)
	putArray(n, schemas.WorkMatrixRowItems, m.RowItems)
	putArray(n, schemas.WorkMatrixColStart, m.ColStart)
	putArray(n, schemas.WorkMatrixColItems, m.ColItems)
	random := rand.New(rand.NewPCG(1, 2))
	vectors := make([]float32, len(songs)*128)
	for i := range vectors {
		vectors[i] = float32(random.NormFloat64())
	}
	putShaped(n, schemas.WorkVectors, vectors, len(songs), 128)
	putRows(n, v, cases, songs, random)
	n.Landing[schemas.Previous(schemas.TableSongNeighbours)] = n.Files[schemas.TableSongNeighbours]
}

// putRows puts 100 neighbours a song: of seeds those of the stored baseline, of others any.
func putRows(n *worktest.Night, v *vocabulary, cases []Case, songs []schemas.SongRow, random *rand.Rand) {
	lists := listsOf(v, itemknn.Scope{Columns: len(v.ids), Vocab: v.size, Depth: 100, IDs: v.ids}, cases)
	for from := 0; from < len(songs); from += 25_000 {
		var rows []schemas.SongNeighbour
		for i := from; i < min(from+25_000, len(songs)); i++ {
			list := lists[int32(i)]
			for k := range 100 {
				to, score := random.IntN(len(songs)), float64(100-k)/100
				if list != nil {
					if k >= len(list) {
						break
					}
					to, score = int(list[k].column), list[k].score
				}
				rows = append(rows, schemas.SongNeighbour{SongID: songs[i].SongID, Rank: int32(k + 1), NeighbourID: songs[to].SongID, Score: float32(score)})
			}
		}
		put(n, schemas.TableSongNeighbours, rows)
	}
}

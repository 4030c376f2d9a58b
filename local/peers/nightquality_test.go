package peers_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"

	"segue/schemas"
	"segue/transforms/algo/metrics"
	"segue/transforms/algo/worth"
	"segue/transforms/evaluate"
)

const (
	heldOutOf = 50 // 1 playlist in so many is kept away from training, by all programs
	listDepth = 100
)

// exam is what nights are measured on: playlists that none was trained on nor fitted to, and what listeners found after the night's date.
type exam struct {
	songs   map[string]int32
	known   []bool   // songs in enough training playlists
	heldOut []string // playlist ids
	cases   []evaluate.Case
	found   map[string][]int32 // songs by listener, each once
}

// newExam reads the landing zone of a lake.
func newExam(landing, date string) (*exam, error) {
	e := &exam{songs: map[string]int32{}, found: map[string][]int32{}}
	var held [][]int32
	var count []int
	err := eachRow(filepath.Join(landing, "playlists", "date="+date), func(p schemas.Playlist) {
		var list []int32
		for _, id := range p.Songs {
			list = append(list, e.number(id))
		}
		count = append(count, make([]int, len(e.songs)-len(count))...)
		if schemas.HeldOut(p.PlaylistID, heldOutOf) {
			held, e.heldOut = append(held, list), append(e.heldOut, p.PlaylistID)
			return
		}
		slices.Sort(list)
		for _, s := range slices.Compact(list) {
			count[s]++
		}
	})
	const least = 5 // as the evaluation of a night has it
	for _, n := range count {
		e.known = append(e.known, n >= least)
	}
	for i, list := range held {
		if schemas.ForFit(e.heldOut[i], int64(len(held))) { // which one program of them has learnt from
			continue
		}
		if c, ok := evaluate.NewCase(slices.DeleteFunc(list, func(s int32) bool { return !e.known[s] })); ok {
			e.cases = append(e.cases, c)
		}
	}
	return e, errors.Join(err, e.listen(landing, date))
}

// listen notes what listeners play for the first time after a date, without skipping it.
func (e *exam) listen(landing, date string) error {
	type meeting struct {
		user string
		song int32
	}
	met := map[meeting]bool{}
	return eachRow(filepath.Join(landing, "plays", "*", "*.parquet"), func(p schemas.Play) {
		m := meeting{p.UserID, e.number(p.SongID)}
		after := p.StartedAt.Format("2006-01-02") > date
		if after && (met[m] || p.Kind != schemas.KindPlay || worth.Skip(worth.Event{Kind: worth.Play, MsPlayed: p.MsPlayed, TrackMs: p.TrackMs, Skipped: p.Skipped})) {
			return
		}
		met[m] = true
		if after {
			e.found[p.UserID] = append(e.found[p.UserID], m.song)
		}
	})
}

func (e *exam) number(song string) int32 {
	n, ok := e.songs[song]
	if !ok {
		n = int32(len(e.songs))
		e.songs[song] = n
	}
	return n
}

// neighbourRow is what every program says of a pair of songs.
type neighbourRow struct {
	SongID      string  `parquet:"song_id"`
	NeighbourID string  `parquet:"neighbour_id"`
	Score       float32 `parquet:"score"`
}

// neighbours returns the mean nDCG@100 of held-out playlists: songs by the sum of the scores the seeds give them.
func (e *exam) neighbours(table string) (float64, error) {
	type scored struct {
		song  int32
		score float32
	}
	lists := map[int32][]scored{}
	for _, c := range e.cases {
		for _, s := range c.Seeds {
			lists[s] = nil
		}
	}
	err := eachRow(table, func(r neighbourRow) {
		s, n := e.number(r.SongID), e.number(r.NeighbourID)
		if _, ok := lists[s]; ok && int(n) < len(e.known) && e.known[n] {
			lists[s] = append(lists[s], scored{n, r.Score})
		}
	})
	sum := 0.0
	for _, c := range e.cases {
		scores := map[int32]float64{}
		for _, s := range c.Seeds {
			for _, n := range lists[s] {
				scores[n.song] += float64(n.score)
			}
		}
		for _, s := range c.Seeds {
			delete(scores, s)
		}
		ranked := slices.SortedFunc(maps.Keys(scores), func(a, b int32) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
		sum += metrics.NDCG(metrics.Hits(ranked, c.Hidden), len(c.Hidden), listDepth)
	}
	return sum / float64(len(e.cases)), err
}

// listRow is what every program says of a recommended song.
type listRow struct {
	UserID string `parquet:"user_id"`
	List   string `parquet:"list"` // "" where a program has one list a listener
	Rank   int32  `parquet:"rank"`
	SongID string `parquet:"song_id"`
}

// lists returns the mean nDCG@100 of what listeners found, over all who found something.
func (e *exam) lists(table string) (float64, error) {
	ranked := map[string][]int32{}
	err := eachRow(table, func(r listRow) {
		if len(e.found[r.UserID]) == 0 || r.Rank > listDepth || r.List != "" && r.List != schemas.ListGeneral {
			return
		}
		if ranked[r.UserID] == nil {
			ranked[r.UserID] = slices.Repeat([]int32{-1}, listDepth)
		}
		ranked[r.UserID][r.Rank-1] = e.number(r.SongID)
	})
	sum := 0.0
	for user, hidden := range e.found {
		sum += metrics.NDCG(metrics.Hits(ranked[user], hidden), len(hidden), listDepth)
	}
	return sum / float64(len(e.found)), err
}

// eachRow calls f for each row of the Parquet files of a pattern, in the order of their names, or of those in a folder; columns
// they lack are zero.
func eachRow[T any](pattern string, f func(T)) error {
	if info, err := os.Stat(pattern); err == nil && info.IsDir() {
		pattern = filepath.Join(pattern, "*.parquet")
	}
	files, err := filepath.Glob(pattern)
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("read %s: %w", pattern, os.ErrNotExist)
	}
	for _, name := range files {
		err = errors.Join(err, rowsOf(name, f))
	}
	return err
}

func rowsOf[T any](name string, f func(T)) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	r := parquet.NewGenericReader[T](file)
	defer r.Close()
	rows := make([]T, 1024)
	for {
		n, err := r.Read(rows)
		for _, row := range rows[:n] {
			f(row)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		clear(rows)
	}
}

// The sum of scores ranks a case, seeds stay out of it, and a listener without a list counts as one without hits.
func TestExam(t *testing.T) {
	e := &exam{songs: map[string]int32{}, known: []bool{true, true, true, true, false}, found: map[string][]int32{"u": {2}, "v": {3}}}
	for _, id := range []string{"a", "b", "c", "d", "rare"} {
		e.number(id)
	}
	e.cases = []evaluate.Case{{Seeds: []int32{0, 1}, Hidden: []int32{2}}}
	dir := t.TempDir()
	near := []neighbourRow{{"a", "b", 9}, {"a", "d", 2}, {"a", "rare", 8}, {"a", "c", 1}, {"b", "c", .5}, {"d", "c", 5}}
	if err := errors.Join(parquet.WriteFile(filepath.Join(dir, "near.parquet"), near),
		parquet.WriteFile(filepath.Join(dir, "lists.parquet"), []listRow{{"u", "evening:phone", 1, "a"}, {"u", schemas.ListGeneral, 2, "c"}, {"u", schemas.ListGeneral, 1, "b"}})); err != nil {
		t.Fatal(err)
	}
	second := 1 / math.Log2(3)
	if got, err := e.neighbours(filepath.Join(dir, "near.parquet")); err != nil || math.Abs(got-second) > 1e-12 {
		t.Errorf("nDCG of a playlist %v, want %v; error %v", got, second, err)
	}
	if got, err := e.lists(filepath.Join(dir, "lists.parquet")); err != nil || math.Abs(got-second/2) > 1e-12 {
		t.Errorf("nDCG of lists %v, want %v; error %v", got, second/2, err)
	}
	if _, err := e.lists(filepath.Join(dir, "none.parquet")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no files: error %v", err)
	}
}

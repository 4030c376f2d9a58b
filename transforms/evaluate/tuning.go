package evaluate

import (
	"errors"

	"segue/schemas"
	"segue/transforms/algo/metrics"
	"segue/transforms/algo/ranking"
)

// Tuning measures one recipe after another on the same held-out playlists. Not safe for concurrent use.
type Tuning struct {
	split  split
	artist []int32
	n      []float64 // training playlists of each song
	part   []int     // head, mid or tail, by song
	order  *ranking.Order
}

// Outcome is how good the lists of a recipe are.
type Outcome struct {
	NDCG     []float64 // ndcg@100 by case
	Coverage float64   // share of the vocabulary in any case's first 100
	Tail     float64   // recall@100 of the third of the entries with the rarest songs, pooled over cases
}

// NewTuning splits playlists as Protocol does for one salt.
//
// Errors: no case.
func NewTuning(playlists []schemas.Playlist, artists map[string]string, salt string, share float64) (*Tuning, error) {
	t := &Tuning{split: newSplit(playlists, salt, share)}
	if len(t.split.cases) == 0 {
		return nil, errors.New("split playlists: there is no case: too few playlists of at least 6 common songs")
	}
	songs := len(t.split.vocabulary)
	t.artist, t.order = t.split.artists(artists), ranking.NewOrder(songs, nil)
	t.n = make([]float64, songs)
	for _, p := range t.split.train {
		for _, s := range p {
			t.n[s]++
		}
	}
	t.part = make([]int, songs)
	sums := ranking.NewSums(songs)
	var all, sum float64
	for s, x := range t.n {
		sums.Add(int32(s), x)
		all += x
	}
	part := 0
	for _, s := range t.order.Top(sums, songs, nil, songs) {
		t.part[s] = min(part, tailPart)
		for sum += t.n[s]; part < tailPart && coldPart*sum >= float64(part+1)*all; {
			part++
		}
	}
	return t, nil
}

// tailPart is the last part of the vocabulary.
const tailPart = coldPart - 1

// Cases returns the number of held-out playlists that are measured.
func (t *Tuning) Cases() int { return len(t.split.cases) }

// Measure trains on the training part and measures the lists.
//
// Cost: the training; for every case the lists of its seeds.
func (t *Tuning) Measure(train func(playlists [][]int32, songs int, artist []int32) (Trained, error)) (Outcome, error) {
	songs := len(t.split.vocabulary)
	made, err := train(t.split.train, songs, t.artist)
	if err != nil {
		return Outcome{}, err
	}
	var o Outcome
	var hits, hidden float64
	sums, seen := ranking.NewSums(songs), make([]int64, songs)
	for _, c := range t.split.cases {
		sums.Reset()
		for _, s := range c.Seeds {
			ids, scores := made.Neighbours(s)
			for i, j := range ids {
				sums.Add(j, float64(scores[i]))
			}
		}
		list := t.order.Top(sums, songs, c.Seeds, shown)
		found := metrics.Hits(list, c.Hidden)
		o.NDCG = append(o.NDCG, metrics.NDCG(found, len(c.Hidden), shown))
		for r, s := range list {
			if seen[s]++; found[r] && t.part[s] == tailPart {
				hits++
			}
		}
		for _, s := range c.Hidden {
			if t.part[s] == tailPart {
				hidden++
			}
		}
	}
	o.Coverage, o.Tail = metrics.Coverage(seen), hits/max(hidden, 1)
	return o, nil
}

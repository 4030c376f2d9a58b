package mood

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"segue/transforms/algo/blend"
)

// Titles name moods by whole words, in any case and between any signs; several moods and none are possible.
func TestTitle(t *testing.T) {
	for title, want := range map[string][]string{
		"Workout Mix 2024": {"energetic"}, "chill/study": {"calm", "focus"}, "Sad & lonely... sad": {"sad"}, "rock": nil, "": nil,
		"not a love song": nil, "Chilliwack radio": nil, "ПЕСНИ": nil, "LOVE": {"romantic"}, "feel\u0000run": {"energetic"},
	} {
		if got := Title(title); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", title, got, want)
		}
	}
	seen := map[string]string{}
	for mood, words := range lexicon {
		for _, w := range words {
			if seen[w] != "" {
				t.Errorf("%q stands for %s and %s", w, seen[w], mood)
			}
			seen[w] = mood
		}
	}
}

// By hand: 3 of 4 titles with base ½: (3 + 1)/(4 + 2). One title is not enough.
func TestFromTitles(t *testing.T) {
	base := []float64{.5, .5}
	if l, ok := FromTitles([]float64{1, 3}, base, .6); !ok || l.Mood != 1 || math.Abs(l.Confidence-4.0/6) > 1e-12 || l.Source != PlayTitle {
		t.Errorf("%+v %v", l, ok)
	}
	if _, ok := FromTitles([]float64{0, 1}, base, .1); ok {
		t.Error("one title made a label")
	}
	if _, ok := FromTitles([]float64{2, 2}, base, .6); ok {
		t.Error("a tie made a label")
	}
}

// By hand: song 0 has neighbours tagged 1 (score 2) and 0 and 1 (score 1): votes ½·½ for 0, 1 + ½·½ for 1, of 1.5 + 2.
// Song 3 knows only song 0 and learns in the second sweep; song 4 knows nobody.
func TestSpreadByHand(t *testing.T) {
	g := Graph{{Start: []int32{0, 2, 2, 2, 3, 3}, Songs: []int32{1, 2, 0}, Scores: []float32{2, 1, 5}}}
	labels := [][]Label{nil, {{1, Tag, 1}}, {{0, Tag, 1}, {1, Tag, 1}}, nil, nil}
	base := []float64{.5, .5}
	if n := Spread(g, labels, base, 3, .5); n != 2 {
		t.Fatalf("%d songs learned, want 2", n)
	}
	first := (1.25 + 1) / 3.5
	if l := labels[0][0]; l.Mood != 1 || l.Source != Neighbours || math.Abs(l.Confidence-first) > 1e-12 {
		t.Errorf("song 0: %+v, want %g", l, first)
	}
	if l := labels[3][0]; l.Mood != 1 || math.Abs(l.Confidence-(first+1)/(first+2)) > 1e-12 {
		t.Errorf("song 3: %+v", l)
	}
	if labels[4] != nil || labels[1][0].Confidence != 1 {
		t.Errorf("%+v", labels)
	}
}

// Planted clusters: songs near each other share their cluster's mood with chance 0.8. Hidden labels are found that often,
// give or take what 600 songs allow (4·√(.16/600) = .07), and confidence says so.
func TestSpreadFindsHidden(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const songs, clusters, k = 2000, 40, 30
	truth, labels, hidden := make([]int32, songs), make([][]Label, songs), make([]bool, songs)
	near := blend.Part{Start: []int32{0}}
	for i := range songs {
		if truth[i] = int32(i % clusters % 5); r.Float64() < .25 {
			truth[i] = int32(r.IntN(5))
		}
		if hidden[i] = r.Float64() < .3; !hidden[i] {
			labels[i] = []Label{{truth[i], Tag, 1}}
		}
		for range k {
			near.Songs, near.Scores = append(near.Songs, int32(i%clusters+clusters*r.IntN(songs/clusters))), append(near.Scores, .5+r.Float32()/2)
		}
		near.Start = append(near.Start, int32(len(near.Songs)))
	}
	Spread(Graph{near}, labels, Base(labels, 5), 2, .3)
	right, confidence, n := 0.0, 0.0, 0.0
	for i := range songs {
		if !hidden[i] || len(labels[i]) == 0 {
			continue
		}
		n++
		confidence += labels[i][0].Confidence
		if labels[i][0].Mood == truth[i] {
			right++
		}
	}
	t.Logf("%.0f hidden labels: %.3f right, mean confidence %.3f", n, right/n, confidence/n)
	if n < 500 || right/n < .73 || math.Abs(right/n-confidence/n) > .1 {
		t.Errorf("%.0f hidden labels: %.3f right, mean confidence %.3f", n, right/n, confidence/n)
	}
}

package nightly_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/evaluate"
)

// The protocol measures the night's parameters: shorter lists change the published method and no baseline.
func TestProtocolTakesParameters(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 0))
	var playlists []schemas.Playlist
	for i := range 400 {
		p := schemas.Playlist{PlaylistID: fmt.Sprint("p", i)}
		for range 20 {
			p.Songs = append(p.Songs, fmt.Sprint("s", (i%4)*60+r.IntN(60)))
		}
		playlists = append(playlists, p)
	}
	measured := func(k int) evaluate.Report {
		p := nightly.Default()
		p.Neighbours.K, p.Embed.Dim = k, 16
		report, err := nightly.Protocol(playlists, nil, p)
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	long, short := measured(100), measured(3)
	value := func(r evaluate.Report, method string) float64 {
		for _, row := range r.Rows {
			if row.Metric == evaluate.MetricNDCG && row.Method == method {
				return row.Mean.Value
			}
		}
		t.Fatalf("no %s of %s", evaluate.MetricNDCG, method)
		return 0
	}
	if value(short, evaluate.MethodPublished) >= value(long, evaluate.MethodPublished) {
		t.Error("lists of 3 find as much as lists of 100")
	}
	if value(short, evaluate.MethodItemKNN) != value(long, evaluate.MethodItemKNN) {
		t.Error("the baseline depends on the parameters")
	}
}

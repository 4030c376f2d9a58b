package neighbours

import (
	"fmt"
	"slices"
	"testing"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
)

// heldOut gives a night playlists that are kept away from training.
func heldOut(n *worktest.Night, lists [][]int32) {
	n.T.Helper()
	rows := make([]schemas.CleanPlaylist, len(lists))
	for i, songs := range lists {
		rows[i] = schemas.CleanPlaylist{PlaylistID: fmt.Sprint("held", i), HeldOut: true, Songs: songs}
	}
	ref, err := parquetio.WriteAll(n.T.Context(), n.Lake, lake.RunKey(n.Run, "work", "given", "playlists.parquet"), parquetio.Meta{RunID: n.Run, Table: schemas.WorkPlaylists}, rows)
	if err != nil {
		n.T.Fatal(err)
	}
	n.Files[schemas.WorkPlaylists] = []lake.FileRef{ref}
	n.Counts["matrix/held_out"] = int64(len(lists))
}

// Where vectors mislead, held-out playlists give co-occurrence the greater share, unless it is fixed or they are too few.
func TestFit(t *testing.T) {
	const seed = 47
	all, songs, artist := world(seed, 600, 4200, 10)
	lists, held := all[:3000], all[3000:]
	counts := func(held [][]int32, fixed bool) map[string]int64 {
		n, want := night(t, lists, songs, artist)
		wrong := make([]float32, len(songs)*want.Dim) // near are songs of ten communities, one after another
		for i := range songs {
			wrong[i*want.Dim+i/60] = 1
		}
		ref, err := npy.Write(t.Context(), n.Lake, lake.RunKey(n.Run, "work", "given", "wrong.npy"), wrong, len(songs), want.Dim)
		if err != nil {
			t.Fatal(err)
		}
		n.Files[schemas.WorkVectors] = []lake.FileRef{ref}
		heldOut(n, held)
		p := Default()
		p.Lambda, p.FixLambda = .1, fixed
		n.MustStage(Stage(p))
		return n.Counts
	}
	c := counts(held, false)
	if c["neighbours/lambda_ppm"] < 300_000 || c["neighbours/fit_ndcg_ppm"] <= c["neighbours/fit_ndcg_before_ppm"] || c["neighbours/fit_cases"] != fitCases {
		t.Errorf("seed %d: fitted %v", seed, c)
	}
	if again := counts(held, false); again["neighbours/lambda_ppm"] != c["neighbours/lambda_ppm"] || again["neighbours/fit_ndcg_ppm"] != c["neighbours/fit_ndcg_ppm"] {
		t.Errorf("seed %d: the same night fits %v, then %v", seed, c, again)
	}
	for name, c := range map[string]map[string]int64{"fixed": counts(held, true), "few": counts(held[:399], false)} {
		if _, ok := c["neighbours/lambda_ppm"]; ok {
			t.Errorf("seed %d: %s: fitted %v", seed, name, c)
		}
	}
}

// A playlist fits or measures, about half of them each; where few are held out, none fits.
func TestForFit(t *testing.T) {
	ids := make([]string, 4000)
	for i := range ids {
		ids[i] = fmt.Sprint("p", i)
	}
	fits := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !schemas.ForFit(id, int64(len(ids))) })
	if len(fits) < 1850 || len(fits) > 2150 {
		t.Errorf("%d of %d playlists fit", len(fits), len(ids))
	}
	if schemas.ForFit(fits[0], 399) {
		t.Error("one of 399 held-out playlists fits")
	}
}

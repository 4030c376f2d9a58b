package recommend

import (
	"errors"
	"slices"
	"testing"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
)

// From the lake alone, every song of a listener is found at its place of the published list with its score, or was lost at a
// step; strangers and unknown songs are errors.
func TestWhyNotReadsTheLake(t *testing.T) {
	n := newNight(t, 3)
	n.MustStage(Stage(params(), localtime.UsualHours()))
	rows := table[schemas.Recommendation](n, schemas.TableUserRecommendations)
	attempt := AttemptOf(n.Files[schemas.TableUserRecommendations][0])
	for _, user := range []string{"u003", "u011"} {
		for song := range testSongs {
			f, err := WhyNot(t.Context(), n.Lake, n.Run, attempt, [2]string{user, songName(song)})
			if err != nil {
				t.Fatal(err)
			}
			at := slices.IndexFunc(rows, func(r schemas.Recommendation) bool {
				return r.UserID == user && r.List == schemas.ListGeneral && r.SongID == songName(song)
			})
			if (at >= 0) != (f.Step == scoring.StepListed) {
				t.Errorf("%s %s: step %s, row %d", user, songName(song), f.Step, at)
			}
			if at >= 0 && (f.Place != int(rows[at].Rank) || f.Row.Score != rows[at].Score) {
				t.Errorf("%s %s: place %d and score %v, published %+v", user, songName(song), f.Place, f.Row.Score, rows[at])
			}
		}
	}
	for _, pair := range [][2]string{{"nobody", songName(1)}, {"u003", "no song"}} {
		if _, err := WhyNot(t.Context(), n.Lake, n.Run, attempt, pair); !errors.Is(err, ErrUnknown) {
			t.Errorf("%v: %v", pair, err)
		}
	}
}

// A run whose lists another version made is refused by name, whatever it left, before anything of it is read.
func TestWhyNotOfAnotherVersion(t *testing.T) {
	n := newNight(t, 1)
	old := map[string]any{"Calibration": map[string]any{"taste": []float32{0, 1}}}
	if _, err := lake.CreateJSON(t.Context(), n.Lake, lake.RunKey(n.Run, "work", "recommend", "night-old.json"), old); err != nil {
		t.Fatal(err)
	}
	if _, err := WhyNot(t.Context(), n.Lake, n.Run, "old-lists", [2]string{"u003", songName(1)}); !errors.Is(err, ErrMadeOtherwise) {
		t.Errorf("error %v", err)
	}
}

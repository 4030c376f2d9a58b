package recommend

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/work/worktest"
)

// odd is a listener of bad or unusual input.
type odd struct {
	id, country string
	picked      []string
	songs       []int // heard, in this order
	skipped     bool
	repeats     int      // of all songs; 0 = once
	gone        bool     // favourites that left the catalogue
	tier        []string // tiers that may lead the list
	reason      string
}

var odds = []odd{ // by id
	{id: "ANNA", country: "SE", songs: []int{4}, tier: []string{schemas.TierPersonal}, reason: scoring.ReasonFavourites},
	{id: "anna", country: "SE", tier: []string{schemas.TierRegion, schemas.TierWorld}, reason: scoring.ReasonNoPlays},
	{id: "everything", country: "SE", songs: all(testSongs), repeats: 1700, tier: []string{schemas.TierPersonal}, reason: scoring.ReasonAllKnown},
	{id: "gone", country: "FR", songs: []int{7}, gone: true, tier: []string{schemas.TierWorld}, reason: scoring.ReasonNoFavourites},
	{id: "new", country: "SE", picked: []string{"folk"}, tier: []string{schemas.TierRegion, schemas.TierWorld, schemas.TierGenre}, reason: scoring.ReasonNoPlays},
	{id: "nowhere", country: "ZZ", songs: []int{1}, tier: []string{schemas.TierPersonal}, reason: scoring.ReasonFavourites},
	{id: "one artist", songs: []int{0, 9, 18, 27, 36}, tier: []string{schemas.TierPersonal}, reason: scoring.ReasonFavourites},
	{id: "skips", songs: []int{3, 6, 12}, skipped: true, repeats: 3, tier: []string{schemas.TierWorld}, reason: scoring.ReasonNoFavourites},
}

func all(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// putOdd puts the odd listeners in place of the night's.
func putOdd(n *worktest.Night) {
	n.T.Helper()
	for _, name := range []string{schemas.WorkListeners, schemas.WorkListens, schemas.TableUserProfiles} {
		delete(n.Files, name)
	}
	book := listenio.NewBook()
	var listeners []schemas.Listener
	var profiles []schemas.UserProfile
	for _, o := range odds {
		listeners = append(listeners, schemas.Listener{UserID: o.id, Country: o.country, Genres: o.picked})
		p := schemas.UserProfile{UserID: o.id, Region: o.country, Plays: int64(len(o.songs) * max(1, o.repeats)), Taste: []float32{0.6, 0.8}}
		for k := range max(1, o.repeats) {
			for _, song := range o.songs {
				book.Add(listenio.Event{UserID: o.id, At: n.Date.AddDate(0, 0, -10).Add(time.Duration(k) * time.Second), Song: int32(song), Play: true, Skipped: o.skipped})
			}
		}
		for _, song := range o.songs {
			name := songName(song)
			if o.gone {
				name = "left/" + name
			}
			if !o.skipped {
				p.Favourites = append(p.Favourites, schemas.Seed{SongID: name, Weight: 1})
			}
		}
		if o.skipped || len(o.songs) == 0 || o.gone {
			p.Taste = nil
		}
		profiles = append(profiles, p)
	}
	put(n, schemas.WorkListeners, "odd", listeners)
	put(n, schemas.TableUserProfiles, "odd", profiles)
	ref, err := book.Write(n.T.Context(), n.Lake, lake.RunKey(n.Run, "test", "odd.parquet"), songNames())
	if err != nil {
		n.T.Fatal(err)
	}
	n.Files[schemas.WorkListens] = []lake.FileRef{ref}
}

// One play, 102,000 plays of every song, only skips, one artist, favourites that left the catalogue, ids that differ in case,
// a country without charts, picked genres alone: a full list each, of the rung and for the reason that the input gives.
func TestOddListeners(t *testing.T) {
	n := newNight(t, 1)
	putOdd(n)
	n.MustStage(Stage(params(), localtime.UsualHours()))
	rows := table[schemas.Recommendation](n, schemas.TableUserRecommendations)
	reasons := map[string]int64{}
	for _, c := range table[schemas.Coverage](n, schemas.TableCoverage) {
		if c.Dimension == schemas.All {
			reasons[c.Reason] += c.Users
		}
	}
	want := map[string]int64{}
	for _, o := range odds {
		want[o.reason]++
		var songs, tiers []string
		for _, r := range rows {
			if r.UserID != o.id || r.List != schemas.ListGeneral {
				continue
			}
			if math.IsNaN(float64(r.Score)) || slices.Contains(songs, r.SongID) {
				t.Errorf("%s: row %+v", o.id, r)
			}
			songs, tiers = append(songs, r.SongID), append(tiers, r.Tier)
		}
		if len(songs) != params().ListLength || !slices.ContainsFunc(tiers, func(x string) bool { return slices.Contains(o.tier, x) }) {
			t.Errorf("%s: %d songs of tiers %s, want some of %v", o.id, len(songs), strings.Join(tiers, " "), o.tier)
		}
	}
	for reason, users := range want {
		if reasons[reason] != users {
			t.Errorf("%d listeners of reason %s, want %d: %v", reasons[reason], reason, users, reasons)
		}
	}
}

// Familiar and mixed nights let known songs in, and a long absence gives a list of the ladder.
func TestModesAndAbsence(t *testing.T) {
	for _, mode := range modes[1:] {
		n := newNight(t, 1)
		putOdd(n)
		p := params()
		p.Mode = mode
		n.MustStage(Stage(p, localtime.UsualHours()))
		known := 0
		for _, r := range table[schemas.Recommendation](n, schemas.TableUserRecommendations) {
			if (r.UserID == "one artist" || r.UserID == "everything") && slices.Contains(r.Sources, "favourites") {
				known++
			}
		}
		if known == 0 {
			t.Errorf("mode %s: no known song in the list", mode)
		}
	}
	n := newNight(t, 1)
	n.Date = n.Date.AddDate(0, 0, 40)
	p := params()
	p.InactiveDays = 30
	n.MustStage(Stage(p, localtime.UsualHours()))
	for _, c := range table[schemas.Coverage](n, schemas.TableCoverage) {
		if c.Tier == schemas.TierPersonal {
			t.Errorf("after 40 days somebody has a personal list: %+v", c)
		}
	}
}

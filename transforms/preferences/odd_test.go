package preferences

import (
	"maps"
	"math"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/clean"
	"segue/transforms/io/lake"
	"segue/transforms/io/work/worktest"
	"segue/transforms/listens"
	"segue/transforms/moods"
)

// oddPlays are plays of which each is odd in its own way, all but the refused ones at 10:00 UTC unless they say so.
func oddPlays() []schemas.Play {
	at := time.Date(2026, 4, 7, 10, 0, 0, 0, time.UTC) // a Tuesday
	play := func(user, song string, edit func(*schemas.Play)) schemas.Play {
		p := schemas.Play{UserID: user, SongID: song, StartedAt: at, Kind: schemas.KindPlay, Country: "SE", Device: "phone"}
		edit(&p)
		return p
	}
	offset := func(minutes int32) func(*schemas.Play) {
		return func(p *schemas.Play) { p.UTCOffsetMinutes = &minutes }
	}
	return []schemas.Play{
		play("far east", "calm", offset(840)),
		play("too far east", "calm", offset(841)),
		play("too far west", "calm", offset(-841)),
		play("of a mood", "odd", func(*schemas.Play) {}),
		play("of no mood", "none", func(*schemas.Play) {}),
		play("baker", "calm", func(p *schemas.Play) { p.Device = "Toaster 3000" }),
		play("flyer", "calm", offset(60)),
		play("flyer", "calm", func(p *schemas.Play) { offset(-300)(p); p.StartedAt = at.Add(8 * time.Hour) }),
		play("old", "calm", func(p *schemas.Play) { p.StartedAt = time.Date(1969, 7, 20, 20, 0, 0, 0, time.UTC) }),
		play("early", "calm", func(p *schemas.Play) { p.StartedAt = time.Date(2106, 2, 7, 6, 28, 16, 0, time.UTC) }),
		play("diver", "calm", func(p *schemas.Play) { p.Country = "Atlantis" }),
	}
}

// Odd plays are kept or refused by rule, each counted: in = out + rejected, and nothing odd bends the table.
func TestOddPlays(t *testing.T) {
	n := worktest.New(t, "2026-04-08")
	n.Landing[schemas.LandingSongs] = []lake.FileRef{write(t, n, "songs", []schemas.Song{
		{SongID: "calm", Moods: []string{"calm"}}, {SongID: "odd", Moods: []string{"zxqv"}}, {SongID: "none"},
	})}
	n.Landing[schemas.LandingPlays] = []lake.FileRef{write(t, n, "plays", oddPlays())}
	n.Landing[schemas.LandingPlaylists] = []lake.FileRef{write(t, n, "playlists", []schemas.Playlist{{PlaylistID: "p", Songs: []string{"calm"}}})}
	lenient := clean.Default()
	lenient.MaxRejectedShare = 1
	n.MustStage(clean.Stage(lenient, 50))
	n.MustStage(listens.Stage())
	n.MustStage(moods.Stage(moods.Default()))
	p := Default()
	p.MinListeners = 1
	n.MustStage(Stage(p))
	for counter, want := range map[string]int64{
		"clean/plays_in": 11, "clean/plays_out": 8, "clean/plays_rejected": 3, "clean/rejected_" + schemas.ReasonBadOffset: 2, "clean/rejected_" + schemas.ReasonFutureTime: 1,
		"clean/device_other/Toaster 3000": 1, "clean/plays_country_unknown": 1, "listens/events": 8, "moods/unknown": 1, "moods/tag": 2,
		"preferences/listens": 7, "preferences/outside": 1, "preferences/unknown_time": 1,
	} {
		if got := n.Counts[counter]; got != want {
			t.Errorf("%s is %d, want %d", counter, got, want)
		}
	}
	oddRows(t, read(t, n).hours)
}

// oddRows checks what the odd plays leave in the table.
func oddRows(t *testing.T, rows []schemas.PreferenceByHour) {
	t.Helper()
	moods, hours, devices, regions := map[string]float64{}, map[int32]int64{}, map[string]bool{}, map[string]bool{}
	for _, r := range rows {
		regions[r.Region] = true
		if r.Kind != KindMood || r.Region != schemas.World {
			continue
		}
		devices[r.Device] = true
		switch {
		case r.Hour == nil && r.Device == schemas.All:
			moods[r.Value] = *r.Share
		case r.Hour != nil && r.Weekpart == schemas.All:
			hours[*r.Hour] += *r.Plays
		}
	}
	if len(moods) != 3 || moods["zxqv"] == 0 || moods[schemas.Unknown] == 0 || math.Abs(moods["zxqv"]+moods[schemas.Unknown]+moods["calm"]-1) > 1e-9 {
		t.Errorf("moods %v, want an unknown and a new one beside calm, 1 in all", moods)
	}
	// 10:00 UTC in Sweden is 12:00, 24:00 fourteen hours further east, 11:00 and, at 18:00 UTC, 13:00 where the flyer is.
	if want := map[int32]int64{0: 1, 11: 1, 12: 3, 13: 1}; !maps.Equal(hours, want) {
		t.Errorf("plays by local hour %v, want %v", hours, want)
	}
	if !devices["other"] || devices["Toaster 3000"] || len(regions) != 2 || !regions["SE"] {
		t.Errorf("devices %v, regions %v", devices, regions)
	}
}

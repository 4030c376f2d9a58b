package world

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"segue/schemas"
)

// Planted is a small world whose share of every mood in every context is known exactly: Share. Its listeners live in
// five zones over days in which three of them change their clocks; they differ much in how often they play, and each
// leans to moods of his own.
type Planted struct {
	Songs []schemas.Song
	Users []schemas.Listener
	Plays []schemas.Play
}

// PlantParams is the size of a Planted world.
type PlantParams struct {
	Seed  uint64
	Users int
	Days  int  // from PlantStart
	Bot   bool // one more listener, in SE: 20 plays of one mood an hour on a speaker, day and night
}

// PlantStart is the first day: Stockholm changes its clocks on 29 March, Lord Howe on 5 April; São Paulo, New York and
// Tokyo do not in these weeks.
var PlantStart = time.Date(2026, 3, 25, 0, 0, 0, 0, time.UTC)

// PlantedMoods are the moods of a Planted world; songs of the last are not tagged.
var PlantedMoods = []string{"calm", "energetic", "focus", "happy", schemas.Unknown}

// PlantedDevices are the devices of a Planted world.
var PlantedDevices = []string{"phone", "desktop", "speaker"}

// PlantedRegions are the countries of a Planted world, PlantedZones their time zones.
var (
	PlantedRegions = []string{"SE", "US", "BR", "JP", "AU"}
	PlantedZones   = []string{"Europe/Stockholm", "America/New_York", "America/Sao_Paulo", "Asia/Tokyo", "Australia/Lord_Howe"}
)

// Constants of the planted effects, on the logarithm of shares. Chosen once; nothing was fitted to them.
const (
	diurnal      = 0.9  // how much a mood gains at its hour over the hour 12 hours from it
	weekendMoods = 0.3  // what happy gains on weekends
	onDevice     = 0.5  // what the mood of a device gains on it
	inRegion     = 0.4  // what the mood of a region gains there
	lean         = 0.35 // chance that a play is what the listener leans to
	songsAMood   = 12
)

// peakHours are the hours at which the moods of PlantedMoods are heard most.
var peakHours = []float64{22, 8, 13, 18, 3}

// Share returns the planted share of a mood, an index of PlantedMoods like those of region and device.
func Share(region int, weekend bool, hour, device, mood int) float64 {
	return planted(region, weekend, hour, device)[mood]
}

// planted returns the shares of all moods in a context.
func planted(region int, weekend bool, hour, device int) []float64 {
	out, total := make([]float64, len(PlantedMoods)), 0.0
	for m := range out {
		x := diurnal / 2 * math.Cos(2*math.Pi*(float64(hour)-peakHours[m])/24)
		if weekend && m == 3 {
			x += weekendMoods
		}
		if m == device {
			x += onDevice
		}
		if m == region%4 {
			x += inRegion
		}
		out[m] = math.Exp(x)
		total += out[m]
	}
	for m := range out {
		out[m] /= total
	}
	return out
}

// Plant makes a Planted world.
//
// Plays of one listener are far from independent: with chance lean a play is the mood at the listener's own place on the
// scale from 0 to 1 of the cumulated shares, the same place always. Averaged over listeners the shares are those planted.
func Plant(p PlantParams) *Planted {
	w := &Planted{}
	for i := range songsAMood * len(PlantedMoods) {
		s := schemas.Song{SongID: plantedSong(i/songsAMood, i%songsAMood), Title: fmt.Sprint("Song ", i), Genres: []string{"any"}}
		if mood := PlantedMoods[i/songsAMood]; mood != schemas.Unknown {
			s.Moods = []string{mood}
		}
		w.Songs = append(w.Songs, s)
	}
	for i := range p.Users {
		w.plantListener(p, i)
	}
	if p.Bot {
		w.plantBot(p)
	}
	return w
}

func plantedSong(mood, n int) string { return fmt.Sprintf("song-%d-%02d", mood, n) }

// plantListener adds one listener with all his plays.
func (w *Planted) plantListener(p PlantParams, i int) {
	r := stream(p.Seed, "planted", i)
	region := i % len(PlantedRegions)
	zone := mustZone(PlantedZones[region])
	user := schemas.Listener{UserID: fmt.Sprintf("u%05d", i), Country: PlantedRegions[region]}
	if i%3 == 0 {
		user.TimeZone = PlantedZones[region]
	}
	w.Users = append(w.Users, user)
	place, active := r.Float64(), min(lognormal(r, 1.2, 0.9), 12)
	for day := range p.Days {
		date := PlantStart.AddDate(0, 0, day)
		for n := range poisson(r, active) {
			at := time.Date(date.Year(), date.Month(), date.Day(), r.IntN(24), r.IntN(60), n, 0, zone)
			device := r.IntN(len(PlantedDevices))
			mood := drawMood(r, place, region, at, device)
			w.Plays = append(w.Plays, plantedPlay(r, user, at, device, mood))
		}
	}
}

// drawMood draws the mood of a play.
func drawMood(r *rand.Rand, place float64, region int, at time.Time, device int) int {
	weekend := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday
	x := place
	if r.Float64() >= lean {
		x = r.Float64()
	}
	shares := planted(region, weekend, at.Hour(), device)
	for m, s := range shares {
		if x -= s; x < 0 {
			return m
		}
	}
	return len(shares) - 1
}

// plantedPlay makes a play; how the listener's clock can be known differs: from the user's zone, the play's, its offset.
func plantedPlay(r *rand.Rand, user schemas.Listener, at time.Time, device, mood int) schemas.Play {
	song := plantedSong(mood, r.IntN(songsAMood))
	ms, track := int64(200_000), int64(200_000)
	if r.Float64() < 0.15 {
		ms = int64(1000 + r.IntN(25_000)) // skipped, whatever the mood
	}
	e := schemas.Play{
		EventID: fmt.Sprintf("%s-%d-%s", user.UserID, at.Unix(), song), UserID: user.UserID, SongID: song, StartedAt: at.UTC(), Kind: schemas.KindPlay,
		MsPlayed: &ms, TrackMs: &track, Device: PlantedDevices[device], Country: user.Country,
	}
	switch _, offset := at.Zone(); {
	case user.TimeZone != "":
	case r.IntN(2) == 0:
		e.TimeZone = at.Location().String()
	default:
		minutes := int32(offset / 60)
		e.UTCOffsetMinutes = &minutes
	}
	return e
}

// plantBot adds a listener who plays one mood without end.
func (w *Planted) plantBot(p PlantParams) {
	r, zone := stream(p.Seed, "bot", 0), mustZone(PlantedZones[0])
	user := schemas.Listener{UserID: "bot", Country: PlantedRegions[0], TimeZone: PlantedZones[0]}
	w.Users = append(w.Users, user)
	for n := range p.Days * 24 * 20 {
		e := plantedPlay(r, user, PlantStart.Add(time.Duration(n)*3*time.Minute).In(zone), 2, 0)
		*e.MsPlayed = *e.TrackMs
		w.Plays = append(w.Plays, e)
	}
}

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(fmt.Sprintf("world: load zone %s: %v", name, err)) // the zones are linked into the program
	}
	return zone
}

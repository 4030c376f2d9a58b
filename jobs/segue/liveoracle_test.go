package main_test

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"segue/transforms/io/kafkaio"
)

// heard is one sound event, read by encoding/json alone.
type heard struct {
	Version   *int   `json:"v"`
	EventID   string `json:"event_id"`
	UserID    string `json:"user_id"`
	SongID    string `json:"song_id"`
	StartedAt string `json:"started_at"`
	Kind      string `json:"kind"`
	MsPlayed  *int64 `json:"ms_played"`
	TrackMs   *int64 `json:"track_ms"`
	Skipped   *bool  `json:"skipped"`
	Device    string `json:"device"`
	Country   string `json:"country"`

	at, until int64 // microseconds
}

// liveOracle says what must come of a topic, by another road than the job: it keeps every event and sorts.
type liveOracle struct {
	events                               map[string][]heard // by listener, those that count
	newest                               map[string]int64
	offset                               map[string]int64 // of the newest record that counts
	seen                                 map[[2]string]bool
	sound                                map[[2]int64]bool // partition, offset: what must be archived
	in, applied, late, duplicates, broke int
}

func newLiveOracle() *liveOracle {
	return &liveOracle{events: map[string][]heard{}, newest: map[string]int64{}, offset: map[string]int64{}, seen: map[[2]string]bool{}, sound: map[[2]int64]bool{}}
}

const (
	oracleLateness = int64(10 * time.Minute / time.Microsecond)
	oracleGap      = int64(30 * time.Minute / time.Microsecond)
)

// add takes the next record of a partition.
func (o *liveOracle) add(partition int32, r kafkaio.Record) {
	o.in++
	e, ok := readHeard(r)
	if !ok {
		o.broke++
		return
	}
	o.sound[[2]int64{int64(partition), r.Offset}] = true
	id := [2]string{e.UserID, e.EventID}
	newest, known := o.newest[e.UserID]
	switch {
	case known && e.at < newest-oracleLateness:
		o.late++
	case o.seen[id]:
		o.duplicates++
	default:
		o.applied++
		o.seen[id] = true
		o.newest[e.UserID] = max(newest, e.at)
		o.offset[e.UserID] = r.Offset
		o.events[e.UserID] = append(o.events[e.UserID], e)
	}
}

// readHeard reads an event of the simulation; false = a broken one.
func readHeard(r kafkaio.Record) (heard, bool) {
	var e heard
	if len(r.Value) == 0 || json.Unmarshal(r.Value, &e) != nil {
		return e, false
	}
	at, err := time.Parse(time.RFC3339Nano, e.StartedAt)
	if err != nil || at.Year() < 1800 || at.After(time.UnixMilli(r.Time).Add(24*time.Hour)) {
		return e, false
	}
	e.at = at.UnixMicro()
	e.until = e.at
	if e.MsPlayed != nil {
		e.until += *e.MsPlayed * 1000
	}
	sound := e.UserID != "" && e.UserID == string(r.Key) && e.SongID != "" && e.EventID != "" && *e.Version == 1 &&
		slices.Contains([]string{"play", "like", "unlike", "save"}, e.Kind) && (e.MsPlayed == nil || *e.MsPlayed >= 0)
	return e, sound
}

// oracleFeatures are the fields of a feature record the oracle works out.
type oracleFeatures struct {
	User       string   `json:"user_id"`
	Start      int64    `json:"session_start"`
	End        int64    `json:"session_end"`
	Last       int64    `json:"last_play"`
	Plays      int64    `json:"session_plays"`
	Completes  int64    `json:"session_completes"`
	Skips      int64    `json:"session_skips"`
	Likes      int64    `json:"session_likes"`
	Ms         int64    `json:"session_ms"`
	SinceLast  *int64   `json:"since_last_session_ms"`
	TotalPlays int64    `json:"total_plays"`
	TotalSkips int64    `json:"total_skips"`
	Country    *string  `json:"country"`
	Recent     []string `json:"recent"`
	Outcomes   []string `json:"outcomes"`
	EventID    string   `json:"event_id"`
	Offset     int64    `json:"offset"`
}

// features works out a listener's record from the sorted events.
func (o *liveOracle) features(user string) oracleFeatures {
	events := slices.Clone(o.events[user])
	slices.SortFunc(events, func(a, b heard) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.EventID, b.EventID)) })
	f := oracleFeatures{User: user, Offset: o.offset[user], Recent: []string{}, Outcomes: []string{}}
	var until int64
	for i := range events {
		e := &events[i]
		f.EventID = e.EventID
		if e.Kind != "play" {
			f.react(e, until)
			continue
		}
		if f.TotalPlays == 0 || e.at-until > oracleGap {
			f.begin(e, until)
			until = e.at
		}
		until = max(until, e.until)
		f.play(e, until)
	}
	return f
}

func (f *oracleFeatures) begin(e *heard, until int64) {
	if f.TotalPlays > 0 {
		f.SinceLast = new((e.at - until) / 1000)
	}
	f.Start, f.Plays, f.Completes, f.Skips, f.Likes, f.Ms = e.at/1000, 0, 0, 0, 0, 0
}

func (f *oracleFeatures) play(e *heard, until int64) {
	f.Plays++
	f.TotalPlays++
	f.Last, f.End = e.at/1000, until/1000
	if e.MsPlayed != nil {
		f.Ms += *e.MsPlayed
	}
	outcome := oracleOutcome(e)
	switch outcome {
	case "skip":
		f.Skips++
		f.TotalSkips++
	case "complete":
		f.Completes++
	}
	f.Country = nil
	if e.Country != "" {
		f.Country = &e.Country
	}
	f.Recent, f.Outcomes = append(f.Recent, e.SongID), append(f.Outcomes, outcome)
	from := max(0, len(f.Recent)-20)
	f.Recent, f.Outcomes = f.Recent[from:], f.Outcomes[from:]
}

// react counts a like within the session.
func (f *oracleFeatures) react(e *heard, until int64) {
	if f.TotalPlays == 0 || e.at-until > oracleGap {
		return
	}
	switch e.Kind {
	case "like":
		f.Likes++
	case "unlike":
		f.Likes = max(0, f.Likes-1)
	}
}

func oracleOutcome(e *heard) string {
	switch {
	case e.Skipped != nil && *e.Skipped:
		return "skip"
	case e.MsPlayed != nil && e.TrackMs != nil && *e.TrackMs > 0 && 5**e.MsPlayed >= 4**e.TrackMs:
		return "complete"
	case e.MsPlayed != nil && e.TrackMs != nil && *e.TrackMs > 0:
		return "part"
	case e.Skipped != nil:
		return "complete"
	}
	return "unknown"
}

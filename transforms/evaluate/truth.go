package evaluate

import (
	"context"
	"maps"
	"slices"
	"strings"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/worth"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

func init() {
	work.Register[truthFn, work.Collect[lake.FileRef], dayPlays, lake.FileRef, []lake.FileRef]()
}

// Histories of a listener before the plays that are sought, strata of held-out days.
const (
	historyCold  = "cold"  // no play
	historyLight = "light" // fewer than heavyPlays
	historyHeavy = "heavy"
	heavyPlays   = 25
)

// playedSong is a song that a listener met for the first time after a release, without skipping it; or, when Known, a song of
// the release's charts that the listener had met before.
type playedSong struct {
	UserID  string `parquet:"user_id,dict"`
	Hash    int64  `parquet:"hash,plain"` // of the listener: decides who is in the sample
	History string `parquet:"history,dict"`
	Region  string `parquet:"region,dict"` // country of the last play before, or of the first; "" = unknown
	Song    int32  `parquet:"song,plain"`  // dense song index of tonight
	List    string `parquet:"list,dict"`   // the context list that should have it; "" = its local time or device is unknown
	Known   bool   `parquet:"known"`
}

// truthFn finds what the listeners of one bucket discovered after a release.
type truthFn struct {
	Shared dayShared
}

// Do writes the discoveries of the sample; nothing when there are none.
func (f truthFn) Do(ctx context.Context, env *work.Env, item dayPlays) ([]work.Keyed[lake.FileRef], error) {
	charted, err := f.charted(ctx, env.Lake)
	if err != nil {
		return nil, err
	}
	ids, err := readIDs(ctx, env.Lake, f.Shared.Songs)
	if err != nil {
		return nil, err
	}
	l := listener{release: f.Shared.Release, hours: f.Shared.Hours, charted: charted}
	for p, err := range parquetio.Merge(ctx, env.Lake, item.Files, schemas.ComparePlays) {
		if err != nil {
			return nil, err
		}
		if p.UserID != l.user {
			l.finish()
			l.begin(strings.Clone(p.UserID))
		}
		l.add(p, songOf(ids, p.SongID))
	}
	l.finish()
	rows := smallestListeners(l.out, f.Shared.Limit)
	if len(rows) == 0 {
		return nil, nil
	}
	ref, err := parquetio.WriteAll(ctx, env.Lake, env.File("truth", item.Name, ".parquet"), parquetio.Meta{Table: "truth"}, rows)
	return []work.Keyed[lake.FileRef]{{Key: item.Name, Value: ref}}, err
}

// charted returns the songs that are in a chart of the release.
func (f truthFn) charted(ctx context.Context, s lake.Store) (map[int32]bool, error) {
	charts, err := readCharts(ctx, s, f.Shared)
	out := map[int32]bool{}
	for _, songs := range charts {
		for _, c := range songs {
			out[c] = true
		}
	}
	return out, err
}

// listener collects the plays of one listener after another, in order of time.
type listener struct {
	release release
	hours   localtime.DayHours
	charted map[int32]bool
	out     []playedSong

	user   string
	region string
	plays  int // before the release
	met    map[int32]bool
	found  []playedSong
	seen   map[playedSong]bool
}

func (l *listener) begin(user string) {
	*l = listener{release: l.release, hours: l.hours, charted: l.charted, out: l.out, user: user, met: map[int32]bool{}, seen: map[playedSong]bool{}}
}

// add takes a play of a song in. A song is discovered when no event before the release has it; a skip, or taking a like back, is not
// wanting it.
func (l *listener) add(p schemas.CleanPlay, song int32) {
	before := p.StartedAt.Before(l.release.From)
	if p.Country != "" && (before || l.region == "") {
		l.region = strings.Clone(p.Country)
	}
	if before {
		l.met[song] = true
		if p.Kind == schemas.KindPlay {
			l.plays++
		}
		return
	}
	e := worth.Event{MsPlayed: p.MsPlayed, TrackMs: p.TrackMs, Skipped: p.Skipped}
	if p.Kind == schemas.KindPlay {
		e.Kind = worth.Play
	}
	if !p.StartedAt.Before(l.release.To) || l.met[song] || p.Kind == schemas.KindUnlike || worth.Skip(e) {
		return
	}
	row := playedSong{Song: song, List: l.contextList(p)}
	if !l.seen[row] {
		l.seen[row] = true
		l.found = append(l.found, row)
	}
}

// contextList returns the name of the list of a play's context; "" where that is not known.
func (l *listener) contextList(p schemas.CleanPlay) string {
	hour, _, known := localtime.Of(p.StartedAt, p.LocalMin)
	if !known || p.Device == "" || p.Device == schemas.Unknown {
		return ""
	}
	return schemas.ContextList(schemas.DayParts[l.hours.Part(hour)], p.Device)
}

// finish keeps what the listener discovered.
func (l *listener) finish() {
	if len(l.found) == 0 {
		return
	}
	for _, c := range slices.Sorted(maps.Keys(l.charted)) {
		if l.met[c] {
			l.found = append(l.found, playedSong{Song: c, Known: true})
		}
	}
	history := historyHeavy
	switch {
	case l.plays == 0:
		history = historyCold
	case l.plays < heavyPlays:
		history = historyLight
	}
	for _, row := range l.found {
		row.UserID, row.Hash = l.user, int64(schemas.Hash64(0, "evaluate/listener", l.user))
		row.History, row.Region = history, l.region
		l.out = append(l.out, row)
	}
}

// chartRow is what is read of table charts.
type chartRow struct {
	Region     string `parquet:"region,dict"`
	WindowDays int32  `parquet:"window_days,plain"`
	Rank       int32  `parquet:"rank,plain"`
	SongID     string `parquet:"song_id,dict"`
}

// chartWindow is the window of the charts that are the baseline, the longest.
const chartWindow = 28

// readCharts returns the release's chart of every region as song indices of tonight, in order of rank.
func readCharts(ctx context.Context, s lake.Store, shared dayShared) (map[string][]int32, error) {
	ids, err := readIDs(ctx, s, shared.Songs)
	if err != nil {
		return nil, err
	}
	rows, err := tables.Read[chartRow](ctx, s, shared.Release.Charts)
	out := map[string][]int32{}
	for _, r := range rows {
		if song := songOf(ids, r.SongID); r.WindowDays == chartWindow && song >= 0 {
			out[r.Region] = append(out[r.Region], song)
		}
	}
	return out, err
}

package importer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"segue/transforms/io/lake"
)

// Formats of Sources.From.
const (
	JSONL        = "jsonl"
	CSV          = "csv"
	Parquet      = "parquet"
	MPD          = "mpd"
	ListenBrainz = "listenbrainz"
	Spotify      = "spotify"
)

// Formats lists the values of Sources.From.
func Formats() []string { return []string{JSONL, CSV, Parquet, MPD, ListenBrainz, Spotify} }

// Sources says what to read: each entry is a file, a glob or a folder, which is searched to its depth.
// Endings .jsonl, .ndjson, .listens, .json, .csv, .tsv and .parquet decide the parser, with .gz or .zst behind them where
// the file is compressed (not Parquet); another ending is read as From says.
type Sources struct {
	From      string   // one of Formats; mpd reads Playlists, listenbrainz and spotify read Plays in their own shape
	Playlists []string // with mpd the slices, which give songs too
	Songs     []string // given, they are the songs snapshot; else songs found in mpd, listenbrainz or spotify files join the lake's
	Plays     []string
	Users     []string
}

// Options are the caller's statements about the input. None is needed.
type Options struct {
	Date     time.Time // logical date of snapshots and rejects; zero = UTC day of the newest play not after Today, else Today
	Today    time.Time // the caller's clock, for a zero Date; zero = unknown
	Country  string    // ISO code of plays and listeners whose record has none; "" = unknown stays unknown
	TimeZone string    // IANA name for the same; "" = unknown stays unknown
	User     string    // listener of plays whose file names none, such as an account export
	Replace  bool      // drop a snapshot of the same date with other content instead of refusing
}

// Import reads every source, then writes playlists, songs and users as full snapshots of opt.Date, plays as increments
// by day, and bad records as rejects. Importing the same files again changes nothing: a part is named after the content
// of its input.
//
// Order:  files by path; rows of a part by id, plays by (user_id, started_at, event_id).
// Errors: a file that is missing, damaged, of another type or without a needed column; an empty folder; a snapshot of
// that date with other content unless opt.Replace. Nothing is written then.
// Cost:   one pass over the input; up to 256 MiB of rows a kind, staged parts in a temporary folder, 16 bytes a song
// for songs that come with playlists or plays.
func Import(ctx context.Context, s lake.Store, src Sources, opt Options) (_ Report, err error) {
	jobs, err := plan(src, opt)
	if err != nil {
		return Report{}, err
	}
	r, err := newRun(ctx, src, opt)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	for _, j := range jobs {
		if err := r.read(ctx, j); err != nil {
			return Report{}, err
		}
	}
	return r.commit(ctx, s)
}

// Check tells, before a lake is opened, what is wrong with sources and options: an unknown format or time zone, a missing file, a
// folder without files of the format.
func Check(src Sources, opt Options) error {
	_, err := plan(src, opt)
	return err
}

// job is the files of one kind and how they are understood.
type job struct {
	kind   string
	files  []file
	layout *layout // nil for mpd
}

func plan(src Sources, opt Options) ([]job, error) {
	if !slices.Contains(Formats(), src.From) {
		return nil, fmt.Errorf("import: unknown format %q: it must be one of %q", src.From, Formats())
	}
	if _, err := time.LoadLocation(opt.TimeZone); err != nil {
		return nil, fmt.Errorf("import: time zone %q: %w", opt.TimeZone, err)
	}
	var jobs []job
	for _, k := range []struct {
		kind  string
		paths []string
	}{{kindPlaylists, src.Playlists}, {kindSongs, src.Songs}, {kindUsers, src.Users}, {kindPlays, src.Plays}} {
		if len(k.paths) == 0 {
			continue
		}
		files, err := expand(k.paths, k.kind, src.From)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, job{k.kind, files, layoutFor(k.kind, src.From, opt)})
	}
	if len(jobs) == 0 {
		return nil, errors.New("import: no playlists, songs, plays or users given")
	}
	return jobs, nil
}

// layoutFor returns the columns of a kind in a format; nil for what mpd.go reads.
func layoutFor(kind, from string, opt Options) *layout {
	switch {
	case kind == kindPlaylists && from == MPD:
		return nil
	case kind == kindPlaylists:
		return newLayout(kind, playlistColumns, need{fPlaylist}, need{fSongs})
	case kind == kindSongs:
		return newLayout(kind, songColumns, need{fSong})
	case kind == kindUsers:
		return newLayout(kind, userColumns, need{fUser})
	}
	needs := []need{{fTime}, {fSong}}
	if opt.User == "" {
		needs = append(needs, need{fUser})
	}
	switch from {
	case ListenBrainz:
		needs[1] = need{fSong, fTitle}
		return newLayout(kind, listenColumns, needs...).carryingSongs()
	case Spotify:
		needs[0], needs[1] = need{fEndedAt}, need{fSong, fTitle}
		return newLayout(kind, spotifyColumns, needs...).carryingSongs()
	}
	return newLayout(kind, playColumns, needs...)
}

package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"time"

	"segue/schemas"
)

// run is one import: what was read so far.
type run struct {
	opt       Options
	stage     *staging
	playlists *sink[schemas.Playlist]
	songs     *sink[schemas.Song]
	users     *sink[schemas.Listener]
	plays     *sink[schemas.Play]
	known     *idSet // ids of derived songs; nil when songs are given
	books     map[string]*book
	unmatched map[[2]string]string // kind, column → file
	newest    newest
}

// book is what one kind counts.
type book struct {
	KindReport
	reasons map[string]int64
	rejects *sink[schemas.Rejected]
	content hash.Hash // of the options and files that make the rows
}

func newRun(ctx context.Context, src Sources, opt Options) (*run, error) {
	stage, err := newStaging(ctx)
	if err != nil {
		return nil, err
	}
	r := &run{
		opt: opt, stage: stage, books: map[string]*book{}, unmatched: map[[2]string]string{},
		playlists: newSink(stage, kindPlaylists, byPlaylist, weighPlaylist), songs: newSink(stage, kindSongs, bySong, weighSong),
		users: newSink(stage, kindUsers, byUser, weighUser), plays: newSink(stage, kindPlays, byPlay, weighPlay),
		newest: newest{limit: opt.Today},
	}
	r.plays.day = func(p schemas.Play) time.Time { return dayOf(p.StartedAt) }
	r.plays.folder = r.newest.folder
	if len(src.Songs) == 0 && (src.From == MPD || src.From == ListenBrainz || src.From == Spotify) {
		r.known = newIDSet()
	}
	for _, kind := range []string{kindPlaylists, kindSongs, kindUsers, kindPlays} {
		b := &book{KindReport: KindReport{Kind: kind}, reasons: map[string]int64{}, content: sha256.New()}
		b.rejects = newSink(stage, "rejected-"+kind, byRejected, weighRejected)
		fmt.Fprintf(b.content, "segue import 1\n%s\n%s\n%s\n%s\n%s\n", kind, src.From, opt.Country, opt.TimeZone, opt.User)
		r.books[kind] = b
	}
	return r, nil
}

func (r *run) close() error { return r.stage.close() }

// id returns what names the parts of a kind: 12 hex digits of the content they come from.
func (b *book) id() string { return hex.EncodeToString(b.content.Sum(nil))[:12] }

// read reads the files of a job into the sinks.
func (r *run) read(ctx context.Context, j job) error {
	for _, f := range j.files {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		sum, err := r.readFile(ctx, j, f)
		if err != nil {
			return fmt.Errorf("import %s %s: %w", j.kind, f.path, err)
		}
		for _, kind := range r.fedBy(j) {
			fmt.Fprintf(r.books[kind].content, "%x\n", sum)
		}
		r.books[j.kind].Files++
	}
	return nil
}

// fedBy lists the kinds whose rows come from a job's files.
func (r *run) fedBy(j job) []string {
	if r.known != nil && (j.layout == nil || j.layout.songs) {
		return []string{j.kind, kindSongs}
	}
	return []string{j.kind}
}

func (r *run) readFile(ctx context.Context, j job, f file) ([]byte, error) {
	if j.layout == nil {
		return r.readMPD(ctx, f)
	}
	p := &parser{
		layout: j.layout, names: map[string]string{},
		emit: func(rec *record) error { return r.take(ctx, j, f, rec) },
		unmatched: func(column string) {
			if at := [2]string{j.kind, column}; r.unmatched[at] == "" {
				r.unmatched[at] = f.name
			}
		},
	}
	return p.parse(f)
}

// take turns a record into a row of its kind, or a reject.
func (r *run) take(ctx context.Context, j job, f file, rec *record) error {
	b := r.books[j.kind]
	b.In++
	var put func() error
	var reason string
	switch j.kind {
	case kindPlaylists:
		row, why := playlistRow(rec)
		reason, put = why, func() error { return r.playlists.add(ctx, row) }
	case kindSongs:
		row, why := songRow(rec)
		reason, put = why, func() error { return r.songs.add(ctx, row) }
	case kindUsers:
		row, why := userRow(rec, r.opt)
		reason, put = why, func() error { return r.users.add(ctx, row) }
	default:
		row, song, ignored, why := playRow(rec, j.layout.songs, r.opt)
		if ignored {
			b.Ignored++
			return nil
		}
		reason, put = why, func() error { return r.addPlay(ctx, row, song) }
	}
	if reason != "" {
		return b.reject(ctx, f, rec.pos, reason, rec.raw())
	}
	b.Out++
	return put()
}

func (r *run) addPlay(ctx context.Context, p schemas.Play, s schemas.Song) error {
	r.newest.see(p.StartedAt)
	if err := r.plays.add(ctx, p); err != nil {
		return err
	}
	return r.derive(ctx, s)
}

// derive adds a song that came with another record, once.
func (r *run) derive(ctx context.Context, s schemas.Song) error {
	if r.known == nil || s.SongID == "" || !r.known.add(s.SongID) {
		return nil
	}
	return r.songs.add(ctx, s)
}

func (r *run) readMPD(ctx context.Context, f file) ([]byte, error) {
	c, err := f.open()
	if err != nil {
		return nil, err
	}
	defer c.close()
	b := r.books[kindPlaylists]
	err = readSlice(c.Reader, func(pos int64, p mpdPlaylist, reason string, raw []byte) error {
		b.In++
		if reason != "" {
			return b.reject(ctx, f, pos, reason, string(raw))
		}
		b.Out++
		for _, t := range p.Tracks {
			if err := r.derive(ctx, t.row()); err != nil {
				return err
			}
		}
		return r.playlists.add(ctx, p.row())
	})
	if err != nil {
		return nil, err
	}
	return c.finish()
}

// maxRecord is the length a rejected record is cut to, in bytes.
const maxRecord = 1 << 10

func (b *book) reject(ctx context.Context, f file, pos int64, reason, raw string) error {
	b.Rejected++
	b.reasons[reason]++
	raw = strings.ToValidUTF8(raw[:min(len(raw), maxRecord)], "\uFFFD")
	return b.rejects.add(ctx, schemas.Rejected{Source: f.name, Position: pos, Reason: reason, Record: raw})
}

package clean

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[playlistsSplitFn, groupFn, part, splitOut, group]()
	work.Register[splitFn[schemas.Song, songRules], groupFn, part, splitOut, group]()
	work.Register[splitFn[schemas.Listener, listenerRules], groupFn, part, splitOut, group]()
	work.Register[playsSplitFn, groupFn, part, splitOut, group]()
}

// splitFn reads a part of the landing files of one kind, judges every row, and writes one segment file a bucket that got
// any, one segment of distinct song ids a song bucket, and one file of rejected rows.
type splitFn[T any, R rules[T]] struct {
	Kind        string
	Rules       R
	Buckets     int
	SongBuckets int
}

func (f splitFn[T, R]) buckets() (rows, songs int) { return f.Buckets, f.SongBuckets }

// splitOut is one value of a split: a segment, or the report of the part.
type splitOut struct {
	Segment  *lake.FileRef `json:",omitempty"`
	Words    *lake.FileRef `json:",omitempty"` // of a segment of playlists: the ids of the songs of the part, by number
	Rejected *lake.FileRef `json:",omitempty"`
	Tally    *tally        `json:",omitempty"`
}

// Keys of a split: segments by bucket and, of plays, day; song ids by song bucket, one report.
func bucketKey(b int, day string) string { return fmt.Sprintf("bucket/%04d/%s", b, day) }
func songsKey(b int) string              { return fmt.Sprintf("songs/%04d", b) }

const reportKey = "report"

// Do returns the references of what it wrote.
func (f splitFn[T, R]) Do(ctx context.Context, env *work.Env, p part) ([]work.Keyed[splitOut], error) {
	s := newSplitter[T](env, f.Kind, p, f.Buckets, f.SongBuckets)
	defer s.abort()
	for _, ref := range p.Files {
		p := placed[T]{Source: ref.Key} // one for all rows: they are wide
		for row, err := range parquetio.Read[T](ctx, env.Lake, ref) {
			if err != nil {
				return nil, fmt.Errorf("read landing %s: %w", f.Kind, err)
			}
			p.Row = row
			p.Position++
			if err := f.take(ctx, s, &p); err != nil {
				return nil, err
			}
		}
	}
	return s.close(ctx)
}

func (f splitFn[T, R]) take(ctx context.Context, s *splitter[T], p *placed[T]) error {
	v := f.Rules.check(&p.Row)
	if ok, err := judge(ctx, s, p, v); !ok {
		return err
	}
	if err := s.putSongs(ctx, f.Rules.songs(&p.Row)); err != nil {
		return err
	}
	return s.put(ctx, f.Rules.id(&p.Row), p)
}

// splitter writes what a split makes of a part, whose segments hold rows of T.
type splitter[T any] struct {
	day                  string
	buckets, songBuckets int
	rows                 *segments[placed[T]]
	ids                  *segments[indexRow]
	rejected             *segments[schemas.Rejected]
	seen                 map[string]struct{}
	words                *lake.FileRef // of playlists
	tally                tally
}

func newSplitter[T any](env *work.Env, kind string, p part, buckets, songBuckets int) *splitter[T] {
	return &splitter[T]{
		day:         p.Day,
		buckets:     buckets,
		songBuckets: songBuckets,
		rows:        newSegments[placed[T]](env, kind, p.name(), segmentMeta()),
		ids:         newSegments[indexRow](env, kind+"-songs", p.name(), segmentMeta()),
		rejected:    newSegments[schemas.Rejected](env, kind+"-rejected", p.name(), segmentMeta()),
		seen:        map[string]struct{}{},
	}
}

// judge enters the verdict on a record and reports whether it is used.
func judge[T, Record any](ctx context.Context, s *splitter[T], p *placed[Record], v verdict) (used bool, err error) {
	s.tally.In++
	switch {
	case v.Reason != "":
		s.tally.reject(v.Reason, 1)
		return false, s.reject(ctx, rejection(*p, v.Reason))
	case v.Cut:
		s.tally.Cut++
		if err := s.reject(ctx, rejection(*p, schemas.ReasonTooLong)); err != nil {
			return false, err
		}
	}
	s.tally.Out++
	s.tally.Dropped += v.Dropped
	if v.Country {
		s.tally.NoCountry++
	}
	if v.Device != "" {
		s.tally.otherDevice(v.Device, 1)
	}
	return true, nil
}

func (s *splitter[T]) reject(ctx context.Context, r schemas.Rejected) error {
	return s.rejected.write(ctx, 0, &r)
}

// put writes a row into the segment of an id.
func (s *splitter[T]) put(ctx context.Context, id string, p *placed[T]) error {
	return s.rows.write(ctx, schemas.Bucket(id, s.buckets), p)
}

// putSongs writes ids that are new.
func (s *splitter[T]) putSongs(ctx context.Context, songs []string) error {
	for _, id := range songs {
		if _, ok := s.seen[id]; ok {
			continue
		}
		s.seen[strings.Clone(id)] = struct{}{}
		if err := s.putSong(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *splitter[T]) putSong(ctx context.Context, id string) error {
	return s.ids.write(ctx, schemas.Bucket(id, s.songBuckets), &indexRow{SongID: id})
}

func (s *splitter[T]) close(ctx context.Context) ([]work.Keyed[splitOut], error) {
	var out []work.Keyed[splitOut]
	rows, err := s.rows.close(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		out = append(out, work.Keyed[splitOut]{Key: bucketKey(r.bucket, s.day), Value: splitOut{Segment: &r.ref, Words: s.words}})
	}
	ids, err := s.ids.close(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range ids {
		out = append(out, work.Keyed[splitOut]{Key: songsKey(r.bucket), Value: splitOut{Segment: &r.ref}})
	}
	rejected, err := s.rejected.close(ctx)
	if err != nil {
		return nil, err
	}
	report := splitOut{Tally: &s.tally}
	for _, r := range rejected {
		report.Rejected = &r.ref
	}
	return append(out, work.Keyed[splitOut]{Key: reportKey, Value: report}), nil
}

func (s *splitter[T]) abort() {
	s.rows.abort()
	s.ids.abort()
	s.rejected.abort()
}

// group is what all parts of a kind gave for one key.
type group struct {
	Key      string
	Segments []lake.FileRef
	Words    []lake.FileRef `json:",omitempty"` // of each segment of playlists
	Rejected []lake.FileRef
	Tally    tally
}

// groupFn gathers the references of one key, in the order of the parts.
type groupFn struct{}

// Merge returns the group of key.
func (groupFn) Merge(_ context.Context, _ *work.Env, key string, values []splitOut) (group, error) {
	g := group{Key: key}
	for _, v := range values {
		g.Segments, g.Words = append(g.Segments, files(v.Segment)...), append(g.Words, files(v.Words)...)
		g.Rejected = append(g.Rejected, files(v.Rejected)...)
		if v.Tally != nil {
			g.Tally.add(*v.Tally)
		}
	}
	return g, nil
}

// Cheap says that it is.
func (groupFn) Cheap() {}

// rejection returns the row of table rejected for p.
func rejection[T any](p placed[T], reason string) schemas.Rejected {
	return schemas.Rejected{Source: p.Source, Position: p.Position, Reason: reason, Record: recordText(p.Row)}
}

// maxRecord is what table rejected keeps of a record, in bytes.
const maxRecord = 1 << 10

// recordText returns a row as JSON by column, without empty ones, cut at maxRecord, with invalid UTF-8 replaced.
func recordText(row any) string {
	v := reflect.ValueOf(row)
	var fields []string
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			continue
		}
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("parquet"), ",")
		b, err := json.Marshal(v.Field(i).Interface())
		if err != nil { // an instant JSON cannot say
			b = fmt.Appendf(nil, "%q", fmt.Sprint(v.Field(i).Interface()))
		}
		fields = append(fields, fmt.Sprintf("%q:%s", name, b))
	}
	text := strings.ToValidUTF8("{"+strings.Join(fields, ",")+"}", "\ufffd")
	if len(text) > maxRecord {
		text = text[:maxRecord]
		for !utf8.ValidString(text) {
			text = text[:len(text)-1]
		}
	}
	return text
}

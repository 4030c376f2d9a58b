package recommend

import (
	"context"
	"fmt"
	"iter"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// listenerRow is what is read of clean_listeners.
type listenerRow struct {
	UserID  string `parquet:"user_id,plain"`
	Country string `parquet:"country,dict"`
}

// playRow is what is read of clean_plays.
type playRow struct {
	UserID  string `parquet:"user_id,dict"`
	Song    int32  `parquet:"song,plain"`
	Kind    string `parquet:"kind,dict"`
	Skipped *bool  `parquet:"skipped,optional"`
}

func readListeners(ctx context.Context, s lake.Store, b bucket) iter.Seq2[listenerRow, error] {
	return parquetio.Read[listenerRow](ctx, s, b.Listeners)
}

// eachListener calls f for every listener of a bucket, by id, with what the profile and the plays tell.
func eachListener(ctx context.Context, s lake.Store, b bucket, m *model, f func(id string, l *scoring.Listener) error) error {
	profiles := follow(ctx, s, b.Profiles, func(p schemas.UserProfile) string { return p.UserID })
	defer profiles.stop()
	plays := follow(ctx, s, b.Plays, func(p playRow) string { return p.UserID })
	defer plays.stop()
	for row, err := range readListeners(ctx, s, b) {
		if err != nil {
			return err
		}
		var habits scoring.Habits
		l := &scoring.Listener{Region: row.Country}
		var profile schemas.UserProfile
		if err := profiles.until(row.UserID, func(p schemas.UserProfile) error { profile = p; return nil }); err != nil {
			return err
		}
		if err := plays.until(row.UserID, func(p playRow) error { return m.count(&habits, p) }); err != nil {
			return err
		}
		m.describe(l, profile, &habits)
		if err := f(row.UserID, l); err != nil {
			return err
		}
	}
	return nil
}

// count adds one event to a listener's habits.
func (m *model) count(h *scoring.Habits, p playRow) error {
	if p.Song < 0 || int(p.Song) >= len(m.ids) {
		return fmt.Errorf("read plays of a listener: song index %d, table songs has %d rows", p.Song, len(m.ids))
	}
	if p.Kind == schemas.KindPlay {
		h.Play(p.Song, p.Skipped != nil && *p.Skipped)
	} else {
		h.Like(p.Song, p.Kind != schemas.KindUnlike)
	}
	return nil
}

// describe completes a listener from profile and habits.
func (m *model) describe(l *scoring.Listener, p schemas.UserProfile, h *scoring.Habits) {
	if p.Region != "" {
		l.Region = p.Region
	}
	l.Taste = p.Taste
	for _, f := range p.Favourites {
		if song, ok := m.index(f.SongID); ok && f.Weight > 0 {
			l.Favourites = append(l.Favourites, scoring.Favourite{Song: song, Weight: f.Weight})
		}
	}
	l.Known = m.scoring.Catalogue.Known(h.Known())
	l.Disliked = h.Disliked()
	l.DislikedArtists = h.DislikedArtists(m.scoring.Catalogue.Artist)
	if l.Region != "" {
		l.Regional = m.charts[l.Region]
	}
	l.Cell = m.cell(l.Region, p.MainDayPart, p.MainDevice)
}

// follower reads a file sorted by listener beside another one.
type follower[T any] struct {
	next  func() (T, error, bool)
	stop  func()
	id    func(T) string
	row   T
	ahead bool // row holds a row not yet given away
	done  bool
}

// follow starts at the first row of ref; nil is a file without rows.
func follow[T any](ctx context.Context, s lake.Store, ref *lake.FileRef, id func(T) string) *follower[T] {
	f := &follower[T]{id: id, done: ref == nil, stop: func() {}}
	if ref != nil {
		f.next, f.stop = iter.Pull2(parquetio.Read[T](ctx, s, *ref))
	}
	return f
}

// until gives use every row of listener user; rows of listeners before are passed over.
func (f *follower[T]) until(user string, use func(T) error) error {
	for {
		if !f.ahead && !f.done {
			row, err, ok := f.next()
			if err != nil {
				return err
			}
			f.row, f.ahead, f.done = row, ok, !ok
		}
		if f.done || f.id(f.row) > user {
			return nil
		}
		f.ahead = false
		if f.id(f.row) == user {
			if err := use(f.row); err != nil {
				return err
			}
		}
	}
}

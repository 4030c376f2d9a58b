package recommend

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/parquetio"
)

// listenerRow is what is read of clean_listeners.
type listenerRow struct {
	UserID  string   `parquet:"user_id,plain"`
	Country string   `parquet:"country,dict"`
	Genres  []string `parquet:"genres,list" parquet-element:"element,dict"`
}

// person is one listener as lists see them.
type person struct {
	row      listenerRow
	profile  profile
	listener scoring.Listener
}

func readListeners(ctx context.Context, s lake.Store, b bucket) iter.Seq2[listenerRow, error] {
	return parquetio.Read[listenerRow](ctx, s, b.Listeners)
}

// reader puts the files of one bucket side by side.
type reader struct {
	m      *model
	seed   uint64
	habits *scoring.Habits
	night  string // decides lots
}

// each calls f for the wanted listeners of a bucket, by id, with what the profile and the listens tell.
func (r *reader) each(ctx context.Context, s lake.Store, b bucket, wanted func(user string) bool, f func(p *person) error) error {
	profiles := r.m.openProfiles(ctx, s, b.Profiles)
	stored := follow(parquetio.Read[schemas.Candidate], b.Candidates, func(c schemas.Candidate) string { return c.UserID })
	listens, stop := iter.Pull2(listenio.NewReader(r.m.ids).Some(ctx, s, b.Listens, wanted))
	defer func() { profiles.stop(); stored.stop(); stop() }()
	if err := stored.open(ctx, s); err != nil {
		return err
	}
	did, err, more := listens()
	for row, rerr := range readListeners(ctx, s, b) {
		if err := cmp.Or(rerr, err); err != nil {
			return err
		}
		var mine *listenio.Listener
		if more && did.UserID == row.UserID {
			mine = did
		}
		if wanted(row.UserID) {
			profile, err := profiles.of(ctx, row.UserID)
			p := &person{row: row, profile: profile}
			if err := cmp.Or(err, r.recall(p, stored)); err != nil {
				return err
			}
			r.describe(p, mine)
			if err := f(p); err != nil {
				return err
			}
		}
		if mine != nil {
			did, err, more = listens()
		}
	}
	if err == nil && more {
		err = fmt.Errorf("read listens: %s is not among the listeners, or out of order", did.UserID)
	}
	return err
}

// recall gives a listener the stored candidates, where the bucket has any.
func (r *reader) recall(p *person, stored *follower[schemas.Candidate]) error {
	if stored.ref == nil {
		return nil
	}
	p.listener.Stored = []scoring.Stored{}
	for c, err := range stored.each(p.row.UserID) {
		if err != nil {
			return err
		}
		song, known := r.m.index(c.SongID)
		sources, named := scoring.SourcesOf(c.Sources)
		if !known || !named {
			return fmt.Errorf("read stored candidates: song %s, from %v, is none of this night", c.SongID, c.Sources)
		}
		p.listener.Stored = append(p.listener.Stored, scoring.Stored{Song: song, Sources: sources, Evidence: c.Evidence, Taste: c.Taste, Popularity: c.Popularity})
	}
	return nil
}

// follower reads a file sorted by listener beside another one.
type follower[T any] struct {
	read  func(context.Context, lake.Store, lake.FileRef) iter.Seq2[T, error]
	ref   *lake.FileRef
	id    func(T) string
	next  func() (T, error, bool)
	stop  func()
	row   T
	ahead bool
}

// follow prepares to read ref; nil is a file without rows.
func follow[T any](read func(context.Context, lake.Store, lake.FileRef) iter.Seq2[T, error], ref *lake.FileRef, id func(T) string) *follower[T] {
	return &follower[T]{read: read, ref: ref, id: id, stop: func() {}}
}

func (f *follower[T]) open(ctx context.Context, s lake.Store) error {
	if f.ref == nil {
		return nil
	}
	f.next, f.stop = iter.Pull2(f.read(ctx, s, *f.ref))
	return f.advance()
}

func (f *follower[T]) advance() (err error) {
	f.row, err, f.ahead = f.next()
	return err
}

// each yields the rows of a listener; rows of listeners before are passed over.
func (f *follower[T]) each(user string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for f.ahead && f.id(f.row) <= user {
			row := f.row
			if err := f.advance(); err != nil {
				yield(row, err)
				return
			}
			if f.id(row) == user && !yield(row, nil) {
				return
			}
		}
	}
}

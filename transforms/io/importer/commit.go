package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
)

// landing is the staged parts of one kind and where they go.
type landing struct {
	book   *book
	folder string
	prefix string // of the file name
	parts  []part
	keys   []string // of the parts
	stale  []string // keys of a snapshot of the date that is to go
}

// commit stages what is left, checks the lake, and only then writes: rejects first, playlists last.
func (r *run) commit(ctx context.Context, s lake.Store) (Report, error) {
	date, err := r.date()
	if err != nil {
		return Report{}, err
	}
	if err := r.flush(ctx); err != nil {
		return Report{}, err
	}
	if r.known != nil {
		if err := r.unite(ctx, s, date); err != nil {
			return Report{}, fmt.Errorf("import songs: %w", err)
		}
	}
	all := r.landings(date)
	for _, l := range all {
		if err := r.check(ctx, s, l, date); err != nil {
			return Report{}, err
		}
	}
	for _, l := range all {
		if err := r.write(ctx, s, l); err != nil {
			return Report{}, fmt.Errorf("import %s: %w", l.book.Kind, err)
		}
	}
	return r.report(date), nil
}

// date returns the logical date: as told, else the day of the newest play, else today.
func (r *run) date() (time.Time, error) {
	for _, t := range []time.Time{r.opt.Date, r.newest.day(), r.opt.Today} {
		if !t.IsZero() {
			return dayOf(t), nil
		}
	}
	return time.Time{}, errors.New("import: no date given, and no play to take it from")
}

func (r *run) flush(ctx context.Context) error {
	flushes := []func(context.Context) error{r.playlists.flush, r.songs.flush, r.users.flush, r.plays.flush}
	for _, b := range r.books {
		flushes = append(flushes, b.rejects.flush)
	}
	for _, flush := range flushes {
		if err := flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// landings names every part to write, in the order of writing.
func (r *run) landings(date time.Time) []*landing {
	var all []*landing
	for _, kind := range []string{kindPlaylists, kindSongs, kindUsers, kindPlays} {
		b := r.books[kind]
		all = append(all, &landing{book: b, folder: schemas.LandingRejected, prefix: kind + "-", parts: b.rejects.parts})
	}
	all = append(all,
		&landing{book: r.books[kindUsers], folder: schemas.LandingUsers, prefix: "part-", parts: r.users.parts},
		&landing{book: r.books[kindSongs], folder: schemas.LandingSongs, prefix: "part-", parts: r.songs.parts},
		&landing{book: r.books[kindPlays], folder: schemas.LandingPlays, prefix: "part-", parts: r.plays.parts},
		&landing{book: r.books[kindPlaylists], folder: schemas.LandingPlaylists, prefix: "part-", parts: r.playlists.parts},
	)
	for _, l := range all {
		numbers := map[time.Time]int{}
		for _, p := range l.parts {
			day := date
			if l.folder == schemas.LandingPlays {
				day = r.newest.folder(p.day)
			}
			l.keys = append(l.keys, fmt.Sprintf("%s%s%s-%04d.parquet", dated(l.folder, day), l.prefix, l.book.id(), numbers[day]))
			numbers[day]++
		}
	}
	return all
}

// dated returns folder/date=YYYY-MM-DD/.
func dated(folder string, day time.Time) string {
	return folder + "/date=" + day.Format(time.DateOnly) + "/"
}

// check finds what a snapshot of the date would replace, and refuses unless that may be. Plays only add, and with them
// their rejects.
func (r *run) check(ctx context.Context, s lake.Store, l *landing, date time.Time) error {
	rejects, derived := l.folder == schemas.LandingRejected, l.folder == schemas.LandingSongs && r.known != nil
	switch {
	case l.book.Kind == kindPlays, rejects && (!r.opt.Replace || l.book.Files == 0), !rejects && len(l.keys) == 0:
		return nil
	}
	infos, err := s.List(ctx, dated(l.folder, date))
	if err != nil {
		return fmt.Errorf("list %s: %w", l.folder, err)
	}
	for _, in := range infos {
		mine := !rejects || strings.HasPrefix(path.Base(in.Key), l.prefix)
		if mine && !slices.Contains(l.keys, in.Key) {
			l.stale = append(l.stale, in.Key)
		}
	}
	if len(l.stale) > 0 && !r.opt.Replace && !derived {
		return fmt.Errorf("import %s: lake %s holds another snapshot of %s (%s): give it another --date, or --replace that one",
			l.book.Kind, s.URL(), date.Format(time.DateOnly), l.stale[0])
	}
	return nil
}

// write copies the staged parts of a landing to the lake, then deletes what they replace. A part that stands already was
// written by the same import before.
func (r *run) write(ctx context.Context, s lake.Store, l *landing) error {
	for i, p := range l.parts {
		err := copyObject(ctx, r.stage.scratch, p.ref.Key, s, l.keys[i])
		switch {
		case errors.Is(err, lake.ErrExists):
			l.book.Existing = append(l.book.Existing, l.keys[i])
		case err != nil:
			return err
		default:
			l.book.Written = append(l.book.Written, l.keys[i])
		}
	}
	for _, key := range l.stale {
		if err := s.Delete(ctx, key); err != nil {
			return fmt.Errorf("delete replaced %s: %w", key, err)
		}
		l.book.Deleted = append(l.book.Deleted, key)
	}
	return nil
}

func copyObject(ctx context.Context, from lake.Store, key string, to lake.Store, newKey string) (err error) {
	obj, err := from.Open(ctx, key)
	if err != nil {
		return fmt.Errorf("open staged %s: %w", key, err)
	}
	defer func() { err = errors.Join(err, obj.Close()) }()
	size := obj.Info().Size
	if _, err := to.Create(ctx, newKey, io.NewSectionReader(obj, 0, size), size); err != nil {
		return fmt.Errorf("write %s: %w", newKey, err)
	}
	return nil
}

func (r *run) report(date time.Time) Report {
	out := Report{Date: date}
	for _, kind := range []string{kindPlaylists, kindSongs, kindUsers, kindPlays} {
		b := r.books[kind]
		for reason, n := range b.reasons {
			b.Reasons = append(b.Reasons, ReasonCount{reason, n})
		}
		slices.SortFunc(b.Reasons, func(a, c ReasonCount) int { return cmp.Compare(a.Reason, c.Reason) })
		if b.Files > 0 || b.In > 0 {
			out.Kinds = append(out.Kinds, b.KindReport)
		}
	}
	for at, file := range r.unmatched {
		out.Unmatched = append(out.Unmatched, Unmatched{at[0], at[1], file})
	}
	slices.SortFunc(out.Unmatched, func(a, b Unmatched) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Column, b.Column)) })
	return out
}

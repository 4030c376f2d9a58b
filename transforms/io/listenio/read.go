package listenio

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"iter"
	"slices"
	"sort"

	"segue/transforms/algo/cells"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// Reader reads listens under one numbering of songs and cells. Not safe for concurrent use.
type Reader struct {
	ids   []string
	cells cells.Index[Cell]
}

// NewReader returns a reader under the index of songs: ids ascending.
func NewReader(ids []string) *Reader {
	return &Reader{ids: ids}
}

// Cells returns the cells of what was read so far, by number: all cells of a listener are among them when it is yielded.
func (r *Reader) Cells() []Cell { return r.cells.Values() }

// Listeners yields the listeners of files of one bucket, user_id ascending, each with its days ascending.
//
// A listener and its slices are used again for the next one. Where two files have the same day of a listener, as a late event
// beside what was there, the day holds the listens of both in their order. Files that are out of order fail, and so do songs
// that the index does not know.
// Cost: linear; memory: one batch of rows a file.
func (r *Reader) Listeners(ctx context.Context, s lake.Store, refs []lake.FileRef) iter.Seq2[*Listener, error] {
	return r.Some(ctx, s, refs, func(string) bool { return true })
}

// Some yields the wanted listeners as Listeners does; the others are not decoded, and what is wrong with them is not seen.
func (r *Reader) Some(ctx context.Context, s lake.Store, refs []lake.FileRef, wanted func(user string) bool) iter.Seq2[*Listener, error] {
	return func(yield func(*Listener, error) bool) {
		m := merge{wanted: wanted}
		defer m.stop()
		for _, ref := range refs {
			f, err := r.open(ctx, s, ref)
			if err == nil && !f.done {
				m.files = append(m.files, f)
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
		heap.Init(&m)
		if err := m.listeners(func(l *Listener) bool { return yield(l, nil) }); err != nil {
			yield(nil, err)
		}
	}
}

// file is one open file at its next row.
type file struct {
	key   string
	next  func() (fileRow, error, bool)
	stop  func()
	songs []int32 // index of each song of the file
	cells []int32
	row   fileRow
	done  bool
}

// open reads the names of a file and its first row.
func (r *Reader) open(ctx context.Context, s lake.Store, ref lake.FileRef) (*file, error) {
	f := &file{key: ref.Key}
	f.next, f.stop = iter.Pull2(parquetio.Read[fileRow](ctx, s, ref))
	err := f.advance()
	if err == nil && !f.done {
		if err = r.names(f); err == nil {
			f.row = fileRow{}
			err = f.advance()
		}
	}
	if err != nil {
		f.stop()
		return nil, err
	}
	return f, nil
}

// names takes the names of a file from its first row.
func (r *Reader) names(f *file) error {
	if f.row.UserID != "" {
		return fmt.Errorf("read %s: its first row names no songs", f.key)
	}
	d := decoder{b: f.row.Data}
	songs, names, err := d.names()
	if err != nil {
		return fmt.Errorf("read names of %s: %w", f.key, err)
	}
	for _, c := range names {
		f.cells = append(f.cells, r.cells.Of(c))
	}
	f.songs, err = r.index(songs)
	return err
}

// advance reads the next row, which must come after the one before.
func (f *file) advance() error {
	before := f.row.UserID
	row, err, ok := f.next()
	if err != nil {
		return err
	}
	if f.done = !ok; f.done {
		f.stop()
		return nil
	}
	if before != "" && before >= row.UserID {
		return fmt.Errorf("read %s: listener %s is not after the row before", f.key, row.UserID)
	}
	f.row = row
	return nil
}

// index returns the index of each id; both are ascending, so each search starts where the last one ended.
func (r *Reader) index(names []string) ([]int32, error) {
	out := make([]int32, len(names))
	at := 0
	for i, name := range names {
		step := 1
		for at+step < len(r.ids) && r.ids[at+step] <= name {
			step *= 2
		}
		at += sort.SearchStrings(r.ids[at:min(at+step, len(r.ids))], name)
		if at >= len(r.ids) || r.ids[at] != name {
			return nil, fmt.Errorf("find song %s of listens: not in table songs", name)
		}
		out[i] = int32(at)
	}
	return out, nil
}

// merge is a heap of files by their next row.
type merge struct {
	files  []*file
	wanted func(string) bool
	user   Listener
}

// Len, Less, Swap, Push and Pop make merge a heap.
func (m *merge) Len() int { return len(m.files) }

// Less orders files by listener.
func (m *merge) Less(i, j int) bool { return m.files[i].row.UserID < m.files[j].row.UserID }

// Swap exchanges two files.
func (m *merge) Swap(i, j int) { m.files[i], m.files[j] = m.files[j], m.files[i] }

// Push is never called: files only leave.
func (m *merge) Push(any) {}

// Pop drops the last file.
func (m *merge) Pop() any {
	last := m.files[len(m.files)-1]
	m.files = m.files[:len(m.files)-1]
	return last
}

func (m *merge) stop() {
	for _, f := range m.files {
		f.stop()
	}
}

// listeners calls use for each wanted listener until it returns false.
func (m *merge) listeners(use func(*Listener) bool) error {
	for len(m.files) > 0 {
		m.user.UserID, m.user.Days = m.files[0].row.UserID, m.user.Days[:0]
		wanted := m.wanted(m.user.UserID)
		for len(m.files) > 0 && m.files[0].row.UserID == m.user.UserID {
			f := m.files[0]
			if wanted {
				if err := m.add(f); err != nil {
					return fmt.Errorf("read listener %s of %s: %w", f.row.UserID, f.key, err)
				}
			}
			if err := f.advance(); err != nil {
				return err
			}
			if f.done {
				heap.Pop(m)
			} else {
				heap.Fix(m, 0)
			}
		}
		if !wanted {
			continue
		}
		m.user.order()
		if !use(&m.user) {
			return nil
		}
	}
	return nil
}

// order puts the days of all files in order, each once.
func (l *Listener) order() {
	byDay := func(a, b Day) int { return cmp.Compare(a.Day, b.Day) }
	if !slices.IsSortedFunc(l.Days, byDay) {
		slices.SortStableFunc(l.Days, byDay)
	}
	n := 0
	for i := range l.Days {
		if n > 0 && l.Days[n-1].Day == l.Days[i].Day {
			l.Days[n-1].join(&l.Days[i])
			continue
		}
		l.Days[n], l.Days[i] = l.Days[i], l.Days[n]
		n++
	}
	l.Days = l.Days[:n]
}

// join adds what another file has of the same day, by song, then cell.
func (d *Day) join(o *Day) {
	if d.FirstAt.IsZero() || !o.FirstAt.IsZero() && o.FirstAt.Before(d.FirstAt) {
		d.FirstAt = o.FirstAt
	}
	if o.LastAt.After(d.LastAt) {
		d.LastAt = o.LastAt
	}
	d.Listens = append(d.Listens, o.Listens...)
	slices.SortStableFunc(d.Listens, func(a, b Listen) int { return cmp.Or(cmp.Compare(a.Song, b.Song), cmp.Compare(a.Cell, b.Cell)) })
}

// add appends the days of a file's row to the listener.
func (m *merge) add(f *file) error {
	d, before := decoder{b: f.row.Data}, int32(0)
	for range d.count() {
		n := len(m.user.Days)
		m.user.Days = slices.Grow(m.user.Days, 1)[:n+1]
		day := &m.user.Days[n]
		d.day(day, before)
		before = day.Day
		for i := range day.Listens {
			l := &day.Listens[i]
			if uint(l.Song) >= uint(len(f.songs)) || uint(l.Cell) >= uint(len(f.cells)) {
				return fmt.Errorf("song %d or cell %d has no name", l.Song, l.Cell)
			}
			l.Song, l.Cell = f.songs[l.Song], f.cells[l.Cell]
		}
	}
	if d.short || len(d.b) > 0 {
		return errBroken
	}
	return nil
}

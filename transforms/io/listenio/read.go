package listenio

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"iter"
	"slices"
	"sort"

	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// Reader reads listens under one numbering of songs and cells. Not safe for concurrent use.
type Reader struct {
	ids     []string
	cells   []Cell
	numbers map[Cell]int32
}

// NewReader returns a reader under the index of songs: ids ascending.
func NewReader(ids []string) *Reader {
	return &Reader{ids: ids, numbers: map[Cell]int32{}}
}

// Cells returns the cells of what was read so far, by number: all cells of a listener are among them when it is yielded.
func (r *Reader) Cells() []Cell { return r.cells }

// Listeners yields the listeners of files of one bucket, user_id ascending, each with its days ascending.
//
// A listener and its slices are used again for the next one. Two files with the same listener and day, as a corrected day
// beside the old one, fail; so do files that are out of order, and songs that the index does not know.
// Cost: linear; memory: one batch of rows a file.
func (r *Reader) Listeners(ctx context.Context, s lake.Store, refs []lake.FileRef) iter.Seq2[*Listener, error] {
	return func(yield func(*Listener, error) bool) {
		m := merge{}
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
		if f.row.UserID != "" {
			err = fmt.Errorf("read %s: its first row names no songs", ref.Key)
		} else if f.songs, err = r.index(f.row.SongIDs); err == nil {
			for _, c := range f.row.Places {
				f.cells = append(f.cells, r.number(Cell(c)))
			}
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

// advance reads the next row, which must come after the one before.
func (f *file) advance() error {
	before := f.row
	row, err, ok := f.next()
	if err != nil {
		return err
	}
	if f.done = !ok; f.done {
		f.stop()
		return nil
	}
	if before.UserID != "" && cmp.Or(cmp.Compare(before.UserID, row.UserID), cmp.Compare(before.Day, row.Day)) >= 0 {
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

func (r *Reader) number(c Cell) int32 {
	n, ok := r.numbers[c]
	if !ok {
		n = int32(len(r.cells))
		r.numbers[c], r.cells = n, append(r.cells, c)
	}
	return n
}

// merge is a heap of files by their next row.
type merge struct {
	files []*file
	user  Listener
}

// Len, Less, Swap, Push and Pop make merge a heap.
func (m *merge) Len() int { return len(m.files) }

// Less orders files by listener, then day.
func (m *merge) Less(i, j int) bool {
	a, b := &m.files[i].row, &m.files[j].row
	if a.UserID != b.UserID {
		return a.UserID < b.UserID
	}
	return a.Day < b.Day
}

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

// listeners calls use for each listener until it returns false.
func (m *merge) listeners(use func(*Listener) bool) error {
	for len(m.files) > 0 {
		m.user.UserID, m.user.Days = m.files[0].row.UserID, m.user.Days[:0]
		for len(m.files) > 0 && m.files[0].row.UserID == m.user.UserID {
			f := m.files[0]
			if err := m.add(f); err != nil {
				return err
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
		if !use(&m.user) {
			return nil
		}
	}
	return nil
}

// add appends the day of a file's row to the listener.
func (m *merge) add(f *file) error {
	row, n := f.row, len(m.user.Days)
	if len(row.Cells) != len(row.Songs) || len(row.Counts) != len(row.Songs) || len(row.Weights) != len(row.Songs) {
		return fmt.Errorf("read %s: lists of listener %s differ in length", f.key, row.UserID)
	}
	if n > 0 && m.user.Days[n-1].Day >= row.Day {
		return fmt.Errorf("read %s: day %d of listener %s was read before", f.key, row.Day, row.UserID)
	}
	m.user.Days = slices.Grow(m.user.Days, 1)[:n+1]
	day := &m.user.Days[n]
	day.Day, day.FirstAt, day.LastAt = row.Day, row.FirstAt, row.LastAt
	day.Listens = slices.Grow(day.Listens[:0], len(row.Songs))[:len(row.Songs)]
	for i := range day.Listens {
		l := &day.Listens[i]
		if s, c := row.Songs[i], row.Cells[i]; s < 0 || int(s) >= len(f.songs) || c < 0 || int(c) >= len(f.cells) {
			return fmt.Errorf("read %s: song %d or cell %d of listener %s has no name", f.key, s, c, row.UserID)
		}
		l.Song, l.Cell, l.Weight = f.songs[row.Songs[i]], f.cells[row.Cells[i]], row.Weights[i]
		unpack(row.Counts[i], l)
	}
	return nil
}

package listenio

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"segue/transforms/algo/cells"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// Event is one event of a listener with a song.
type Event struct {
	UserID  string
	At      time.Time
	Song    int32 // dense song index
	Cell    Cell
	Play    bool
	Skipped bool
	Verdict int8 // 1 = like, -1 = unlike
	Weight  int64
}

// fileRow is one listener of a file, listeners ascending. The first row has no listener: it names the songs and cells that
// the others number.
type fileRow struct {
	UserID string `parquet:"user_id,plain"`
	Data   []byte `parquet:"data,plain"`
}

// Book condenses the events of one bucket.
type Book struct {
	rows    []dayRow
	listens []Listen // of all rows
	cells   cells.Index[Cell]
	events  []Listen // of the last row, in their order
}

// dayRow is one listener and day, by listener, then day; its listens end where those of the next row begin.
type dayRow struct {
	UserID string
	Day    int32
	played bool
	first  time.Time
	last   time.Time
	from   int
}

// NewBook returns an empty book.
func NewBook() *Book { return &Book{} }

// Add takes the next event: events come by listener ascending, then time.
func (b *Book) Add(e Event) {
	day := DayOf(e.At)
	if at := len(b.rows) - 1; at < 0 || b.rows[at].Day != day || b.rows[at].UserID != e.UserID {
		b.endDay()
		b.rows = append(b.rows, dayRow{UserID: e.UserID, Day: day, from: len(b.listens)})
	}
	l := Listen{Song: e.Song, Cell: b.cells.Of(e.Cell), Verdict: e.Verdict, Weight: e.Weight}
	if e.Play {
		l.Plays = 1
		row := &b.rows[len(b.rows)-1]
		if !row.played {
			row.played, row.first = true, e.At
		}
		row.last = e.At
		if e.Skipped {
			l.Skips = 1
		}
	}
	b.events = append(b.events, l)
}

// AddListener takes the next listener of a reader whose cells are given.
func (b *Book) AddListener(l *Listener, cells []Cell) {
	for i := range l.Days {
		d := &l.Days[i]
		b.endDay()
		b.rows = append(b.rows, dayRow{l.UserID, d.Day, !d.FirstAt.IsZero(), d.FirstAt, d.LastAt, len(b.listens)})
		for _, x := range d.Listens {
			x.Cell = b.cells.Of(cells[x.Cell])
			b.events = append(b.events, x)
		}
	}
}

// endDay sums the events of the last row by song and cell; of verdicts the last one stands.
func (b *Book) endDay() {
	if len(b.events) == 0 {
		return
	}
	slices.SortStableFunc(b.events, func(x, y Listen) int {
		return cmp.Or(cmp.Compare(x.Song, y.Song), cmp.Compare(x.Cell, y.Cell))
	})
	b.listens = append(b.listens, b.events[0])
	for _, l := range b.events[1:] {
		at := &b.listens[len(b.listens)-1]
		if at.Song != l.Song || at.Cell != l.Cell {
			b.listens = append(b.listens, l)
			continue
		}
		if l.Verdict != 0 {
			at.Verdict = l.Verdict
		}
		at.Plays, at.Skips, at.Weight = at.Plays+l.Plays, at.Skips+l.Skips, at.Weight+l.Weight
	}
	b.events = b.events[:0]
}

// Write writes the book under key and ends its use; ids are the ids of songs by index, ascending. Its rows are one for the
// names and one a listener.
//
// Errors: a song without an id fails.
func (b *Book) Write(ctx context.Context, s lake.Store, key string, ids []string) (lake.FileRef, error) {
	b.endDay()
	names, err := b.number(ids)
	if err != nil {
		return lake.FileRef{}, fmt.Errorf("write %s: %w", key, err)
	}
	rows := []fileRow{{Data: appendNames(nil, names, b.cells.Values())}}
	for from := 0; from < len(b.rows); {
		to := from + 1
		for to < len(b.rows) && b.rows[to].UserID == b.rows[from].UserID {
			to++
		}
		rows = append(rows, fileRow{b.rows[from].UserID, b.appendDays(nil, from, to)})
		from = to
	}
	return parquetio.WriteAll(ctx, s, key, parquetio.Meta{Table: "listens", SchemaVersion: 2, SortedBy: []string{"user_id"}, Working: true}, rows)
}

// Days returns how many days of listeners the book has.
func (b *Book) Days() int64 { return int64(len(b.rows)) }

// appendDays appends the bytes of rows from to to-1, all of one listener.
func (b *Book) appendDays(out []byte, from, to int) []byte {
	out = binary.AppendUvarint(out, uint64(to-from))
	before := int32(0)
	for at := from; at < to; at++ {
		row, end := &b.rows[at], len(b.listens)
		if at+1 < len(b.rows) {
			end = b.rows[at+1].from
		}
		out = binary.AppendVarint(out, int64(row.Day-before))
		before = row.Day
		if row.played {
			first := row.first.UnixMicro()
			out = binary.AppendUvarint(append(out, 1), uint64(first-int64(row.Day)*micros))
			out = binary.AppendUvarint(out, uint64(row.last.UnixMicro()-first))
		} else {
			out = append(out, 0)
		}
		listens := b.listens[row.from:end]
		out = binary.AppendUvarint(out, uint64(len(listens)))
		song := int32(0)
		for _, l := range listens {
			out = appendListen(out, l, l.Song-song)
			song = l.Song
		}
	}
	return out
}

// number gives the songs numbers within the file, by index, and returns their ids.
func (b *Book) number(ids []string) ([]string, error) {
	places := make([]int32, len(ids))
	for i := range b.listens {
		song := b.listens[i].Song
		if song < 0 || int(song) >= len(ids) {
			return nil, fmt.Errorf("find song %d of listener's events: table songs has %d rows", song, len(ids))
		}
		places[song] = 1
	}
	var names []string
	for song, used := range places {
		if used == 1 {
			places[song] = int32(len(names))
			names = append(names, ids[song])
		}
	}
	for i := range b.listens {
		b.listens[i].Song = places[b.listens[i].Song]
	}
	return names, nil
}

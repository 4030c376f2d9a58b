package listenio

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

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

// fileRow is one listener and day of a file, by listener, then day. The first row has no listener: it names the songs and
// cells that the others number.
type fileRow struct {
	UserID  string     `parquet:"user_id,plain"`
	Day     int32      `parquet:"day,plain"`
	FirstAt *time.Time `parquet:"first_at,optional,timestamp(microsecond)"`
	LastAt  *time.Time `parquet:"last_at,optional,timestamp(microsecond)"`
	Songs   []int32    `parquet:"songs,list" parquet-element:"element,plain"`
	Cells   []int32    `parquet:"cells,list" parquet-element:"element,dict"`
	Counts  []int64    `parquet:"counts,list" parquet-element:"element,dict"` // see pack
	Weights []int64    `parquet:"weights,list" parquet-element:"element,dict"`
	SongIDs []string   `parquet:"song_ids,list" parquet-element:"element,plain"` // ascending
	Places  []cellRow  `parquet:"places,list"`
}

type cellRow struct {
	Region   string `parquet:"region,dict"`
	Weekpart string `parquet:"weekpart,dict"`
	Hour     int32  `parquet:"hour,plain"`
	Device   string `parquet:"device,dict"`
	Place    string `parquet:"place,dict"`
}

const countBits = 28

// pack puts plays, skips and verdict of one listener, song, day and cell in one number.
func pack(l Listen) int64 {
	return int64(l.Verdict+1)<<(2*countBits) | int64(l.Skips)<<countBits | int64(l.Plays)
}

func unpack(c int64, l *Listen) {
	const mask = 1<<countBits - 1
	l.Plays, l.Skips, l.Verdict = int32(c&mask), int32(c>>countBits&mask), int8(c>>(2*countBits))-1
}

// Book condenses the events of one bucket.
type Book struct {
	rows    []fileRow
	at      int // row of the last event
	cells   []cellRow
	numbers map[Cell]int32
	last    Cell
	lastNo  int32
	day     []Listen // of the last row, in the order of events
}

// NewBook returns an empty book.
func NewBook() *Book {
	return &Book{at: -1, numbers: map[Cell]int32{}, lastNo: -1}
}

// Add takes the next event: events come by listener ascending, then time.
func (b *Book) Add(e Event) {
	day := DayOf(e.At)
	if b.at < 0 || b.rows[b.at].UserID != e.UserID || b.rows[b.at].Day != day {
		b.endDay()
		b.rows = append(b.rows, fileRow{UserID: e.UserID, Day: day})
		b.at = len(b.rows) - 1
	}
	l := Listen{Song: e.Song, Cell: b.cell(e.Cell), Verdict: e.Verdict, Weight: e.Weight}
	if e.Play {
		l.Plays = 1
		row, at := &b.rows[b.at], e.At
		if row.FirstAt == nil {
			row.FirstAt = &at
		}
		row.LastAt = &at
		if e.Skipped {
			l.Skips = 1
		}
	}
	b.day = append(b.day, l)
}

func (b *Book) cell(c Cell) int32 {
	if b.lastNo >= 0 && c == b.last {
		return b.lastNo
	}
	n, ok := b.numbers[c]
	if !ok {
		n = int32(len(b.cells))
		b.numbers[c], b.cells = n, append(b.cells, cellRow(c))
	}
	b.last, b.lastNo = c, n
	return n
}

// endDay sums the events of the last row by song and cell; of verdicts the last one stands.
func (b *Book) endDay() {
	if len(b.day) == 0 {
		return
	}
	slices.SortStableFunc(b.day, func(x, y Listen) int {
		return cmp.Or(cmp.Compare(x.Song, y.Song), cmp.Compare(x.Cell, y.Cell))
	})
	n := 0
	for _, l := range b.day[1:] {
		if at := &b.day[n]; at.Song != l.Song || at.Cell != l.Cell {
			n++
			b.day[n] = l
			continue
		} else if l.Verdict != 0 {
			at.Verdict = l.Verdict
		}
		at := &b.day[n]
		at.Plays, at.Skips, at.Weight = at.Plays+l.Plays, at.Skips+l.Skips, at.Weight+l.Weight
	}
	row := &b.rows[b.at]
	row.Songs, row.Cells = make([]int32, n+1), make([]int32, n+1)
	numbers := make([]int64, 2*(n+1))
	row.Counts, row.Weights = numbers[:n+1], numbers[n+1:]
	for i, l := range b.day[:n+1] {
		row.Songs[i], row.Cells[i], row.Counts[i], row.Weights[i] = l.Song, l.Cell, pack(l), l.Weight
	}
	b.day = b.day[:0]
}

// Write writes the book under key and ends its use; ids are the ids of songs by index, ascending.
//
// Errors: a song without an id fails.
func (b *Book) Write(ctx context.Context, s lake.Store, key string, ids []string) (lake.FileRef, error) {
	b.endDay()
	names, err := b.number(ids)
	if err != nil {
		return lake.FileRef{}, fmt.Errorf("write %s: %w", key, err)
	}
	rows := append([]fileRow{{SongIDs: names, Places: b.cells}}, b.rows...)
	return parquetio.WriteAll(ctx, s, key, parquetio.Meta{Table: "listens", SchemaVersion: 1, SortedBy: []string{"user_id", "day"}}, rows)
}

// number gives the songs numbers within the file, by index, and returns their ids.
func (b *Book) number(ids []string) ([]string, error) {
	places := make([]int32, len(ids))
	for _, row := range b.rows {
		for _, song := range row.Songs {
			if song < 0 || int(song) >= len(ids) {
				return nil, fmt.Errorf("find song %d of listener's events: table songs has %d rows", song, len(ids))
			}
			places[song] = 1
		}
	}
	var names []string
	for song, used := range places {
		if used == 1 {
			places[song] = int32(len(names))
			names = append(names, ids[song])
		}
	}
	for _, row := range b.rows {
		for i, song := range row.Songs {
			row.Songs[i] = places[song]
		}
	}
	return names, nil
}

package listenio

import (
	"encoding/binary"
	"errors"
	"strings"
	"time"
)

// Bytes of a listener: number of days, then each day: days since the one before; 0, or 1 and the first and last play in
// microseconds since the day began and since the first; number of listens, then each: songs since the one before, cell,
// plays·8 + skipped·4 + verdict + 1, skips if any, weight. Numbers are variable-length, as in encoding/binary.
//
// Bytes of names: number of songs, then each song's id; number of cells, then each cell's region, weekpart, hour, device and
// place. Texts have their length before them.

const micros = 1_000_000 * secondsADay // of a day

var errBroken = errors.New("its bytes are not those of listens")

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendListen(b []byte, l Listen, songsSince int32) []byte {
	b = binary.AppendUvarint(b, uint64(songsSince))
	b = binary.AppendUvarint(b, uint64(l.Cell))
	head := uint64(l.Plays)<<3 | uint64(l.Verdict+1)
	if l.Skips > 0 {
		b = binary.AppendUvarint(b, head|4)
		b = binary.AppendUvarint(b, uint64(l.Skips))
	} else {
		b = binary.AppendUvarint(b, head)
	}
	return binary.AppendVarint(b, l.Weight)
}

func appendNames(b []byte, songs []string, cells []Cell) []byte {
	b = binary.AppendUvarint(b, uint64(len(songs)))
	for _, s := range songs {
		b = appendText(b, s)
	}
	b = binary.AppendUvarint(b, uint64(len(cells)))
	for _, c := range cells {
		b = appendText(appendText(b, c.Region), c.Weekpart)
		b = binary.AppendVarint(b, int64(c.Hour))
		b = appendText(appendText(b, c.Device), c.Place)
	}
	return b
}

// decoder reads numbers and texts off bytes; after their end it reads zeros and is short.
type decoder struct {
	b     []byte
	short bool
}

func (d *decoder) number() uint64 {
	if len(d.b) > 0 && d.b[0] < 0x80 {
		v := d.b[0]
		d.b = d.b[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.b, d.short = nil, true
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) signed() int64 {
	v := d.number()
	return int64(v>>1) ^ -int64(v&1)
}

// count reads how many things follow, each of a byte at least.
func (d *decoder) count() int {
	n := d.number()
	if n > uint64(len(d.b)) {
		d.b, d.short = nil, true
		return 0
	}
	return int(n)
}

// text returns the next text; all is the text of what the decoder began with.
func (d *decoder) text(all string) string {
	n := d.count()
	from := len(all) - len(d.b)
	d.b = d.b[n:]
	return all[from : from+n]
}

func (d *decoder) names() (songs []string, cells []Cell, err error) {
	all := string(d.b)
	songs = make([]string, d.count())
	for i := range songs {
		songs[i] = d.text(all)
	}
	cells = make([]Cell, d.count())
	for i := range cells {
		c := &cells[i]
		c.Region, c.Weekpart = strings.Clone(d.text(all)), strings.Clone(d.text(all)) // they outlive the songs
		c.Hour = int32(d.signed())
		c.Device, c.Place = strings.Clone(d.text(all)), strings.Clone(d.text(all))
	}
	if d.short {
		return nil, nil, errBroken
	}
	return songs, cells, nil
}

// day reads the next day, which follows another; its songs and cells have the numbers of the file.
func (d *decoder) day(out *Day, before int32) {
	out.Day = before + int32(d.signed())
	out.FirstAt, out.LastAt = time.Time{}, time.Time{}
	if d.number() == 1 {
		first := int64(out.Day)*micros + int64(d.number())
		out.FirstAt, out.LastAt = time.UnixMicro(first).UTC(), time.UnixMicro(first+int64(d.number())).UTC()
	}
	n := d.count()
	if cap(out.Listens) < n {
		out.Listens = make([]Listen, n)
	}
	out.Listens = out.Listens[:n]
	song := int32(0)
	for i := range out.Listens {
		song += int32(d.number())
		cell, head := int32(d.number()), d.number()
		l := Listen{Song: song, Cell: cell, Plays: int32(head >> 3), Verdict: int8(head&3) - 1}
		if head&4 != 0 {
			l.Skips = int32(d.number())
		}
		l.Weight = d.signed()
		out.Listens[i] = l
	}
}

package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"segue/schemas"
	"segue/transforms/io/parquetio"
)

// leaf is where a Parquet column goes and how its integers count.
type leaf struct {
	place    place
	repeated bool
	instant  bool
	unit     time.Duration // of an instant column
}

// readParquet reads the rows of a Parquet file and returns the SHA-256 of its bytes. A column whose type cannot hold its
// field is an error; a damaged file too, also where the decoder panics.
func (p *parser) readParquet(path string) (sum []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("decode Parquet: file is damaged: %v", r)
		}
	}()
	disk, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer disk.Close()
	info, err := disk.Stat()
	if err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(disk, info.Size(), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("not a whole Parquet file: %w", err)
	}
	if err := parquetio.Supported(f); err != nil {
		return nil, err
	}
	leaves, err := p.leaves(f.Root(), nil)
	if err != nil {
		return nil, err
	}
	if err := p.layout.missing(p.seen[:]); err != nil {
		return nil, err
	}
	for _, group := range f.RowGroups() {
		if err := p.readGroup(group, leaves, f.Schema().Columns()); err != nil {
			return nil, err
		}
	}
	return hashFile(disk)
}

func (p *parser) readGroup(group parquet.RowGroup, leaves []*leaf, paths [][]string) error {
	if group.NumRows() == 0 { // the decoder finds no page there
		return nil
	}
	rows := group.Rows()
	defer rows.Close()
	batch := make([]parquet.Row, 256)
	for {
		n, err := rows.ReadRows(batch)
		for _, row := range batch[:n] {
			p.fromRow(row, leaves, paths)
			if err := p.emit(&p.rec); err != nil {
				return p.at(p.rec.pos, err)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return p.at(p.rec.pos+1, err)
		}
	}
}

// fromRow fills the record from the next row.
func (p *parser) fromRow(row parquet.Row, leaves []*leaf, paths [][]string) {
	p.rec.reset(p.rec.pos+1, func() string { return rowText(row, paths) })
	row.Range(func(column int, values []parquet.Value) bool {
		to := leaves[column]
		if to == nil || len(values) == 0 {
			return true
		}
		if to.repeated {
			p.rec.put(to.place, listOf(values))
		} else {
			p.rec.put(to.place, to.cell(values[0]))
		}
		return true
	})
	for f := range p.rec.cells {
		c := &p.rec.cells[f]
		if c.kind == textCell && !utf8.ValidString(c.s) {
			p.rec.fail(schemas.ReasonInvalidUTF8)
		}
	}
}

// rowText writes a row as a JSON object of what its columns hold, by their paths.
func rowText(row parquet.Row, paths [][]string) string {
	fields := map[string]any{}
	row.Range(func(column int, values []parquet.Value) bool {
		var held []any
		for _, v := range values {
			if !v.IsNull() {
				held = append(held, plainValue(v))
			}
		}
		switch name := strings.Join(paths[column], "."); {
		case len(held) == 1:
			fields[name] = held[0]
		case len(held) > 1:
			fields[name] = held
		}
		return true
	})
	text, err := json.Marshal(fields)
	if err != nil { // a float that JSON has no word for
		return fmt.Sprint(fields)
	}
	return string(text)
}

func plainValue(v parquet.Value) any {
	switch v.Kind() {
	case parquet.Boolean:
		return v.Boolean()
	case parquet.Int96:
		return parquetio.Int96Time(v.Int96()).Format(time.RFC3339Nano)
	case parquet.Int32:
		return v.Int32()
	case parquet.Int64:
		return v.Int64()
	case parquet.Float:
		return v.Float()
	case parquet.Double:
		return v.Double()
	}
	return v.String()
}

func listOf(values []parquet.Value) cell {
	c := cell{kind: listCell}
	for _, v := range values {
		if !v.IsNull() {
			c.list = append(c.list, v.String())
		}
	}
	return c
}

func (l *leaf) cell(v parquet.Value) cell {
	switch {
	case v.IsNull():
		return cell{}
	case v.Kind() == parquet.Int96:
		return sparkTime(v)
	case l.instant:
		return l.time(v.Int64())
	}
	switch v.Kind() {
	case parquet.Boolean:
		if v.Boolean() {
			return cell{kind: flagCell, n: 1}
		}
		return cell{kind: flagCell}
	case parquet.Int32:
		return cell{kind: intCell, n: int64(v.Int32())}
	case parquet.Int64:
		return cell{kind: intCell, n: v.Int64()}
	case parquet.Float:
		return cell{kind: realCell, x: float64(v.Float())}
	case parquet.Double:
		return cell{kind: realCell, x: v.Double()}
	}
	return textOrNone(string(v.ByteArray()))
}

// sparkTime is an INT96; one that no int64 of microseconds holds stays a text, which is no time.
func sparkTime(v parquet.Value) cell {
	at := parquetio.Int96Time(v.Int96())
	if y := at.Year(); y < 1 || y > 9999 {
		return textOrNone(at.String())
	}
	return cell{kind: timeCell, n: at.UnixMicro()}
}

func (l *leaf) time(n int64) cell {
	switch l.unit {
	case time.Nanosecond:
		n /= 1000
	case time.Millisecond:
		n *= 1000
	case 24 * time.Hour:
		n *= (24 * time.Hour).Microseconds()
	}
	return cell{kind: timeCell, n: n}
}

// leaves returns where the columns below c go, by column index; nil for unmatched ones.
func (p *parser) leaves(c *parquet.Column, path []string) ([]*leaf, error) {
	if !c.Leaf() {
		var all []*leaf
		for _, child := range c.Columns() {
			below, err := p.leaves(child, stepInto(path, child.Name()))
			if err != nil {
				return nil, err
			}
			all = append(all, below...)
		}
		return all, nil
	}
	name := strings.Join(path, ".")
	at, ok := p.layout.places[columnName(name)]
	if !ok {
		p.unmatched(name)
		return []*leaf{nil}, nil
	}
	p.seen[at.field] = true
	l := &leaf{place: at, repeated: c.MaxRepetitionLevel() > 0}
	l.unit, l.instant = instantUnit(c.Type())
	if !fits(at.field.holds(), c, l) {
		what := c.Type().String()
		if l.repeated {
			what = "a list of " + what
		}
		return nil, fmt.Errorf("column %s is %s, which cannot be read as %s", name, what, typeNames[at.field.holds()])
	}
	return []*leaf{l}, nil
}

// stepInto appends a name, leaving out the levels that writers put inside of lists.
func stepInto(path []string, name string) []string {
	if len(path) > 0 {
		switch name {
		case "list", "element", "item", "array", "bag", "array_element":
			return path
		}
	}
	return append(path[:len(path):len(path)], name)
}

var typeNames = map[types]string{text: "text", list: "a list of texts", number: "a number", flag: "true or false", instant: "a time"}

// fits says whether values of a column can become what a field holds.
func fits(want types, c *parquet.Column, l *leaf) bool {
	kind := c.Type().Kind()
	letters := kind == parquet.ByteArray || kind == parquet.FixedLenByteArray
	whole := kind == parquet.Int32 || kind == parquet.Int64
	if l.repeated {
		return want == list && letters
	}
	switch want {
	case number:
		return (whole && !l.instant) || kind == parquet.Float || kind == parquet.Double
	case flag:
		return kind == parquet.Boolean
	case instant:
		return whole || kind == parquet.Double || kind == parquet.Int96 || letters
	case list:
		return letters
	}
	return letters || whole
}

// instantUnit returns the unit a column of instants or dates counts in.
func instantUnit(t parquet.Type) (time.Duration, bool) {
	if logical := t.LogicalType(); logical != nil {
		switch v := logical.Value.(type) {
		case *format.TimestampType:
			return v.Unit.Value.Duration(), true
		case *format.DateType:
			return 24 * time.Hour, true
		}
	}
	if old := t.ConvertedType(); old != nil {
		switch *old {
		case deprecated.TimestampMillis:
			return time.Millisecond, true
		case deprecated.TimestampMicros:
			return time.Microsecond, true
		case deprecated.Date:
			return 24 * time.Hour, true
		}
	}
	return 0, false
}

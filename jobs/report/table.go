package report

import (
	"context"
	"fmt"
	"slices"

	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// most bounds the rows that a section reads of one table.
const most = 50_000

// row is one row of a table by the names of its columns; a column that is not there reads as none.
type row struct {
	columns []string
	values  []any
}

// value returns what a column holds; nil = null, or no such column.
func (r row) value(column string) any {
	if i := slices.Index(r.columns, column); i >= 0 && i < len(r.values) {
		return r.values[i]
	}
	return nil
}

// text returns a column of text; "" = none.
func (r row) text(column string) string {
	s, _ := r.value(column).(string)
	return s
}

// is reports whether a column holds true.
func (r row) is(column string) bool {
	b, _ := r.value(column).(bool)
	return b
}

// number returns a column of numbers; ok is false for null, or where there is none.
func (r row) number(column string) (v float64, ok bool) { return number(r.value(column)) }

// orZero returns a column of numbers, 0 for none.
func (r row) orZero(column string) float64 {
	v, _ := r.number(column)
	return v
}

// parts returns a column that is a list of structs.
func (r row) parts(column string) []row {
	list, _ := r.value(column).([]any)
	var out []row
	for _, e := range list {
		m, ok := e.(map[string]any)
		if !ok {
			continue
		}
		var part row
		for name, v := range m {
			part.columns, part.values = append(part.columns, name), append(part.values, v)
		}
		out = append(out, part)
	}
	return out
}

// texts returns a column that is a list of texts.
func (r row) texts(column string) []string {
	list, _ := r.value(column).([]any)
	var out []string
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// numbers returns a column that is a list of numbers.
func (r row) numbers(column string) []float64 {
	list, _ := r.value(column).([]any)
	var out []float64
	for _, e := range list {
		if v, ok := number(e); ok {
			out = append(out, v)
		}
	}
	return out
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int32:
		return float64(v), true
	case int64:
		return float64(v), true
	case float32:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// read returns the first rows of a table, at most most.
func (n *night) read(ctx context.Context, name string) ([]row, error) {
	t, err := n.filled(name)
	if err != nil {
		return nil, err
	}
	var out []row
	for _, ref := range t.Files {
		if len(out) >= most {
			break
		}
		part, err := head(ctx, n.store, ref, most-len(out))
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return out, nil
}

func head(ctx context.Context, s lake.Store, ref lake.FileRef, rows int) ([]row, error) {
	f, err := parquetio.OpenFile(ctx, s, ref.Key)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	columns, values, err := f.Head(rows)
	return asRows(columns, values), err
}

func asRows(columns []string, values [][]any) []row {
	out := make([]row, len(values))
	for i, v := range values {
		out[i] = row{columns, v}
	}
	return out
}

// where returns the rows of a table that fulfil every condition, such as region=world; empty where there is none.
func (n *night) where(ctx context.Context, name string, conditions ...string) ([]row, error) {
	t, err := n.filled(name)
	if err != nil {
		return nil, err
	}
	return n.whereIn(ctx, t.Files, conditions...)
}

func (n *night) whereIn(ctx context.Context, files []lake.FileRef, conditions ...string) ([]row, error) {
	var conds []parquetio.Condition
	for _, text := range conditions {
		c, err := parquetio.ParseCondition(text)
		if err != nil {
			return nil, fmt.Errorf("read rows: %w", err)
		}
		conds = append(conds, c)
	}
	var out []row
	for _, ref := range files {
		if len(out) >= most {
			break
		}
		columns, values, _, err := parquetio.Where(ctx, n.store, ref.Key, conds, most-len(out))
		if err != nil {
			return nil, err
		}
		out = append(out, asRows(columns, values)...)
	}
	return out, nil
}

// values calls yield for every value of a plain column of some files, in order.
func (n *night) values(ctx context.Context, files []lake.FileRef, column string, yield func(any)) error {
	for _, ref := range files {
		f, err := parquetio.OpenFile(ctx, n.store, ref.Key)
		if err != nil {
			return err
		}
		err = f.Values(ctx, column, yield)
		f.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// pick returns the rows of a table at some positions, ascending, counted through its files.
func (n *night) pick(ctx context.Context, files []lake.FileRef, positions []int64) ([]row, error) {
	var out []row
	first := int64(0)
	for _, ref := range files {
		var here []int64
		for len(positions) > 0 && positions[0] < first+ref.Rows {
			here, positions = append(here, positions[0]-first), positions[1:]
		}
		first += ref.Rows
		if len(here) == 0 {
			continue
		}
		columns, values, err := parquetio.Pick(ctx, n.store, ref.Key, here)
		if err != nil {
			return nil, err
		}
		out = append(out, asRows(columns, values)...)
	}
	return out, nil
}

package parquetio

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"segue/transforms/io/lake"
)

// ErrCondition says that a condition, or the name of a column, does not fit the columns of a file.
var ErrCondition = errors.New("does not fit the columns")

// operators of a Condition, longer ones first so that <= is not read as <.
var operators = []string{"!=", "<=", ">=", "=", "<", ">"}

// Operators without a value.
const (
	isNull    = "is null"
	isNotNull = "is not null"
)

// Condition compares one top-level column with a value: a string, number, bool, RFC 3339 time, or an element of a list.
// Nulls and empty lists fulfil "is null" alone.
type Condition struct {
	Column string
	Op     string // one of = != < <= > >=, or is null, is not null
	Value  string
}

// ParseCondition reads column, operator and value written together, such as plays>=10, or "tempo is null".
func ParseCondition(text string) (Condition, error) {
	for _, op := range []string{isNull, isNotNull} {
		if column, ok := strings.CutSuffix(strings.TrimSpace(text), " "+op); ok {
			return Condition{Column: strings.TrimSpace(column), Op: op}, nil
		}
	}
	at, op := len(text), ""
	for _, o := range operators {
		if i := strings.Index(text, o); i > 0 && i < at {
			at, op = i, o
		}
	}
	if op == "" {
		return Condition{}, fmt.Errorf("%w: %q: want column, operator and value, such as user_id=u1, plays>=10 or \"tempo is null\"", ErrCondition, text)
	}
	return Condition{Column: strings.TrimSpace(text[:at]), Op: op, Value: strings.TrimSpace(text[at+len(op):])}, nil
}

// Scan says what answering a question cost.
type Scan struct {
	Groups    int   // row groups of the files
	Opened    int   // of which were read
	Bytes     int64 // read, footers included
	FileBytes int64 // size of the files
}

// Where returns the columns and the first limit rows, in order, that fulfil every condition; values are those of Head.
//
// Errors: ErrCondition naming the column; a damaged file.
// Cost:   the footer, then one range request for every row group whose bounds and bloom filters allow a match; in it the column of one
// condition, then the rows that this one leaves.
func Where(ctx context.Context, s lake.Store, key string, conds []Condition, limit int) (columns []string, rows [][]any, cost Scan, err error) {
	obj, w, file, err := openWindow(ctx, s, lake.FileRef{Key: key})
	if err != nil {
		return nil, nil, cost, err
	}
	defer obj.Close()
	q := query{key: key, file: file, window: w, limit: limit}
	for _, c := range conds {
		if err := q.add(c); err != nil {
			return nil, nil, cost, fmt.Errorf("search %s: %w", key, err)
		}
	}
	err = guard(key, func() error { return q.run(ctx) })
	return topColumns(file), q.rows, Scan{Groups: len(file.RowGroups()), Opened: q.opened, Bytes: w.read, FileBytes: obj.Info().Size}, err
}

// query is Where under way.
type query struct {
	key    string
	file   *parquet.File
	window *window
	limit  int
	tests  []test
	opened int
	rows   [][]any
}

// test is a Condition bound to its column.
type test struct {
	Condition
	field int // among the top-level fields
	leaf  int // column index of its only leaf
	node  parquet.Node
	want  any
}

// ofNulls reports whether the test asks for no value.
func (t test) ofNulls() bool { return t.Op == isNull || t.Op == isNotNull }

func (q *query) add(c Condition) error {
	for i, f := range q.file.Schema().Fields() {
		if f.Name() != c.Column {
			continue
		}
		t := test{Condition: c, field: i, node: element(f)}
		if !t.node.Leaf() {
			return fmt.Errorf("%w: column %s holds structs", ErrCondition, c.Column)
		}
		for j, path := range q.file.Schema().Columns() {
			if path[0] == c.Column {
				t.leaf = j
			}
		}
		if t.ofNulls() {
			q.tests = append(q.tests, t)
			return nil
		}
		var err error
		if t.want, err = parseAs(t.node.Type(), c.Value); err != nil {
			return fmt.Errorf("%w: column %s is %s, not %q", ErrCondition, c.Column, typeName(t.node.Type()), c.Value)
		}
		q.tests = append(q.tests, t)
		return nil
	}
	return fmt.Errorf("%w: no column %q", ErrCondition, c.Column)
}

// parseAs reads text as a value of a column: int64, float64, bool, string or time.Time.
func parseAs(t parquet.Type, text string) (any, error) {
	if _, isTime := asTime(t, parquet.Int64Value(0)); isTime {
		if at, err := time.Parse(time.DateOnly, text); err == nil {
			return at, nil
		}
		return time.Parse(time.RFC3339Nano, text)
	}
	switch t.Kind() {
	case parquet.Int32, parquet.Int64:
		return strconv.ParseInt(text, 10, 64)
	case parquet.Float, parquet.Double:
		return strconv.ParseFloat(text, 64)
	case parquet.Boolean:
		return strconv.ParseBool(text)
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return text, nil
	}
	return nil, ErrCondition
}

func (q *query) run(ctx context.Context) error {
	for i, group := range q.file.RowGroups() {
		if len(q.rows) >= q.limit || ctx.Err() != nil {
			break
		}
		if !q.mayMatch(group) {
			continue
		}
		q.opened++
		err := q.window.load(q.file.Metadata().RowGroups[i])
		if err == nil {
			err = q.search(ctx, group)
		}
		if err != nil {
			return fmt.Errorf("read row group %d of %s: %w", i, q.key, err)
		}
	}
	return context.Cause(ctx)
}

// search adds the rows of a row group that fulfil every condition.
func (q *query) search(ctx context.Context, g parquet.RowGroup) error {
	positions, err := q.candidates(ctx, g)
	if err != nil {
		return err
	}
	return pickRows(ctx, q.key, g, positions, func(row []any) bool {
		if q.fulfilled(row) {
			q.rows = append(q.rows, row)
		}
		return len(q.rows) < q.limit
	})
}

// candidates returns the rows of a row group that one condition on a plain column leaves, by that column alone: an equality if
// there is one. All rows where conditions are on lists.
func (q *query) candidates(ctx context.Context, g parquet.RowGroup) (positions []int64, err error) {
	var by *test
	for i := range q.tests {
		if t := &q.tests[i]; g.Schema().Fields()[t.field].Leaf() && (by == nil || by.Op != "=" && t.Op == "=") {
			by = t
		}
	}
	if by == nil {
		for at := range g.NumRows() {
			positions = append(positions, at)
		}
		return positions, nil
	}
	at := int64(0)
	return positions, chunkValues(ctx, g.ColumnChunks()[by.leaf], func(v parquet.Value) {
		if by.Op == "=" && !v.IsNull() && order(by.node, v, by.want) == 0 || by.Op != "=" && by.holds(scalar(by.node, v)) {
			positions = append(positions, at)
		}
		at++
	})
}

// mayMatch reports whether the bounds of a row group allow a row that fulfils every condition.
func (q *query) mayMatch(g parquet.RowGroup) bool {
	for _, t := range q.tests {
		lo, hi, ok := chunkBounds(g.ColumnChunks()[t.leaf])
		if !ok || t.ofNulls() {
			continue
		}
		low, high := order(t.node, lo, t.want), order(t.node, hi, t.want)
		if text, ok := t.want.(string); ok && strings.HasPrefix(text, string(hi.ByteArray())) {
			high = 1 // writers may cut a long upper bound short: the true one lies above
		}
		possible := true
		switch t.Op {
		case "=":
			possible = low <= 0 && high >= 0 && t.mayBeIn(g.ColumnChunks()[t.leaf])
		case "<":
			possible = low < 0
		case "<=":
			possible = low <= 0
		case ">":
			possible = high > 0
		case ">=":
			possible = high >= 0
		}
		if !possible {
			return false
		}
	}
	return true
}

// mayBeIn asks the bloom filter of a column, where it has one, for the wanted string or whole number. One that cannot be read
// allows everything.
func (t test) mayBeIn(c parquet.ColumnChunk) bool {
	filter := c.BloomFilter()
	if filter == nil {
		return true
	}
	var want parquet.Value
	switch v := t.want.(type) {
	case string:
		want = parquet.ByteArrayValue([]byte(v))
	case int64:
		want = parquet.Int64Value(v)
		if t.node.Type().Kind() == parquet.Int32 {
			want = parquet.Int32Value(int32(v))
		}
	default:
		return true
	}
	found, err := filter.Check(want)
	return found || err != nil
}

// order compares a stored bound with a wanted value.
func order(n parquet.Node, bound parquet.Value, want any) int {
	if text, ok := want.(string); ok {
		return cmp.Compare(string(bound.ByteArray()), text)
	}
	return compareValue(scalar(n, bound), want)
}

func (q *query) fulfilled(row []any) bool {
	for _, t := range q.tests {
		if !t.holds(row[t.field]) {
			return false
		}
	}
	return true
}

// holds reports whether a value, or any element of a list, fulfils the condition.
func (t test) holds(v any) bool {
	list, isList := v.([]any)
	if none := v == nil || isList && len(list) == 0; none || t.ofNulls() {
		return none == (t.Op == isNull)
	}
	if isList {
		for _, e := range list {
			if t.holds(e) {
				return true
			}
		}
		return false
	}
	c := compareValue(v, t.want)
	switch t.Op {
	case "=":
		return c == 0
	case "!=":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	default:
		return c >= 0
	}
}

// compareValue compares a value as plain gives it with one of parseAs for the same column.
func compareValue(v, want any) int {
	switch w := want.(type) {
	case string:
		return cmp.Compare(v.(string), w)
	case bool:
		return cmp.Compare(number(v), number(w))
	case time.Time:
		at, _ := time.Parse(time.RFC3339Nano, v.(string))
		return at.Compare(w)
	case int64:
		if i, ok := v.(int32); ok {
			return cmp.Compare(int64(i), w)
		}
		return cmp.Compare(v.(int64), w)
	}
	return cmp.Compare(number(v), number(want))
}

func number(v any) float64 {
	switch v := v.(type) {
	case bool:
		if v {
			return 1
		}
	case float32:
		f, _ := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', -1, 32), 64) // as it is shown
		return f
	case float64:
		return v
	}
	return 0
}

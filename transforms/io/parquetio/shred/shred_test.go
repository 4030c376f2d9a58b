package shred_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
	"github.com/parquet-go/parquet-go/format"

	"segue/transforms/io/parquetio/shred"
)

type part struct {
	Name  string  `parquet:"name,dict"`
	Share float32 `parquet:"share,plain"`
	Maybe *int64  `parquet:"maybe,optional,plain"`
}

type inner struct {
	Zone string `parquet:"zone,dict"`
	Hour int32  `parquet:"hour,plain"`
}

// row has every shape that is written.
type row struct {
	ID     string     `parquet:"id,plain"`
	Kind   string     `parquet:"kind,dict"`
	Small  int32      `parquet:"small,plain"`
	Big    int64      `parquet:"big,plain"`
	Half   float32    `parquet:"half,plain"`
	Real   float64    `parquet:"real,plain"`
	Yes    bool       `parquet:"yes"`
	At     time.Time  `parquet:"at,timestamp(microsecond)"`
	Data   []byte     `parquet:"data,plain"`
	Maybe  *string    `parquet:"maybe,optional,dict"`
	Count  *int64     `parquet:"count,optional,plain"`
	Last   *time.Time `parquet:"last,optional,timestamp(microsecond)"`
	In     inner      `parquet:"in"`
	Words  []string   `parquet:"words,list" parquet-element:"element,dict"`
	Vector []float32  `parquet:"vector,list,uncompressed" parquet-element:"element,plain"`
	Parts  []part     `parquet:"parts,list"`
}

var names = []string{"", "a", "ab", "zürich", strings.Repeat("long ", 30), "\xff\xff", "x\x00y"}

func randomRow(r *rand.Rand) row {
	at := time.UnixMicro(r.Int64N(4e15) - 1e15).UTC()
	out := row{
		ID: fmt.Sprint(names[r.IntN(len(names))], r.IntN(1000)), Kind: strings.Clone(names[r.IntN(len(names))]), Small: int32(r.Uint32()), Big: int64(r.Uint64()),
		Half: float32(r.NormFloat64()), Real: r.NormFloat64(), Yes: r.IntN(2) == 0, At: at, Data: []byte(names[r.IntN(len(names))]),
		In: inner{names[r.IntN(3)], int32(r.IntN(24))}, Words: []string{}, Vector: []float32{}, Parts: []part{},
	}
	if r.IntN(20) == 0 {
		out.Half, out.Real = float32(math.NaN()), math.Inf(1)
	}
	if r.IntN(3) > 0 {
		word, n := fmt.Sprint("word", r.IntN(5000)), r.Int64()
		out.Maybe, out.Count, out.Last = &word, &n, &at
	}
	for range r.IntN(4) {
		out.Words, out.Vector = append(out.Words, fmt.Sprint("w", r.IntN(300))), append(out.Vector, r.Float32())
		p := part{Name: names[r.IntN(len(names))], Share: r.Float32()}
		if r.IntN(2) == 0 {
			p.Maybe = new(r.Int64())
		}
		out.Parts = append(out.Parts, p)
	}
	return out
}

// codec is one, so that files use the columns of those before.
var codec = &zstd.Codec{Level: zstd.SpeedFastest}

// file writes rows in calls of Add of random sizes.
func file(t *testing.T, r *rand.Rand, rows []row, group int64) []byte {
	t.Helper()
	return fileOf(t, r, rows, group, nil)
}

// fileOf is file with shared texts.
func fileOf(t *testing.T, r *rand.Rand, rows []row, group int64, shared *shred.Vocabulary) []byte {
	t.Helper()
	var empty, out bytes.Buffer
	if err := parquet.NewGenericWriter[row](&empty).Close(); err != nil {
		t.Fatal(err)
	}
	none := open(t, empty.Bytes())
	w, err := shred.New[row](&out, shred.Options{Footer: *none.Metadata(), SortedBy: []string{"kind"}, GroupRows: group, Codec: codec, Shared: shared})
	if err != nil {
		t.Fatal(err)
	}
	for rest := rows; len(rest) > 0; {
		n := 1 + r.IntN(len(rest))
		if err := w.Add(rest[:n]); err != nil {
			t.Fatal(err)
		}
		if rest = rest[n:]; r.IntN(10) == 0 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func open(t *testing.T, data []byte) *parquet.File {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A file has the same bytes whatever was written before it with the same columns.
func TestFilesAfterOthers(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	rows := make([]row, 5000)
	for i := range rows {
		rows[i] = randomRow(r)
	}
	write := func() []byte { return file(t, rand.New(rand.NewPCG(6, 6)), rows, 1200) }
	first := write()
	for range 5 {
		others := make([]row, 1+r.IntN(3000))
		for i := range others {
			others[i] = randomRow(r)
		}
		file(t, r, others, 700)
		if again := write(); !bytes.Equal(first, again) {
			t.Fatalf("%d bytes, then %d others of the same rows", len(first), len(again))
		}
	}
}

// Rows of every shape come back as they were written, over many row groups and pages, and bounds hold for every page.
func TestRowsComeBack(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 2))
		rows := make([]row, r.IntN(30_000/(1+r.IntN(30))))
		for i := range rows {
			rows[i] = randomRow(r)
		}
		f := open(t, file(t, r, rows, int64(1+r.IntN(12_000))))
		got := make([]row, len(rows))
		reader := parquet.NewGenericReader[row](f)
		for n := 0; n < len(got); {
			k, err := reader.Read(got[n:])
			if n += k; err != nil && n < len(got) {
				t.Fatalf("seed %d: %d of %d rows: %v", seed, n, len(rows), err)
			}
		}
		if f.NumRows() != int64(len(rows)) {
			t.Fatalf("seed %d: %d rows, want %d", seed, f.NumRows(), len(rows))
		}
		for i := range rows {
			if want := rows[i]; fmt.Sprintf("%+v", deref(got[i])) != fmt.Sprintf("%+v", deref(want)) {
				t.Fatalf("seed %d, row %d: got\n%+v, want\n%+v", seed, i, deref(got[i]), deref(want))
			}
		}
		checkReader(t, seed, f, got)
		checkBounds(t, seed, f)
	}
}

// checkReader holds rows that are read column by column, in batches of random sizes, against others.
func checkReader[T any](t *testing.T, seed uint64, f *parquet.File, want []T) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 7))
	reader, ok := shred.NewReader[T](f.Schema())
	if !ok {
		t.Fatalf("seed %d: %v is not read", seed, f.Schema())
	}
	defer reader.Close()
	for _, group := range f.RowGroups() {
		reader.Open(group)
		for {
			rows := make([]T, 1+r.IntN(2000))
			n, err := reader.Read(rows)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			for i, got := range rows[:n] {
				if fmt.Sprintf("%#v", show(got)) != fmt.Sprintf("%#v", show(want[i])) {
					t.Fatalf("seed %d: got\n%#v, want\n%#v", seed, show(got), show(want[i]))
				}
			}
			want = want[n:]
		}
	}
	if len(want) > 0 {
		t.Errorf("seed %d: %d rows are left", seed, len(want))
	}
}

// show returns a row as text in which empty lists and nil, pointers and NaN have their place.
func show(row any) string {
	v, out := reflect.ValueOf(row), ""
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case f.Kind() == reflect.Pointer && f.IsNil(), f.Kind() == reflect.Slice && f.IsNil():
			out += "nil "
		case f.Kind() == reflect.Pointer:
			out += fmt.Sprintf("&%#v ", f.Elem().Interface())
		case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct:
			for j := range f.Len() {
				out += "{" + show(f.Index(j).Interface()) + "}"
			}
		default:
			out += fmt.Sprintf("%#v ", f.Interface())
		}
	}
	return out
}

// Files of other writers are read: dictionaries of numbers, values that may be missing where rows have no pointer and the other way round.
func TestReadsOtherFiles(t *testing.T) {
	type foreign struct {
		Small int32    `parquet:"small,dict,optional"`
		Big   int64    `parquet:"big,dict"`
		Half  float32  `parquet:"half,dict"`
		Text  *string  `parquet:"text,optional,dict"`
		Sure  string   `parquet:"sure"`
		Yes   bool     `parquet:"yes,optional"`
		Words []string `parquet:"words,list"`
	}
	type local struct {
		Small int32    `parquet:"small,plain"`
		Big   int64    `parquet:"big,plain"`
		Half  float32  `parquet:"half,plain"`
		Text  string   `parquet:"text,dict"`
		Sure  *string  `parquet:"sure,optional,plain"`
		Yes   *bool    `parquet:"yes,optional"`
		Words []string `parquet:"words,list" parquet-element:"element,dict"`
		More  *int64   `parquet:"more,optional,plain"`
	}
	r := rand.New(rand.NewPCG(4, 4))
	rows, want := make([]foreign, 5000), make([]local, 5000)
	for i := range rows {
		text, yes := names[r.IntN(len(names))], true
		rows[i] = foreign{int32(r.IntN(3)), r.Int64N(50), r.Float32(), &text, text, yes, names[:r.IntN(3)]}
		if r.IntN(2) == 0 {
			rows[i].Text = nil
		}
		want[i] = local{Small: rows[i].Small, Big: rows[i].Big, Half: rows[i].Half, Sure: &text, Yes: &yes, Words: rows[i].Words}
		if rows[i].Text != nil {
			want[i].Text = text
		}
	}
	var out bytes.Buffer
	w := parquet.NewGenericWriter[foreign](&out, parquet.PageBufferSize(900), parquet.MaxRowsPerRowGroup(1700))
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	checkReader(t, 4, open(t, out.Bytes()), want)
}

// Columns that lie otherwise are left to other readers.
func TestReadsNoOtherShapes(t *testing.T) {
	type flat struct {
		ID string `parquet:"id"`
	}
	type lists struct {
		ID []string `parquet:"id"`
	}
	if _, ok := shred.NewReader[flat](parquet.SchemaOf(lists{})); ok {
		t.Error("repeated values without a list are read")
	}
	if _, ok := shred.NewReader[flat](parquet.SchemaOf(struct {
		ID int64 `parquet:"id"`
	}{})); ok {
		t.Error("numbers are read as texts")
	}
}

// deref shows what pointers point to, and empty lists alike.
func deref(x row) []any {
	out := []any{}
	v := reflect.ValueOf(x)
	for i := range v.NumField() {
		f := v.Field(i)
		if f.Kind() == reflect.Pointer && !f.IsNil() {
			f = f.Elem()
		}
		if parts, ok := f.Interface().([]part); ok {
			for _, p := range parts {
				if out = append(out, p.Name, p.Share, p.Maybe == nil); p.Maybe != nil {
					out = append(out, *p.Maybe)
				}
			}
			continue
		}
		if at, ok := f.Interface().(time.Time); ok {
			out = append(out, at.UnixMicro())
			continue
		}
		out = append(out, f.Interface())
	}
	return out
}

// checkBounds holds the bounds of chunks and pages, null counts and first rows against the pages themselves.
func checkBounds(t *testing.T, seed uint64, f *parquet.File) {
	t.Helper()
	for g, group := range f.RowGroups() {
		for n, chunk := range group.ColumnChunks() {
			stats, path := f.Metadata().RowGroups[g].Columns[n].MetaData.Statistics, f.Metadata().RowGroups[g].Columns[n].MetaData.PathInSchema
			if !slices.Equal(path, f.Schema().Columns()[n]) {
				t.Fatalf("seed %d: column %v is said to be %v", seed, f.Schema().Columns()[n], path)
			}
			index, err := chunk.ColumnIndex()
			bounded := err == nil && f.Metadata().RowGroups[g].Columns[n].ColumnIndexLength > 0
			offsets, err := chunk.OffsetIndex()
			if err != nil {
				t.Fatal(err)
			}
			pages, row, nulls := chunk.Pages(), int64(0), int64(0)
			for p := 0; ; p++ {
				page, err := pages.ReadPage()
				if err != nil {
					break
				}
				if offsets.FirstRowIndex(p) != row {
					t.Fatalf("seed %d, %v: page %d begins at row %d, said to at %d", seed, path, p, row, offsets.FirstRowIndex(p))
				}
				row, nulls = row+page.NumRows(), nulls+page.NumNulls()
				low, high, ok := page.Bounds()
				if !ok || !bounded {
					continue
				}
				order := page.Type().Compare
				least, most := chunk.Type().Kind().Value(stats.MinValue), chunk.Type().Kind().Value(stats.MaxValue)
				if order(index.MinValue(p), low) > 0 || order(index.MaxValue(p), high) < 0 || order(least, low) > 0 || order(most, high) < 0 {
					t.Fatalf("seed %d, %v: page %d of %v to %v, said to be of %v to %v in %v to %v", seed, path, p, low, high, index.MinValue(p), index.MaxValue(p), least, most)
				}
				if index.NullCount(p) != page.NumNulls() {
					t.Fatalf("seed %d, %v: page %d has %d nulls, said to have %d", seed, path, p, page.NumNulls(), index.NullCount(p))
				}
			}
			pages.Close()
			if row != group.NumRows() || nulls != stats.NullCount {
				t.Fatalf("seed %d, %v: %d rows of %d, %d nulls of %d", seed, path, row, group.NumRows(), nulls, stats.NullCount)
			}
		}
	}
}

// The same rows in the same calls give the same bytes: seeds of hashes and addresses of texts decide nothing.
func TestSameBytes(t *testing.T) {
	data := func() []byte {
		r := rand.New(rand.NewPCG(5, 5))
		rows := make([]row, 3000)
		for i := range rows {
			rows[i] = randomRow(r)
		}
		return file(t, r, rows, 700)
	}
	if a, b := data(), data(); !bytes.Equal(a, b) {
		t.Errorf("%d bytes and %d, or others", len(a), len(b))
	}
}

// Rows that hold texts of a vocabulary, parts of them and other texts have the bytes of a file without one, with any vocabulary before.
func TestVocabulary(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 9))
		texts := []string{"", "é"}
		for i := range 1 + r.IntN(3000) {
			texts = append(texts, fmt.Sprint(strings.Repeat("s", r.IntN(30)), i))
		}
		if seed%2 == 0 { // bounds are found by place
			slices.Sort(texts)
		}
		v := shred.NewVocabulary(texts)
		if !slices.Equal(v.Texts, texts) {
			t.Fatalf("seed %d: another vocabulary", seed)
		}
		rows := make([]row, 4000)
		for i := range rows {
			rows[i] = randomRow(r)
			text := v.Texts[r.IntN(len(texts))]
			switch r.IntN(4) {
			case 0:
				rows[i].Kind = text
			case 1:
				rows[i].Kind, rows[i].Maybe = "other "+text, &text
			case 2:
				rows[i].Words = []string{text, "x" + text, v.Texts[0]}
			}
		}
		write := func(shared *shred.Vocabulary) []byte {
			return fileOf(t, rand.New(rand.NewPCG(seed, 3)), rows, 900, shared)
		}
		if want := write(nil); !bytes.Equal(write(v), want) || !bytes.Equal(write(shred.NewVocabulary(texts[:1])), want) || !bytes.Equal(write(nil), want) {
			t.Errorf("seed %d: %d texts: other bytes with a vocabulary", seed, len(texts))
		}
	}
}

// Pages whose values rise are said to rise, others not.
func TestBoundariesRise(t *testing.T) {
	rows := make([]row, 60_000)
	for i := range rows {
		rows[i] = row{Big: int64(i), Real: -float64(i), Small: int32(i % 1000)}
	}
	f := open(t, file(t, rand.New(rand.NewPCG(1, 1)), rows, 100_000))
	for i, want := range map[string]format.BoundaryOrder{"big": format.Ascending, "real": format.Descending} {
		leaf, _ := f.Schema().Lookup(i)
		index, err := f.RowGroups()[0].ColumnChunks()[leaf.ColumnIndex].ColumnIndex()
		if err != nil || index.NumPages() < 2 || index.IsAscending() != (want == format.Ascending) || index.IsDescending() != (want == format.Descending) {
			t.Errorf("%s: %d pages, rising %v, falling %v, %v", i, index.NumPages(), index.IsAscending(), index.IsDescending(), err)
		}
	}
}

// Fields that no column is written of are refused.
func TestRefusesOtherFields(t *testing.T) {
	if _, err := shred.New[struct {
		Tags map[string]string `parquet:"tags"`
	}](&bytes.Buffer{}, shred.Options{}); err == nil {
		t.Error("a map is taken")
	}
	if _, err := shred.New[struct {
		N uint32 `parquet:"n"`
	}](&bytes.Buffer{}, shred.Options{}); err == nil {
		t.Error("an unsigned number is taken")
	}
}

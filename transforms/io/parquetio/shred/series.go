package shred

import (
	"fmt"
	"slices"
	"unsafe"

	"segue/transforms/algo/simd"
)

// Series is one column of some rows, for those who have no rows to give: exactly one of Ints, Reals, Flags, Texts and Places has its values.
type Series struct {
	Ints   []int32
	Reals  []float32
	Flags  []bool
	Texts  []string
	Places []int32 // of texts in Of

	Of      *Vocabulary // the same in all calls of a file
	Repeat  []int32     // how many times each value stands there; nil = once
	Lengths []int32     // of the list of each row; nil = no lists
}

// AddColumns appends n rows, which stay in one row group, by all their columns in the order of the schema.
// Errors: columns that do not fit the schema or n. Only columns of int32, float32, bool and of texts tagged dict can be given.
func (w *Writer[T]) AddColumns(n int, columns []Series) error {
	if len(columns) != len(w.columns) {
		return fmt.Errorf("%d columns are given, of %d", len(columns), len(w.columns))
	}
	for i, c := range w.columns {
		v := &columns[i]
		if err := c.check(v, n); err != nil {
			return fmt.Errorf("column %v: %w", c.meta.PathInSchema, err)
		}
	}
	if w.rows+int64(n) > w.most {
		if err := w.Flush(); err != nil {
			return err
		}
	}
	for i, c := range w.columns {
		c.take(&columns[i], n)
	}
	w.rows += int64(n)
	return nil
}

// check returns what does not fit.
func (c *column) check(v *Series, n int) error {
	numbers, flagged, worded := len(v.Ints)+len(v.Reals), len(v.Flags), len(v.Texts)+len(v.Places)
	given := numbers + flagged + worded
	values := given
	if v.Repeat != nil {
		if values = sum(v.Repeat); len(v.Repeat) != given {
			return fmt.Errorf("%d of %d values are repeated", len(v.Repeat), given)
		}
	}
	want := n
	if c.list {
		want = sum(v.Lengths)
	}
	known := c.words != nil && c.words.shared == v.Of
	switch {
	case values != want || len(v.Lengths) > 0 && len(v.Lengths) != n || c.list != (v.Lengths != nil):
		return fmt.Errorf("%d values and %d lists of %d rows", values, len(v.Lengths), n)
	case c.null || c.kind != fours && numbers > 0 || c.kind != flags && flagged > 0 || c.words == nil && worded > 0:
		return fmt.Errorf("values of another kind")
	case len(v.Places) > 0 && (v.Of == nil || !known && len(c.words.used) > 0):
		return fmt.Errorf("places in another vocabulary")
	}
	return nil
}

func sum(counts []int32) (all int) {
	for _, n := range counts {
		all += int(n)
	}
	return all
}

// take appends the values of n rows.
func (c *column) take(v *Series, n int) {
	if c.list {
		c.takeLengths(v.Lengths)
	} else {
		c.entries += n
	}
	switch {
	case len(v.Ints) > 0:
		c.takeNumbers(unsafe.Pointer(unsafe.SliceData(v.Ints)), len(v.Ints), v.Repeat)
	case len(v.Reals) > 0:
		c.takeNumbers(unsafe.Pointer(unsafe.SliceData(v.Reals)), len(v.Reals), v.Repeat)
	case len(v.Places) > 0:
		c.words.share(v.Of)
		c.codes = c.words.placed(c.codes, v.Places)
	}
	for i, text := range v.Texts {
		code := c.words.codeOf(text)
		for range v.times(i) {
			c.codes = append(c.codes, code)
		}
	}
	for i := range v.Flags {
		for range v.times(i) {
			c.values = append(c.values, *(*byte)(unsafe.Pointer(&v.Flags[i])))
		}
	}
	if c.chunk.rows += int64(n); len(c.values)+4*len(c.codes) >= pageBytes {
		c.end()
	}
}

// times returns how many rows have a value.
func (v *Series) times(i int) int32 {
	if v.Repeat == nil {
		return 1
	}
	return v.Repeat[i]
}

// takeLengths appends the levels of lists.
func (c *column) takeLengths(lengths []int32) {
	all := 0
	for _, n := range lengths {
		all += int(max(n, 1))
	}
	at := len(c.reps)
	c.reps, c.defs, c.entries = appendOnes(c.reps, all), appendOnes(c.defs, all), c.entries+all
	for _, n := range lengths {
		if c.reps[at] = 0; n == 0 {
			c.defs[at] = 0
			c.nulls++
		}
		at += int(max(n, 1))
	}
}

// takeNumbers appends n values of four bytes.
func (c *column) takeNumbers(at unsafe.Pointer, n int, repeat []int32) {
	if repeat == nil {
		c.values = append(c.values, unsafe.Slice((*byte)(at), 4*n)...)
		return
	}
	for i, times := range repeat {
		value := *(*[4]byte)(unsafe.Add(at, 4*i))
		for ; times > 0; times-- {
			c.values = append(c.values, value[:]...)
		}
	}
}

// placed appends the codes of texts of the vocabulary.
func (w *words) placed(codes, places []int32) []int32 {
	w.open()
	simd.FetchEach(w.places, places)
	n := len(codes)
	codes = slices.Grow(codes, len(places))[:n+len(places)]
	for i, p := range places {
		codes[n+i] = w.codeAt(p)
	}
	return codes
}

package shred

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"unsafe"

	"github.com/parquet-go/parquet-go"
)

// Reader fills rows of T from row groups, column by column, to where the values lie in memory: the inverse of Writer. Texts of a
// dictionary and of a page share their memory. Not safe for concurrent use.
//
// Rejected: parquet-go's reader, which makes a Value of every value and assigns it by reflection, a text and a pointer at a time.
type Reader[T any] struct {
	sources []*source
	rows    int64 // left of the row group
}

// NewReader prepares to read rows of T from files of a schema; ok is false when its columns lie in a way that is not read. A column
// that is missing leaves its field empty.
func NewReader[T any](file *parquet.Schema) (r *Reader[T], ok bool) {
	t, own := reflect.TypeFor[T](), parquet.SchemaOf(new(T))
	shapes, err := shapesOf(t, own)
	if err != nil {
		return nil, false
	}
	r = &Reader[T]{}
	made := map[uintptr]bool{}
	for i, path := range own.Columns() {
		leaf, found := file.Lookup(path...)
		if !found {
			if len(path) > 1 {
				return nil, false
			}
			continue
		}
		s := &source{shape: shapes[i], place: leaf.ColumnIndex, levels: leaf.MaxDefinitionLevel}
		want, _ := own.Lookup(path...)
		if leaf.MaxRepetitionLevel != want.MaxRepetitionLevel || leaf.Node.Type().Kind() != want.Node.Type().Kind() ||
			leaf.MaxDefinitionLevel > 1 && !s.list || leaf.MaxDefinitionLevel != want.MaxDefinitionLevel && s.list {
			return nil, false
		}
		if s.list && !made[s.slice] {
			made[s.slice], s.makes = true, sliceAt(t, s.slice)
		}
		r.sources = append(r.sources, s)
	}
	return r, len(r.sources) > 0
}

// sliceAt returns the type of the list that lies at an offset of a struct.
func sliceAt(t reflect.Type, at uintptr) reflect.Type {
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case f.Type.Kind() == reflect.Struct && at >= f.Offset && at < f.Offset+f.Type.Size():
			return sliceAt(f.Type, at-f.Offset)
		case f.Offset == at && f.Type.Kind() == reflect.Slice:
			return f.Type
		}
	}
	return nil
}

// Open turns to a row group.
func (r *Reader[T]) Open(group parquet.RowGroup) {
	r.Close()
	r.rows = group.NumRows()
	chunks := group.ColumnChunks()
	for _, s := range r.sources {
		s.pages, s.dictionary = chunks[s.place].Pages(), nil
	}
}

// Close ends the reading of a row group.
func (r *Reader[T]) Close() {
	for _, s := range r.sources {
		s.close()
	}
}

// Read fills rows, which must be empty, and returns how many the row group still had; io.EOF when there is none.
// Errors: a damaged file.
func (r *Reader[T]) Read(rows []T) (int, error) {
	n := int(min(int64(len(rows)), r.rows))
	if n == 0 {
		return 0, io.EOF
	}
	at, size := unsafe.Pointer(unsafe.SliceData(rows)), unsafe.Sizeof(rows[0])
	for _, s := range r.sources {
		if err := s.read(at, n, size); err != nil {
			return 0, err
		}
	}
	r.rows -= int64(n)
	return n, nil
}

// source is a column of a row group under way.
type source struct {
	shape
	place  int          // in the file
	levels int          // definition levels
	makes  reflect.Type // the slice of a list that this column makes; nil = no list, or another column of it does

	pages      parquet.Pages
	page       parquet.Page
	reps, defs []byte
	entry, end int // of the entries of the page
	value      int // of its values
	stored
	dictionary parquet.Dictionary
	element    int // of the list that is open
}

func (s *source) close() {
	s.drop()
	if s.pages != nil {
		s.pages.Close()
		s.pages = nil
	}
	s.entry, s.end, s.element = 0, 0, 0
}

func (s *source) drop() {
	if s.page != nil {
		parquet.Release(s.page)
		s.page = nil
	}
}

// next loads a page that has entries; io.EOF after the last.
func (s *source) next() error {
	for s.entry == s.end {
		s.drop()
		page, err := s.pages.ReadPage()
		if err != nil {
			return err
		}
		s.page, s.entry, s.end, s.value = page, 0, int(page.NumValues()), 0
		s.reps, s.defs = page.RepetitionLevels(), page.DefinitionLevels()
		values := s.end
		if s.levels > 0 {
			values = 0
			for _, d := range s.defs {
				if int(d) == s.levels {
					values++
				}
			}
		}
		if s.levels > 0 && len(s.defs) != s.end || s.list && len(s.reps) != s.end {
			return errors.New("a page has fewer levels than entries")
		}
		if err := s.open(page, values); err != nil {
			return err
		}
	}
	return nil
}

// open takes the values of a page, of which there must be n.
func (s *source) open(page parquet.Page, n int) error {
	if d := page.Dictionary(); d != nil && d != s.dictionary {
		s.dictionary = d
		s.know(d.Page())
	}
	if found := s.take(page); found < n {
		return fmt.Errorf("a page has %d values of %d", found, n)
	}
	return nil
}

// read fills n rows.
func (s *source) read(rows unsafe.Pointer, n int, size uintptr) error {
	if s.list {
		return s.readLists(rows, n, size)
	}
	for row := 0; row < n; {
		if err := s.next(); errors.Is(err, io.EOF) {
			return errShort
		} else if err != nil {
			return err
		}
		k, at := min(n-row, s.end-s.entry), unsafe.Add(rows, uintptr(row)*size+s.at)
		if s.levels == 0 && !s.null {
			s.put(s.kind, s.value, at, size, k)
			s.value += k
		} else {
			s.optional(at, size, k)
		}
		s.entry, row = s.entry+k, row+k
	}
	return nil
}

var errShort = errors.New("a column ends before the others")

// optional fills k values that may be missing from the entry on.
func (s *source) optional(at unsafe.Pointer, step uintptr, k int) {
	var defs []byte
	there := k
	if s.levels > 0 {
		defs = s.defs[s.entry : s.entry+k]
		there = 0
		for _, d := range defs {
			there += int(d) / s.levels
		}
	}
	var own unsafe.Pointer
	if s.null && there > 0 {
		own = s.room(there)
		s.put(s.kind, s.value, own, sizes[s.kind], there)
	}
	done := 0
	for i := range k {
		if defs != nil && int(defs[i]) < s.levels {
			continue
		}
		to := unsafe.Add(at, uintptr(i)*step)
		if s.null {
			*(*unsafe.Pointer)(to) = unsafe.Add(own, uintptr(done)*sizes[s.kind])
		} else {
			s.put(s.kind, s.value+done, to, step, 1)
		}
		done++
	}
	s.value += done
}

// readLists fills the lists of n rows; one may go on in the next page.
func (s *source) readLists(rows unsafe.Pointer, n int, size uintptr) error {
	row := -1
	for {
		if err := s.next(); errors.Is(err, io.EOF) {
			if row < n-1 {
				return errShort
			}
			return nil
		} else if err != nil {
			return err
		}
		to, first := s.entry, row
		for ; to < s.end && (s.reps[to] > 0 || row < n-1); to++ {
			if s.reps[to] == 0 {
				row++
			}
		}
		if to == s.entry {
			return nil
		}
		if first < 0 && s.reps[s.entry] > 0 {
			return errors.New("a column begins within a list")
		}
		s.piece(unsafe.Add(rows, s.slice), size, first, to)
	}
}

// piece fills lists from the entries up to one, which begin in row first or after it.
func (s *source) piece(lists unsafe.Pointer, size uintptr, first, to int) {
	var made unsafe.Pointer
	if s.makes != nil {
		elements := 1 // so that empty lists point to something
		for _, d := range s.defs[s.entry:to] {
			elements += int(min(d, 1))
		}
		made = reflect.MakeSlice(s.makes, elements, elements).UnsafePointer()
	}
	for row, used := first, 0; s.entry < to; {
		end := s.entry + 1
		for end < to && s.reps[end] > 0 {
			end++
		}
		if s.reps[s.entry] == 0 {
			row++
			s.element = 0
		}
		k := end - s.entry
		if s.defs[s.entry] == 0 {
			k = 0
		}
		list := (*slice)(unsafe.Add(lists, uintptr(row)*size))
		if made != nil {
			s.grow(list, unsafe.Add(made, uintptr(used)*s.step), k)
		}
		if k > 0 {
			s.fill(unsafe.Add(list.data, uintptr(s.element)*s.step+s.at), k)
		}
		s.element, s.entry, used = s.element+k, end, used+k
	}
}

// slice is how a slice lies in memory.
type slice struct {
	data     unsafe.Pointer
	len, cap int
}

// grow gives a list k elements that lie at own; one that has elements of a page before moves.
func (s *source) grow(list *slice, own unsafe.Pointer, k int) {
	if s.element == 0 {
		list.data, list.len, list.cap = own, k, k
		return
	}
	old := reflect.NewAt(s.makes, unsafe.Pointer(list)).Elem()
	moved := reflect.MakeSlice(s.makes, list.len+k, list.len+k)
	reflect.Copy(moved, old)
	old.Set(moved)
}

// fill fills k elements from the entry on.
func (s *source) fill(at unsafe.Pointer, k int) {
	if s.null {
		s.optional(at, s.step, k)
		return
	}
	s.put(s.kind, s.value, at, s.step, k)
	s.value += k
}

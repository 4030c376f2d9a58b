package shred

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
)

// kind is how a value lies in memory and in a page.
type kind uint8

const (
	fours    kind = iota // int32, float32
	eights               // int64, float64
	flags                // bool
	texts                // string
	blobs                // []byte
	instants             // time.Time, as microseconds
)

// shape is where the values of a column lie in rows of a struct.
type shape struct {
	kind  kind
	list  bool    // the values of a row are those of a slice
	slice uintptr // of the slice in the row
	step  uintptr // from an element to the next
	at    uintptr // of the value in the row, or in the element
	null  bool    // there is a pointer to the value, nil = none
}

// kinds of fields; others are written by no table.
var fieldKinds = map[reflect.Kind]kind{
	reflect.Int32: fours, reflect.Float32: fours, reflect.Int64: eights, reflect.Float64: eights, reflect.Bool: flags, reflect.String: texts,
}

// shapesOf returns the shapes of all columns of a struct in the order of its schema.
func shapesOf(t reflect.Type, schema *parquet.Schema) ([]shape, error) {
	out := make([]shape, len(schema.Columns()))
	found := 0
	err := walk(t, shape{}, nil, func(path []string, s shape) error {
		leaf, ok := schema.Lookup(path...)
		if !ok {
			return fmt.Errorf("column %v is not in the schema of %s", path, t)
		}
		levels := 0
		for _, deeper := range []bool{s.list, s.null} {
			if deeper {
				levels++
			}
		}
		if leaf.MaxDefinitionLevel != levels || (leaf.MaxRepetitionLevel == 1) != s.list {
			return fmt.Errorf("column %v of %s is nested in a way that is not written", path, t)
		}
		out[leaf.ColumnIndex], found = s, found+1
		return nil
	})
	if err == nil && found != len(out) {
		err = fmt.Errorf("%d of %d columns of %s found", found, len(out), t)
	}
	return out, err
}

// walk calls leaf for every column of struct t, which begins at s.at.
func walk(t reflect.Type, s shape, path []string, leaf func([]string, shape) error) error {
	for i := range t.NumField() {
		f := t.Field(i)
		in, at := path, s
		if at.at += f.Offset; !f.Anonymous {
			name, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
			in = append(slices.Clone(path), cmp.Or(name, f.Name))
		}
		if err := field(f.Type, at, in, leaf); err != nil {
			return err
		}
	}
	return nil
}

func field(t reflect.Type, s shape, path []string, leaf func([]string, shape) error) error {
	switch {
	case t.Kind() == reflect.Pointer && !s.null:
		s.null = true
		return field(t.Elem(), s, path, leaf)
	case t == reflect.TypeFor[time.Time]():
		s.kind = instants
	case t == reflect.TypeFor[[]byte]():
		s.kind = blobs
	case t.Kind() == reflect.Slice && !s.list && !s.null:
		s.list, s.slice, s.step, s.at = true, s.at, t.Elem().Size(), 0
		return field(t.Elem(), s, append(path, "list", "element"), leaf)
	case t.Kind() == reflect.Struct && !s.null:
		return walk(t, s, path, leaf)
	default:
		k, ok := fieldKinds[t.Kind()]
		if !ok {
			return fmt.Errorf("column %v: values of %s are not written", path, t)
		}
		s.kind = k
	}
	return leaf(path, s)
}

package parity

import (
	"fmt"
	"iter"
	"maps"
	"math"
	"reflect"
	"slices"
	"time"

	"segue/schemas"
)

// Table counts the records of one kind. A record is different when any of its fields is.
type Table struct {
	Name                             string
	Equal, Different, Missing, Extra int64 // Missing: the live job has none; Extra: the replay has none
	Fields                           []Field
	Examples                         []Example // the first differences, at most maxExamples
}

// Field counts the values of one field over the records both sides have.
type Field struct {
	Name                             string
	Equal, Different, Missing, Extra int64
	SMAPE                            float64 // mean over pairs of numbers of |a - b| over the mean of |a| and |b|, 0 when both are 0
	numbers                          int64
}

// Example is one difference, values as JSON would have them.
type Example struct{ Key, Field, Live, Replay string }

const maxExamples = 20

// table is a Table at work.
type table struct {
	Table
	fields map[string]*Field
}

func newTable(name string) *table {
	return &table{Table: Table{Name: name}, fields: map[string]*Field{}}
}

// keysOf yields the keys of both maps, each once.
func keysOf[V any](a, b map[string]V) iter.Seq[string] {
	all := map[string]struct{}{}
	for k := range a {
		all[k] = struct{}{}
	}
	for k := range b {
		all[k] = struct{}{}
	}
	return maps.Keys(all)
}

// compare takes one record of both sides; nil = it is not there.
func (t *table) compare(key string, live, replay map[string]any) {
	switch {
	case live == nil:
		t.Missing++
		t.example(Example{key, "", "none", "a record"})
		return
	case replay == nil:
		t.Extra++
		t.example(Example{key, "", "a record", "none"})
		return
	}
	same := true
	for _, name := range slices.Sorted(keysOf(live, replay)) {
		if !t.value(key, name, live, replay) {
			same = false
		}
	}
	if same {
		t.Equal++
	} else {
		t.Different++
	}
}

// value compares one field; null is a value that is not there.
func (t *table) value(key, name string, live, replay map[string]any) bool {
	f := t.fields[name]
	if f == nil {
		f = &Field{Name: name}
		t.fields[name] = f
	}
	a, b := live[name], replay[name]
	if x, ok := a.(float64); ok {
		if y, ok := b.(float64); ok {
			f.numbers++
			f.SMAPE += smape(x, y)
		}
	}
	switch {
	case reflect.DeepEqual(a, b):
		f.Equal++
		return true
	case a == nil:
		f.Missing++
	case b == nil:
		f.Extra++
	default:
		f.Different++
	}
	t.example(Example{key, name, fmt.Sprint(a), fmt.Sprint(b)})
	return false
}

func smape(x, y float64) float64 {
	if x == y {
		return 0
	}
	return 2 * math.Abs(x-y) / (math.Abs(x) + math.Abs(y))
}

func (t *table) example(e Example) {
	if len(t.Examples) < maxExamples {
		t.Examples = append(t.Examples, e)
	}
}

func (t *table) done() Table {
	for _, name := range slices.Sorted(maps.Keys(t.fields)) {
		f := *t.fields[name]
		if f.numbers > 0 {
			f.SMAPE /= float64(f.numbers)
		}
		t.Fields = append(t.Fields, f)
	}
	return t.Table
}

// sessionFields returns what of a finished session depends on the plays alone; nil when it is not there.
func sessionFields(s schemas.LiveSession, there bool) map[string]any {
	if !there {
		return nil
	}
	return map[string]any{
		"ended_at": s.EndedAt.Format(time.RFC3339Nano), "plays": float64(s.Plays), "completes": float64(s.Completes), "skips": float64(s.Skips), "likes": float64(s.Likes),
		"ms_played": float64(s.MsPlayed), "device": s.Device, "place": s.Place, "country": s.Country, "source": s.Source,
	}
}

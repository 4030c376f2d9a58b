package parquetio

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"segue/schemas"
)

// Breaches returns in words how the columns of a file differ from those the contract of a table promises: one is missing, is
// unknown, has another type, may be null or not, repeats or not; by column. None = as promised.
func (f *File) Breaches(table schemas.Table) []string {
	have, want := leaves(f.file.Schema()), leaves(parquet.SchemaOf(zero(table)))
	var out []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		switch h, ok := have[name]; {
		case !ok:
			out = append(out, fmt.Sprintf("column %s is missing", name))
		case h != want[name]:
			out = append(out, fmt.Sprintf("column %s is %s, the contract says %s", name, h, want[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if _, ok := want[name]; !ok {
			out = append(out, fmt.Sprintf("column %s is not in the contract", name))
		}
	}
	return out
}

// leaves describes every column that holds values: its type and whether it may be null or repeats.
func leaves(s *parquet.Schema) map[string]string {
	out := map[string]string{}
	for _, path := range s.Columns() {
		leaf, _ := s.Lookup(path...)
		what := leaf.Node.Type().String()
		switch {
		case leaf.MaxRepetitionLevel > 0:
			what += ", list"
		case leaf.MaxDefinitionLevel > 0:
			what += ", nullable"
		default:
			what += ", never null"
		}
		out[strings.Join(path, ".")] = what
	}
	return out
}

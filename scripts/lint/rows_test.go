package lint

import (
	"fmt"
	"go/ast"
	"go/types"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// plainStructs are structs of schemas that are no rows.
var plainStructs = map[string]bool{"Table": true}

// Rows hold what every reader and every shuffle keeps: exported, tagged fields of fixed types.
func TestRows(t *testing.T) {
	for _, s := range goFiles(t, false) {
		if strings.HasPrefix(s.path, "schemas/") && strings.Count(s.path, "/") == 1 {
			report(t, rowOffences(s))
		}
	}
}

func rowOffences(s source) []string {
	var out []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		row, ok := spec.Type.(*ast.StructType)
		if !ok || plainStructs[spec.Name.Name] {
			return false
		}
		for _, f := range row.Fields.List {
			for _, why := range fieldOffences(f) {
				out = append(out, fmt.Sprintf("%s: field of %s %s", s.at(f), spec.Name.Name, why))
			}
		}
		return false
	})
	return out
}

var columnName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func fieldOffences(f *ast.Field) []string {
	var out []string
	if len(f.Names) != 1 || !f.Names[0].IsExported() {
		out = append(out, "is embedded, shared or not exported")
	}
	kind := types.ExprString(f.Type)
	if regexp.MustCompile(`\b(map|any|interface|chan|func|int|uint|byte)\b`).MatchString(kind) {
		out = append(out, "has type "+kind+", which readers or shuffles do not keep")
	}
	if f.Tag == nil {
		return append(out, "has no tag")
	}
	tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`"))
	options := strings.Split(tag.Get("parquet"), ",")
	if !columnName.MatchString(options[0]) {
		out = append(out, fmt.Sprintf("has no column name in snake_case: %q", options[0]))
	}
	return append(out, tagOffences(kind, tag, options[1:])...)
}

// tagOffences compares the options of a tag with the field's type.
func tagOffences(kind string, tag reflect.StructTag, options []string) []string {
	has := map[string]bool{}
	for _, o := range options {
		has[o] = true
	}
	var out []string
	wrong := func(bad bool, why string) {
		if bad {
			out = append(out, why)
		}
	}
	list, bare := strings.HasPrefix(kind, "[]"), strings.TrimPrefix(kind, "*")
	wrong(strings.HasPrefix(kind, "*") != has["optional"], "is a pointer without optional, or the reverse")
	wrong(list != has["list"], "is a slice without list, or the reverse")
	wrong(strings.Contains(kind, "time.Time") && !has["timestamp(microsecond)"], "is a time not in microseconds")
	wrong(has["delta"], "has a delta encoding, which older readers lack")
	wrong(encoded[bare] && !has["plain"] && !has["dict"], "names no encoding")
	wrong(encoded[strings.TrimPrefix(kind, "[]")] && list && tag.Get("parquet-element") == "", "names no encoding of its elements")
	return out
}

// encoded are the types whose tag says how they are stored.
var encoded = map[string]bool{"string": true, "int32": true, "int64": true, "float32": true, "float64": true}

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"segue/transforms/io/parquetio"
)

// rowsAnInsert bounds one INSERT statement.
const rowsAnInsert = 200

// sqlExport writes a table as statements that any SQL database takes.
type sqlExport struct {
	w     io.Writer
	table string
	rows  int
}

func (e *sqlExport) begin(f *parquetio.File) error {
	types := map[string]string{}
	for _, c := range f.Columns {
		if !c.List {
			types[c.Name] = sqlType(c.Type)
		}
	}
	var columns []string
	for _, name := range f.Names() {
		t, ok := types[name]
		if !ok {
			t = "TEXT" // a list or a struct, as JSON
		}
		columns = append(columns, quoteName(name)+" "+t)
	}
	_, err := fmt.Fprintf(e.w, "CREATE TABLE %s (\n  %s\n);\n", quoteName(e.table), strings.Join(columns, ",\n  "))
	return err
}

// sqlType returns the standard name of a column's type as parquetio writes types down.
func sqlType(t string) string {
	switch {
	case strings.Contains(t, "TIMESTAMP"):
		return "TIMESTAMP"
	case strings.HasPrefix(t, "INT32"):
		return "INTEGER"
	case strings.HasPrefix(t, "INT64"):
		return "BIGINT"
	case strings.HasPrefix(t, "FLOAT"):
		return "REAL"
	case strings.HasPrefix(t, "DOUBLE"):
		return "DOUBLE PRECISION"
	case strings.HasPrefix(t, "BOOLEAN"):
		return "BOOLEAN"
	}
	return "TEXT"
}

func (e *sqlExport) row(_ []string, values []any) error {
	cells := make([]string, len(values))
	for i, v := range values {
		text, err := sqlValue(v)
		if err != nil {
			return err
		}
		cells[i] = text
	}
	before := ",\n"
	if e.rows%rowsAnInsert == 0 {
		before = "INSERT INTO " + quoteName(e.table) + " VALUES\n"
		if e.rows > 0 {
			before = ";\n" + before
		}
	}
	e.rows++
	_, err := fmt.Fprintf(e.w, "%s  (%s)", before, strings.Join(cells, ", "))
	return err
}

func (e *sqlExport) end() error {
	if e.rows == 0 {
		return nil
	}
	_, err := io.WriteString(e.w, ";\n")
	return err
}

func sqlValue(v any) (string, error) {
	switch v := finite(v).(type) {
	case nil:
		return "NULL", nil
	case string:
		return quoteText(v), nil
	case []any, map[string]any:
		text, err := plainText(v)
		return quoteText(text), err
	default:
		return plainText(v)
	}
}

// finite returns nil for a float that neither JSON nor SQL can write, inside lists and structs too.
func finite(v any) any {
	switch v := v.(type) {
	case float32:
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil
		}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	case []any:
		for i := range v {
			v[i] = finite(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = finite(v[k])
		}
	}
	return v
}

// plainText returns a value in full, floats with as many digits as tell them apart, lists and structs as JSON, nil as nothing.
func plainText(v any) (string, error) {
	switch v := finite(v).(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case []any, map[string]any:
		b, err := json.Marshal(v)
		return string(b), err
	default:
		return fmt.Sprint(v), nil
	}
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func quoteText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

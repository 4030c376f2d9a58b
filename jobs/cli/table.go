package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"segue/jobs/nearest"
)

// Formats of a Table.
var Formats = []string{"text", "json", "csv", "markdown"}

// CheckFormat returns a usage error for an unknown format.
func CheckFormat(format string) error {
	if !slices.Contains(Formats, format) {
		return Usage("unknown --format %q%s", format, nearest.Hint(format, Formats))
	}
	return nil
}

// Table is rows under column names; a row has one value a column, nil = none.
type Table struct {
	Columns []string
	Rows    [][]any
}

// Add appends a row.
func (t *Table) Add(values ...any) { t.Rows = append(t.Rows, values) }

// Write prints the table: text aligned for people, json as an array of objects, csv with a header line,
// markdown as a table for documents.
func (t *Table) Write(w io.Writer, format string) error {
	switch format {
	case "json":
		return t.writeJSON(w)
	case "csv":
		return t.writeCSV(w)
	case "markdown":
		return t.writeMarkdown(w)
	}
	return t.writeText(w)
}

func (t *Table) writeText(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, strings.Join(t.Columns, "\t"))
	for _, row := range t.Rows {
		fmt.Fprintln(tw, strings.Join(texts(row, true), "\t"))
	}
	return tw.Flush()
}

func (t *Table) writeCSV(w io.Writer) error {
	cw := csv.NewWriter(w)
	if err := cw.Write(t.Columns); err != nil {
		return err
	}
	for _, row := range t.Rows {
		if err := cw.Write(texts(row, false)); err != nil {
			return err
		}
	}
	cw.Flush()
	return cw.Error()
}

// writeMarkdown writes a table that Markdown shows, its numbers to the right.
func (t *Table) writeMarkdown(w io.Writer) error {
	var b strings.Builder
	rule := make([]string, len(t.Columns))
	for i := range rule {
		rule[i] = "---"
		if len(t.Rows) > 0 && isNumber(t.Rows[0][i]) {
			rule[i] = "---:"
		}
	}
	for _, line := range [][]string{t.Columns, rule} {
		b.WriteString("| " + strings.Join(line, " | ") + " |\n")
	}
	escape := strings.NewReplacer("|", `\|`, "\n", " ")
	for _, row := range t.Rows {
		cells := texts(row, true)
		for i := range cells {
			cells[i] = escape.Replace(cells[i])
		}
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func isNumber(v any) bool {
	switch v.(type) {
	case int, int32, int64, uint64, float32, float64:
		return true
	}
	return false
}

// writeJSON keeps the order of the columns, which a map would lose.
func (t *Table) writeJSON(w io.Writer) error {
	var b strings.Builder
	b.WriteString("[")
	for i, row := range t.Rows {
		b.WriteString(separator(i, "\n  {", ",\n  {"))
		for j, v := range row {
			if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
				v = nil
			}
			text, err := json.Marshal(v)
			if err != nil {
				return fmt.Errorf("encode column %s: %w", t.Columns[j], err)
			}
			fmt.Fprintf(&b, "%s%q: %s", separator(j, "", ", "), t.Columns[j], text)
		}
		b.WriteString("}")
	}
	b.WriteString(separator(len(t.Rows), "]\n", "\n]\n"))
	_, err := io.WriteString(w, b.String())
	return err
}

func separator(i int, first, later string) string {
	if i == 0 {
		return first
	}
	return later
}

func texts(row []any, forPeople bool) []string {
	out := make([]string, len(row))
	for i, v := range row {
		out[i] = Text(v)
		if forPeople {
			out[i] = shorten(v, Clean(out[i]))
		}
	}
	return out
}

// widest is how many letters of a list people are shown.
const widest = 60

// shorten cuts the text of a list, such as a vector of 128 numbers; plain values are shown whole.
func shorten(v any, text string) string {
	if kind := reflect.ValueOf(v).Kind(); (kind == reflect.Slice || kind == reflect.Map) && len(text) > widest {
		return strings.ToValidUTF8(text[:widest], "") + "…"
	}
	return text
}

// Text returns a value as a cell of a table: times in RFC 3339, fractions with up to six digits, lists as JSON, nil as nothing.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int, int32, int64, uint64:
		return fmt.Sprint(v)
	case float32:
		return strconv.FormatFloat(float64(v), 'g', 6, 32)
	case float64:
		return strconv.FormatFloat(v, 'g', 6, 64)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case []byte:
		return string(v)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// Clean replaces what a terminal would obey instead of showing: titles and ids come from other people's data.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}

package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// Page is a self-contained HTML page.
type Page struct {
	Title    string // of the window
	Kind     string // small, over the heading
	Heading  string
	Under    string // small, under the heading
	Pills    []Pill
	Sections []Section
	Foot     string
}

// Section is a part of a page under a heading.
type Section struct {
	ID, Title, Lead string
	Blocks          []Block
	Empty           string // why there is nothing; "" = there is something
	Problem         string // why it could not be made
}

// Block is a piece of a section: whatever of it is set, in this order.
type Block struct {
	Title   string
	Note    string
	Tiles   []Tile
	Figures []Figure
	Table   *Table
	Folded  bool // the table is shown when asked for
}

// Tile is one figure of a night, large.
type Tile struct {
	Name, Value, Note string
	Status            string // StatusOK, StatusWarn, StatusFail or ""
}

// Pill is a word in a coloured frame.
type Pill struct{ Text, Status string }

// Statuses choose the colour of a tile, cell or pill.
const (
	StatusOK   = "ok"
	StatusWarn = "warn"
	StatusFail = "fail"
)

// Figure is a plot with its caption and key.
type Figure struct {
	SVG     template.HTML
	Caption string
	Keys    []Key
	Wide    bool // takes the whole width
}

// Key says what a colour stands for: Class 1 to 8 are the colours of series, 0 a quiet one.
type Key struct {
	Class int
	Name  string
}

// Table is rows of cells under columns.
type Table struct {
	Columns []Column
	Rows    [][]Cell
}

// Column is the head of a column of a table.
type Column struct {
	Name  string
	Right bool // numbers
	Wide  bool // sentences or titles, which need room
}

// Cell is one cell: text, smaller text under it, a status, and a bar of a share in [0,1] behind it.
type Cell struct {
	Text, Small string
	Status      string
	Bar         float64
}

// columns returns heads by name; one that begins with # is of numbers, with ~ of sentences or titles.
func columns(names ...string) []Column {
	out := make([]Column, len(names))
	for i, name := range names {
		out[i] = Column{strings.TrimLeft(name, "#~"), strings.HasPrefix(name, "#"), strings.HasPrefix(name, "~")}
	}
	return out
}

// Add appends a row.
func (t *Table) Add(cells ...Cell) { t.Rows = append(t.Rows, cells) }

// textCell returns a plain cell.
func textCell(s string) Cell { return Cell{Text: s} }

//go:embed page.html
var pageHTML string

//go:embed style.css
var styleCSS string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"style":   func() template.CSS { return template.CSS(styleCSS) },
	"percent": func(share float64) string { return strconv.FormatFloat(100*min(max(share, 0), 1), 'f', 1, 64) },
	"kind":    cellKind,
	"below":   columnsBefore,
}).Parse(pageHTML))

// cellKind returns the class of a column's cells.
func cellKind(t *Table, column int) string {
	switch {
	case column < len(t.Columns) && t.Columns[column].Right:
		return "right"
	case column < len(t.Columns) && t.Columns[column].Wide:
		return "room"
	}
	return ""
}

// columnsBefore returns how many columns stand before a last one of sentences, which goes below them on a phone; 0 = none does.
func columnsBefore(t *Table) int {
	if last := len(t.Columns) - 1; last > 0 && t.Columns[last].Wide {
		return last
	}
	return 0
}

// Write writes the page.
func (p Page) Write(w io.Writer) error {
	if err := pageTemplate.Execute(w, p); err != nil {
		return fmt.Errorf("write page %s: %w", p.Title, err)
	}
	return nil
}

// page returns the shell of a night's page.
func (n *night) page(producer string) Page {
	p := Page{
		Title: "Night of " + n.info.Date, Kind: "Segue · nightly report", Heading: n.date(),
		Under: "Run " + n.info.Run + " · " + n.store.URL(), Foot: "Made by " + producer + " from the lake alone. The page loads nothing and runs no script.",
	}
	status := map[string]string{
		stateCurrent: StatusOK, statePublished: StatusOK, stateCandidate: StatusFail, stateOverridden: StatusWarn, stateUnfinished: StatusWarn,
	}
	p.Pills = []Pill{{n.state(), status[n.state()]}}
	return p
}

// count writes a whole number with thin spaces between thousands.
func count(v int64) string {
	text := strconv.FormatInt(v, 10)
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "−", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "\u202f" + text[i:]
	}
	return sign + text
}

// decimals writes a number with some digits behind the point, and a true minus.
func decimals(v float64, digits int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	return strings.Replace(strconv.FormatFloat(v, 'f', digits, 64), "-", "−", 1)
}

// signed is decimals with a plus.
func signed(v float64, digits int) string {
	if v > 0 {
		return "+" + decimals(v, digits)
	}
	return decimals(v, digits)
}

// share writes a part of one in percent.
func share(v float64) string { return decimals(100*v, 1) + " %" }

// seconds writes a time as people say it.
func seconds(v float64) string {
	switch {
	case v < 10:
		return decimals(v, 2) + " s"
	case v < 120:
		return decimals(v, 1) + " s"
	}
	return time.Duration(v * float64(time.Second)).Round(time.Second).String()
}

// size writes bytes with a binary unit.
func size(bytes int64) string {
	v, unit := float64(bytes), "B"
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if v < 1024 {
			break
		}
		v, unit = v/1024, next
	}
	if unit == "B" {
		return count(bytes) + " B"
	}
	return decimals(v, 1) + " " + unit
}

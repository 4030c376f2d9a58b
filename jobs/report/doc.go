// Package report makes one self-contained HTML page of a night from its lake alone: run id → manifest, stage records, tables.
//
//	report.go      Write: the page of a run; sections: the list of them, one line each
//	night.go       what is read before any section: run, manifest, stage records, pointer, last night
//	table.go       rows of tables by the names of their columns
//	catalogue.go   titles, artists and genres of some songs
//	page.go        Page: the shell of a page, its blocks, tables and figures; page.html, style.css
//	layout.go      the map of songs: near ones together
//	plot.go        figures as SVG that follow the page's light and dark colours; lines.go, bars.go, heat.go, scatter.go
//	summary.go, flow.go, quality.go, trends.go, embedding.go, hours.go, charts.go, personas.go, coverage.go, rejected.go,
//	listeners.go, provenance.go   a section each
//
// A section reads columns by name: one that is missing leaves its place empty, a table that is missing or damaged is said
// in its section, and the others stand. A section is removed by deleting its file and its line in report.go.
//
// The page loads nothing and runs no script: its policy forbids both, and titles and ids, which are other people's data, go
// through html/template or the escaping of the plotting library. What is drawn depends on the lake's contents only.
package report

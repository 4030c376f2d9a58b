package main

import (
	"fmt"
	"reflect"
	"strings"

	"segue/schemas"
)

// landing lists what users give, in the order of the dictionary.
var landing = []struct {
	folder string
	row    reflect.Type
}{
	{schemas.LandingPlaylists, reflect.TypeFor[schemas.Playlist]()},
	{schemas.LandingSongs, reflect.TypeFor[schemas.Song]()},
	{schemas.LandingUsers, reflect.TypeFor[schemas.Listener]()},
	{schemas.LandingPlays, reflect.TypeFor[schemas.Play]()},
}

// dictionary returns the data dictionary of all tables as Markdown.
func dictionary(c comments) (string, error) {
	var b strings.Builder
	b.WriteString(`# schemas: the data dictionary

Every row Segue reads or writes is one Go struct in this folder. This page is made from them: change the struct, then run
` + "`make contracts`" + `. The contract of each published table, in the Open Data Contract Standard v3.1.0, lies in [contracts](contracts).

Types are Parquet's; *list of* is a LIST; times are UTC in microseconds. A column is never null unless it says *nullable*.

| published table | a row for each | holds |
|---|---|---|
`)
	for _, t := range schemas.Tables() {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", t.Name, t.Name, phrase(t.Key), t.Doc)
	}
	b.WriteString("\n## Published tables\n\nFiles: `runs/<run>/tables/<table>/`, listed in the run's manifest.\n")
	for _, t := range schemas.Tables() {
		fmt.Fprintf(&b, "\n### %s\n\n%s Version %d; unique by %s; sorted by %s, nulls last.\n\n", t.Name, t.Doc, t.Version, phrase(t.Key), phrase(t.Order))
		if err := columns(&b, t.Row, c); err != nil {
			return "", err
		}
	}
	b.WriteString("\n## Landing folders\n\nWhat users give, in `<folder>/date=YYYY-MM-DD/`.\n")
	for _, l := range landing {
		fmt.Fprintf(&b, "\n### %s\n\n%s\n\n", l.folder, c[l.row.Name()])
		if err := columns(&b, l.row, c); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func columns(b *strings.Builder, row reflect.Type, c comments) error {
	properties, err := propertiesOf(row, c)
	if err != nil {
		return err
	}
	b.WriteString("| column | type | meaning |\n|---|---|---|\n")
	for _, p := range properties {
		kind := typeText(p)
		if !p.Required {
			kind += ", nullable"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", p.Name, kind, strings.ReplaceAll(p.Description, "|", `\|`))
	}
	return nil
}

// typeText names a type for people, such as "list of (song_id string, weight float)".
func typeText(p property) string {
	switch {
	case p.Items != nil:
		return "list of " + typeText(*p.Items)
	case p.Properties != nil:
		parts := make([]string, len(p.Properties))
		for i, f := range p.Properties {
			parts[i] = f.Name + " " + typeText(f)
		}
		return "(" + strings.Join(parts, ", ") + ")"
	case p.LogicalType == "string" || p.LogicalType == "timestamp":
		return p.LogicalType
	}
	return strings.ToLower(p.PhysicalType)
}

package report

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"segue/transforms/io/lake"
)

// provenance shows inputs, settings and versions.
func provenance(_ context.Context, n *night) ([]Block, error) {
	facts := &Table{Columns: columns("fact", "value")}
	add := func(name, value string) {
		if value != "" {
			facts.Add(textCell(name), textCell(value))
		}
	}
	add("run", n.info.Run)
	add("made by", n.info.Producer)
	add("started", n.info.CreatedAt.UTC().Format(time.RFC3339))
	if n.published() {
		add("committed", n.manifest.CreatedAt.UTC().Format(time.RFC3339))
		add("arithmetic", n.manifest.KernelTier)
	}
	add("seed", fmt.Sprint(n.info.Seed))
	add("last night", cmp.Or(n.info.Previous, "none: a cold start"))
	add("hash of settings", n.info.ConfigHash)
	add("hash of inputs", n.info.InputHash)
	blocks := []Block{{Table: facts}}
	if inputs := inputTable(n.inputs()); len(inputs.Rows) > 0 {
		blocks = append(blocks, Block{Title: "Inputs", Table: inputs})
	}
	if settings := settingTable(n.info.Config); len(settings.Rows) > 0 {
		blocks = append(blocks, Block{Title: "Settings", Table: settings, Folded: true})
	}
	if versions := n.versions(); len(versions.Rows) > 0 {
		blocks = append(blocks, Block{Title: "Tables and their contents", Table: versions, Folded: true})
	}
	return blocks, nil
}

// inputs returns the landing files by folder: as the manifest names them, else as the stages read them.
func (n *night) inputs() map[string][]lake.FileRef {
	if n.published() {
		return n.manifest.Inputs
	}
	out := map[string][]lake.FileRef{}
	for _, st := range n.stages {
		for name, refs := range st.Inputs {
			if strings.HasPrefix(name, "landing/") {
				out[name] = refs
			}
		}
	}
	return out
}

func inputTable(inputs map[string][]lake.FileRef) *Table {
	t := &Table{Columns: columns("folder", "#files", "#size", "newest")}
	for _, folder := range slices.Sorted(maps.Keys(inputs)) {
		refs := inputs[folder]
		newest := ""
		for _, ref := range refs {
			rest, _ := strings.CutPrefix(ref.Key, folder+"/")
			day, _, _ := strings.Cut(rest, "/")
			newest = max(newest, strings.TrimPrefix(day, "date="))
		}
		t.Add(textCell(folder), Cell{Text: count(int64(len(refs)))}, Cell{Text: size(refBytes(map[string][]lake.FileRef{folder: refs}))}, textCell(newest))
	}
	return t
}

// settingTable flattens the parameters of the stages; a run of an older version has none.
func settingTable(config json.RawMessage) *Table {
	t := &Table{Columns: columns("setting", "value")}
	var tree any
	d := json.NewDecoder(bytes.NewReader(config))
	d.UseNumber()
	if len(config) == 0 || d.Decode(&tree) != nil {
		return t
	}
	flatten(t, "", tree)
	return t
}

func flatten(t *Table, name string, v any) {
	m, ok := v.(map[string]any)
	if !ok {
		text, err := json.Marshal(v)
		if err != nil {
			return
		}
		t.Add(textCell(name), textCell(strings.Trim(string(text), `"`)))
		return
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		flatten(t, strings.TrimPrefix(name+"."+key, "."), m[key])
	}
}

// versions returns the tables of the manifest with schema versions and content hashes.
func (n *night) versions() *Table {
	t := &Table{Columns: columns("table", "#version", "#rows", "~content (sha256 of rows)")}
	for _, found := range n.manifest.Tables {
		t.Add(textCell(found.Name), Cell{Text: fmt.Sprint(found.Version)}, Cell{Text: count(found.Rows)}, textCell(found.ContentHash))
	}
	return t
}

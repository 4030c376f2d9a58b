package main_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// corrupted is a night that is stopped after a stage, given a wrong table, and continued.
type corrupted struct {
	stage, table string
	wrong        func(t *testing.T, s lake.Store, run, before string, refs []lake.FileRef) []lake.FileRef
	rules        []string // that must fail
}

// shuffled writes song_vectors again with the vectors of other songs.
func shuffled(t *testing.T, s lake.Store, run, _ string, refs []lake.FileRef) []lake.FileRef {
	t.Helper()
	var all []schemas.SongVector
	for _, ref := range refs {
		rows, err := parquetio.ReadAll[schemas.SongVector](t.Context(), s, ref)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rows...)
	}
	rand.New(rand.NewPCG(3, 0)).Shuffle(len(all), func(i, j int) { all[i].Vector, all[j].Vector = all[j].Vector, all[i].Vector })
	def, _ := schemas.FindTable(schemas.TableSongVectors)
	ref, err := parquetio.WriteAll(t.Context(), s, lake.RunKey(run, "tables", def.Name, "part-shuffled.parquet"), parquetio.MetaFor(def, run), all)
	if err != nil {
		t.Fatal(err)
	}
	return []lake.FileRef{ref}
}

// lastNights returns the files of song_neighbours of the night before.
func lastNights(t *testing.T, s lake.Store, _, before string, _ []lake.FileRef) []lake.FileRef {
	t.Helper()
	m, err := lake.ReadManifest(t.Context(), s, before)
	if err != nil {
		t.Fatal(err)
	}
	table, _ := m.Table(schemas.TableSongNeighbours)
	return table.Files
}

// A night whose vectors were shuffled among songs, or whose neighbours are those of last night, ends with 3 and the rule that
// caught it; readers keep the night before.
func TestCorruptedNights(t *testing.T) {
	p := program{t, builtBinary(t), nil}
	dir, day := smallWorld(t, nil)
	root := filepath.Join(t.TempDir(), "lake")
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	before := at.AddDate(0, 0, -1).Format(time.DateOnly)
	p.must(nil, append(importArgs(dir, root), "--date", before)...)
	night := []string{"nightly", "--lake", root, "--progress", "none", "--set", "embed.dim=16", "--date"}
	p.must(nil, append(night, before)...)
	good := before + ".1"
	s, err := lake.Open(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []corrupted{
		{"embed", schemas.TableSongVectors, shuffled, []string{"scores"}},
		{"neighbours", schemas.TableSongNeighbours, lastNights, []string{"run"}},
	} {
		run := fmt.Sprintf("%s.%d", day, i+1)
		args := append(night, day, "--set", fmt.Sprintf("seed=%d", i+1)) // another night, not the one before again
		p.must(nil, append(args, "--until", c.stage)...)
		c.corrupt(t, s, run, good)
		p.refuses(3, append(c.rules, "promote "+run), append(args, "--resume")...)
		for _, rule := range c.rules {
			p.must([]string{"song_neighbours"}, "inspect", "where", "gate", "status=fail", "rule="+rule, "--run", run, "--lake", root)
		}
		if now, err := lake.ReadPointer(t.Context(), s); err != nil || now.Run != good {
			t.Errorf("after %s: current is %+v, %v; want %s", run, now, err, good)
		}
	}
	p.must([]string{good + " is whole"}, "verify", "--lake", root)
}

// corrupt puts the wrong table into the record of the stage.
func (c corrupted) corrupt(t *testing.T, s lake.Store, run, before string) {
	t.Helper()
	records, err := lake.ReadStages(t.Context(), s, run)
	if err != nil {
		t.Fatal(err)
	}
	last := records[len(records)-1]
	if last.Stage != c.stage || len(last.Outputs[c.table]) == 0 {
		t.Fatalf("run %s ended with stage %s", run, last.Stage)
	}
	last.Outputs[c.table] = c.wrong(t, s, run, before, last.Outputs[c.table])
	if err := lake.WriteStage(t.Context(), s, run, last); err != nil {
		t.Fatal(err)
	}
}

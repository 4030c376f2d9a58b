package gate

import (
	"context"
	"fmt"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[factsFn, work.Collect[facts], fileItem, facts, []facts]()
}

// fileItem is one file of a table.
type fileItem struct {
	Table  string
	File   lake.FileRef
	Number int // among the files of the table
}

// facts is what the rules know of one file.
type facts struct {
	Table   string
	Run     string // run id in the file's metadata
	Version string // of the table's schema, in the file's metadata
	Rows    int64
	Columns []columnFacts
	Faults  []fault        // by kind
	Sample  []lake.FileRef // rows of some songs, of table song_neighbours
}

// columnFacts counts the values of a column.
type columnFacts struct {
	Name          string
	Values, Nulls int64
}

// fault is a kind of broken row: how many, and the first one.
type fault struct {
	Kind  string
	Count int64
	First string
}

// factsFn looks at one file.
type factsFn struct {
	Sample uint64 // hash up to which songs may be in the sample whose neighbours are kept; 0 = none
}

// Do returns the facts of a file, under its table.
func (f factsFn) Do(ctx context.Context, env *work.Env, it fileItem) ([]work.Keyed[facts], error) {
	found, err := describe(ctx, env.Lake, it)
	if err != nil {
		return nil, err
	}
	look, kept := newFaults(), sampler{limit: f.Sample}
	switch it.Table {
	case schemas.TableSongVectors:
		err = vectors(ctx, env.Lake, it.File, look)
	case schemas.TableSongNeighbours:
		err = neighbours(ctx, env.Lake, it.File, look, &kept)
	case schemas.TableUserRecommendations:
		err = lists(ctx, env.Lake, it.File, look)
	}
	if err != nil {
		return nil, err
	}
	found.Faults = look.found()
	if rows := kept.rows(); len(rows) > 0 {
		ref, err := parquetio.WriteAll(ctx, env.Lake, env.File("sample", fmt.Sprintf("%06d", it.Number), ".parquet"), parquetio.Meta{Table: "sample"}, rows)
		if err != nil {
			return nil, err
		}
		found.Sample = []lake.FileRef{ref}
	}
	return []work.Keyed[facts]{{Key: it.Table, Value: found}}, nil
}

// describe returns what the footer of a file says.
func describe(ctx context.Context, s lake.Store, it fileItem) (facts, error) {
	f, err := parquetio.OpenRef(ctx, s, it.File)
	if err != nil {
		return facts{}, err
	}
	defer f.Close()
	out := facts{Table: it.Table, Rows: f.Rows}
	for _, kv := range f.Metadata {
		switch kv.Key {
		case "run_id":
			out.Run = kv.Value
		case "schema_version":
			out.Version = kv.Value
		}
	}
	for i, c := range f.Columns {
		sum := columnFacts{Name: c.Name}
		for _, g := range f.RowGroups {
			sum.Values += g.Chunks[i].Values
			sum.Nulls += g.Chunks[i].Nulls
		}
		if !c.List { // an empty list is no null
			out.Columns = append(out.Columns, sum)
		}
	}
	return out, nil
}

// night is what the rules know of tonight.
type night struct {
	run     string
	reused  []string // runs of the same night whose stages this one went on with
	files   map[string][]lake.FileRef
	facts   map[string][]facts // by table
	matched matches
	counter func(string) (int64, bool)
}

// tonight looks at the files of every table; scores says that published scores follow from the published vectors.
func tonight(sc *work.Context, scores bool) (night, error) {
	n := night{run: sc.Env().Run, reused: sc.Reused(), files: map[string][]lake.FileRef{}, facts: map[string][]facts{}, counter: sc.Counter}
	var items []fileItem
	for _, table := range judged() {
		if schemas.Optional(table) && !sc.Has(table) {
			continue
		}
		files, err := sc.Input(table)
		if err != nil {
			return n, fmt.Errorf("judge table %s: %w", table, err)
		}
		n.files[table] = files
		for i, f := range files {
			items = append(items, fileItem{table, f, i})
		}
	}
	var f factsFn
	if scores {
		f.Sample = sampleLimit(rowsOf(n.files[schemas.TableSongVectors]))
	}
	found, err := work.Run(sc, "facts", items, f, work.Collect[facts]{})
	if err != nil {
		return n, err
	}
	for _, part := range found {
		for _, f := range part {
			n.facts[f.Table] = append(n.facts[f.Table], f)
		}
	}
	return n, nil
}

// rowsOf returns the rows of some files.
func rowsOf(files []lake.FileRef) (n int64) {
	for _, f := range files {
		n += f.Rows
	}
	return n
}

// columnsOf adds up the columns of a table's files, and its rows.
func columnsOf(all []facts) (rows int64, columns []columnFacts) {
	at := map[string]int{}
	for _, f := range all {
		rows += f.Rows
		for _, c := range f.Columns {
			i, ok := at[c.Name]
			if !ok {
				i = len(columns)
				at[c.Name] = i
				columns = append(columns, columnFacts{Name: c.Name})
			}
			columns[i].Values += c.Values
			columns[i].Nulls += c.Nulls
		}
	}
	return rows, columns
}

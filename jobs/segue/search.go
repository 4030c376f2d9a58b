package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// whereTable returns the rows that fulfil every condition, and says on stderr what finding them took.
func whereTable(cmd *cobra.Command, r release, t lake.Table, texts []string, limit int) (*cli.Table, error) {
	var conds []parquetio.Condition
	files, oneFile := t.Files, false
	for _, text := range texts {
		c, err := parquetio.ParseCondition(text)
		if err != nil {
			return nil, cli.Usage("%s", err)
		}
		if c.Op == "=" && len(t.Order) > 0 && c.Column == t.Order[0] && orderedByText(t.Name) {
			files = holding(files, c.Value)
			if t.Name == schemas.TableUserRecommendations { // all of a listener lies in one file
				files, oneFile = bucketFirst(files, t.Files, c.Value), true
			}
		}
		conds = append(conds, c)
	}
	out, sum := &cli.Table{}, parquetio.Scan{}
	for _, f := range files {
		if (len(out.Rows) >= limit && len(out.Columns) > 0) || (oneFile && len(out.Rows) > 0) {
			break
		}
		columns, rows, cost, err := parquetio.Where(cmd.Context(), r.lake, f.Key, conds, limit-len(out.Rows))
		if errors.Is(err, parquetio.ErrCondition) {
			return nil, cli.Usage("%s: see segue inspect schema", err)
		}
		if err != nil {
			return nil, err
		}
		out.Columns, out.Rows = columns, append(out.Rows, rows...)
		sum.Bytes += cost.Bytes
		sum.Opened += cost.Opened
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "read %s of %s: %s in %d of %s\n", size(sum.Bytes), size(total(t.Files)), plural(sum.Opened, "row group"), len(files), plural(len(t.Files), "file"))
	return out, nil
}

// orderedByText reports whether the first sort column of a table holds texts, by which the ranges of its files are compared.
func orderedByText(table string) bool {
	def, ok := schemas.FindTable(table)
	if !ok {
		return false
	}
	for i := range def.Row.NumField() {
		if f := def.Row.Field(i); strings.HasPrefix(f.Tag.Get("parquet")+",", def.Order[0]+",") {
			return f.Type.Kind() == reflect.String
		}
	}
	return false
}

func total(files []lake.FileRef) (bytes int64) {
	for _, f := range files {
		bytes += f.Size
	}
	return bytes
}

// sampleTable returns rows drawn without repetition, each equally likely, in the table's order; the same seed draws the same.
func sampleTable(cmd *cobra.Command, r release, t lake.Table, limit int, seed uint64) (*cli.Table, error) {
	counts := make([]int64, len(t.Files))
	all := int64(0)
	for i, ref := range t.Files {
		f, err := parquetio.OpenFile(cmd.Context(), r.lake, ref.Key)
		if err != nil {
			return nil, err
		}
		counts[i] = f.Rows
		all += f.Rows
		f.Close()
	}
	out := &cli.Table{}
	positions := draw(all, limit, seed)
	for i, ref := range t.Files {
		cut, _ := slices.BinarySearch(positions, counts[i])
		if cut > 0 || (i == len(t.Files)-1 && len(out.Columns) == 0) {
			columns, rows, err := parquetio.Pick(cmd.Context(), r.lake, ref.Key, positions[:cut])
			if err != nil {
				return nil, err
			}
			out.Columns, out.Rows = columns, append(out.Rows, rows...)
		}
		positions = positions[cut:]
		for j := range positions {
			positions[j] -= counts[i]
		}
	}
	return out, nil
}

// draw returns up to k different numbers below n, ascending.
func draw(n int64, k int, seed uint64) []int64 {
	r := rand.New(rand.NewPCG(seed, 0))
	seen := map[int64]bool{}
	var out []int64
	for int64(len(out)) < min(n, int64(k)) {
		if at := r.Int64N(n); !seen[at] {
			seen[at] = true
			out = append(out, at)
		}
	}
	slices.Sort(out)
	return out
}

// groupsTable lists the row groups of a table's files, a row a column.
func groupsTable(cmd *cobra.Command, r release, t lake.Table) (*cli.Table, error) {
	out := &cli.Table{Columns: []string{"file", "group", "rows", "column", "encodings", "compression", "bytes", "raw_bytes", "nulls", "min", "max", "pages", "bloom"}}
	for i, ref := range t.Files {
		f, err := parquetio.OpenFile(cmd.Context(), r.lake, ref.Key)
		if err != nil {
			return nil, err
		}
		for j, g := range f.RowGroups {
			for _, c := range g.Chunks {
				out.Add(i, j, g.Rows, c.Column, c.Encodings, c.Compression, c.Bytes, c.RawBytes, c.Nulls, c.Min, c.Max, c.Pages, c.Bloom)
			}
		}
		f.Close()
	}
	return out, nil
}

// metaTable lists the key-value metadata of a table's files.
func metaTable(cmd *cobra.Command, r release, t lake.Table) (*cli.Table, error) {
	out := &cli.Table{Columns: []string{"file", "key", "value"}}
	for _, ref := range t.Files {
		f, err := parquetio.OpenFile(cmd.Context(), r.lake, ref.Key)
		if err != nil {
			return nil, err
		}
		out.Add(ref.Key, "created_by", f.CreatedBy)
		for _, kv := range f.Metadata {
			out.Add(ref.Key, kv.Key, kv.Value)
		}
		f.Close()
	}
	return out, nil
}

package main

import (
	"context"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// headTable returns the first rows of a table, file after file until there are enough.
func headTable(ctx context.Context, r release, t lake.Table, limit int) (*cli.Table, error) {
	out := &cli.Table{}
	for _, ref := range t.Files {
		if len(out.Columns) > 0 && len(out.Rows) >= limit {
			break
		}
		columns, rows, err := headOf(ctx, r, ref.Key, limit-len(out.Rows))
		if err != nil {
			return nil, err
		}
		out.Columns, out.Rows = columns, append(out.Rows, rows...)
	}
	return out, nil
}

func headOf(ctx context.Context, r release, key string, n int) ([]string, [][]any, error) {
	f, err := parquetio.OpenFile(ctx, r.lake, key)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	return f.Head(max(n, 0))
}

// statsTable sums up every column from the footers alone.
func statsTable(cmd *cobra.Command, r release, t lake.Table) (*cli.Table, error) {
	stats, err := parquetio.Stats(cmd.Context(), r.lake, t.Files)
	if err != nil {
		return nil, err
	}
	out := &cli.Table{Columns: []string{"column", "type", "values", "nulls", "min", "max", "bytes", "raw_bytes"}}
	for _, s := range stats {
		out.Add(s.Column, s.Type, s.Values, s.Nulls, s.Min, s.Max, s.Bytes, s.RawBytes)
	}
	return out, nil
}

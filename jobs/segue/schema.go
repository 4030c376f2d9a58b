package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"segue/jobs/cli"
	"segue/schemas/contracts"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// contract is the part of a data contract that the command shows.
type contract struct {
	Schema []struct {
		Properties []column `yaml:"properties"`
	} `yaml:"schema"`
}

type column struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	Required    bool   `yaml:"required"`
	PrimaryKey  bool   `yaml:"primaryKey"`
}

// described returns the columns of a table's contract by name.
func described(table string) (map[string]column, error) {
	data, ok := contracts.Contract(table)
	if !ok {
		return nil, nil
	}
	var c contract
	if err := yaml.Unmarshal(data, &c); err != nil {
		return nil, fmt.Errorf("read contract of table %s: %w", table, err)
	}
	columns := map[string]column{}
	for _, s := range c.Schema {
		for _, p := range s.Properties {
			columns[p.Name] = p
		}
	}
	return columns, nil
}

// schemaTable lists the stored columns of the table's first file, with the contract's words on them.
func schemaTable(cmd *cobra.Command, r release, t lake.Table) (*cli.Table, error) {
	columns, err := described(t.Name)
	if err != nil || len(t.Files) == 0 {
		return &cli.Table{}, err
	}
	f, err := parquetio.OpenFile(cmd.Context(), r.lake, t.Files[0].Key)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := &cli.Table{Columns: []string{"column", "type", "nullable", "key", "encoding", "compression", "meaning"}}
	for i, c := range f.Columns {
		about := columns[c.Name]
		if c.List {
			c.Type = "list of " + c.Type
		}
		encodings, compression := stored(f, i)
		out.Add(c.Name, c.Type, c.Nullable, about.PrimaryKey, encodings, compression, about.Description)
	}
	return out, nil
}

// stored returns the encodings of a column's values and its compression, of the first row group.
func stored(f *parquetio.File, column int) (encodings, compression string) {
	if len(f.RowGroups) == 0 {
		return "", ""
	}
	c := f.RowGroups[0].Chunks[column]
	return strings.Join(c.Encodings, " "), c.Compression
}

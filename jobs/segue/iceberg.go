package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/transforms/io/lake"
)

// icebergProgram makes Iceberg tables; it is a module of its own, so that its libraries are not linked into segue.
const icebergProgram = "segue-iceberg"

// icebergRequest is what the program reads, icebergAnswer what it says.
type (
	icebergRequest struct {
		Catalog   string   `json:"catalog"`
		Warehouse string   `json:"warehouse"`
		Namespace string   `json:"namespace"`
		Table     string   `json:"table"`
		Run       string   `json:"run"`
		Rows      int64    `json:"rows"`
		Files     []string `json:"files"`
	}
	icebergAnswer struct {
		Table    string `json:"table"`
		Snapshot int64  `json:"snapshot"`
		Metadata string `json:"metadata"`
		Files    int    `json:"files"`
		Rows     int64  `json:"rows"`
		Changed  bool   `json:"changed"`
	}
)

func exportIceberg(run *string) *cobra.Command {
	var to icebergRequest
	cmd := &cobra.Command{
		Use:   "iceberg TABLE",
		Short: "Make a table's files the next snapshot of an Apache Iceberg table, without copying them",
		Long: `Make exactly the files of a run the next snapshot of an Apache Iceberg table. Metadata alone are written: the data stay
where the night put them, so that earlier snapshots can be read as long as segue gc keeps their runs, and gc.enabled is off in
the table. The catalog is an SQLite file (catalog name segue) or a REST catalog; ICEBERG_TOKEN or ICEBERG_CREDENTIAL
(client:secret) are its login. One export at a time may write a table. The work is done by the program segue-iceberg, which make
build-iceberg builds and which must stand beside segue or on PATH.`,
		Example: `  segue export iceberg user_recommendations --lake lake
  segue export iceberg charts --lake s3://music/segue --catalog https://catalog.example.com --warehouse music`,
		Args: cli.Args("TABLE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := openRelease(cmd, *run)
			if err != nil {
				return err
			}
			t, err := r.table(args[0])
			if err != nil {
				return err
			}
			if err := to.complete(r, t); err != nil {
				return err
			}
			return to.send(cmd)
		},
	}
	cmd.Flags().StringVar(&to.Catalog, "catalog", "", "sqlite:`FILE`, or the address of a REST catalog (default: iceberg/catalog.db in a lake that is a directory)")
	cmd.Flags().StringVar(&to.Warehouse, "warehouse", "", "`where` metadata are written, or the name of a REST catalog's warehouse (default: iceberg in the lake)")
	cmd.Flags().StringVar(&to.Namespace, "namespace", "segue", "Iceberg `namespace` of the table")
	return cmd
}

// complete fills in what follows from the table and the lake, and refuses what cannot work.
func (q *icebergRequest) complete(r release, t lake.Table) error {
	if len(t.Files) == 0 {
		return cli.Usage("table %s of run %s has no files: there is nothing to export", t.Name, r.manifest.Run)
	}
	q.Table, q.Run, q.Rows = t.Name, r.manifest.Run, t.Rows
	root := r.lake.URL()
	if !strings.Contains(root, "://") {
		folder, err := filepath.Abs(root)
		if err != nil {
			return fmt.Errorf("find the lake's folder: %w", err)
		}
		if q.Catalog == "" {
			q.Catalog = "sqlite:" + filepath.Join(folder, "iceberg", "catalog.db")
		}
		root = "file://" + folder
	}
	file, isFile := strings.CutPrefix(q.Catalog, "sqlite:")
	switch {
	case q.Catalog == "":
		return cli.Usage("--catalog is missing: lake %s is no directory; give sqlite:FILE or the address of a REST catalog", r.lake.URL())
	case isFile && file != "":
		q.Warehouse = cmp.Or(q.Warehouse, root+"/iceberg")
	case !strings.HasPrefix(q.Catalog, "http://") && !strings.HasPrefix(q.Catalog, "https://"):
		return cli.Usage("unknown --catalog %q: give sqlite:FILE or the http(s) address of a REST catalog", q.Catalog)
	}
	for _, f := range t.Files {
		q.Files = append(q.Files, root+"/"+f.Key)
	}
	return nil
}

// send starts the program with the request and tells its answer.
func (q *icebergRequest) send(cmd *cobra.Command) error {
	program, err := findBeside(icebergProgram)
	if err != nil {
		return err
	}
	request, err := json.Marshal(q)
	if err != nil {
		return err
	}
	var out, failed bytes.Buffer
	c := exec.CommandContext(cmd.Context(), program)
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(request), &out, &failed
	if err := c.Run(); err != nil {
		return fmt.Errorf("export table %s to %s: %w: %s", q.Table, q.Catalog, err, strings.TrimSpace(failed.String()))
	}
	var a icebergAnswer
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		return fmt.Errorf("read the answer of %s: %w", program, err)
	}
	what := "is"
	if !a.Changed {
		what = "was already"
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s in %s %s run %s: %s in %s, snapshot %d\nmetadata: %s\n",
		a.Table, q.Catalog, what, q.Run, plural(a.Rows, "row"), plural(a.Files, "file"), a.Snapshot, a.Metadata)
	return nil
}

// findBeside finds a program beside this one, else on PATH.
func findBeside(name string) (string, error) {
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if _, err := os.Stat(beside); err == nil {
			return beside, nil
		}
	}
	path, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("no program %s beside segue or on PATH: make build-iceberg builds it", name)
	}
	return path, err
}

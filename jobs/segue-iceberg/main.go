// Command segue-iceberg makes an Apache Iceberg table of Parquet files that a night published, without copying them. It is
// started by segue export iceberg, and is a module of its own, so that iceberg-go is not linked into segue.
//
//	main.go      the request on stdin, the answer on stdout
//	catalog.go   catalogs: SQLite or REST
//	table.go     Replace: the table's next snapshot is exactly the files
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	_ "github.com/apache/iceberg-go/io/gocloud/s3"
)

// Request is what segue export iceberg writes to stdin.
type Request struct {
	Catalog   string   `json:"catalog"`   // sqlite:FILE, or the http(s) address of a REST catalog
	Warehouse string   `json:"warehouse"` // where metadata are written; of REST the name of a warehouse, or none
	Namespace string   `json:"namespace"`
	Table     string   `json:"table"`
	Run       string   `json:"run"`
	Rows      int64    `json:"rows"`  // of all files, as the manifest says
	Files     []string `json:"files"` // addresses of the Parquet files
}

// Answer is the last line of stdout.
type Answer struct {
	Table    string `json:"table"`
	Snapshot int64  `json:"snapshot"`
	Metadata string `json:"metadata"` // address of the metadata file that is current
	Files    int    `json:"files"`
	Rows     int64  `json:"rows"`
	Changed  bool   `json:"changed"` // false: the table had exactly these files
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := answer(ctx, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answer(ctx context.Context, in io.Reader, out io.Writer) error {
	var r Request
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return fmt.Errorf("read the request, which segue export iceberg writes: %w", err)
	}
	if len(r.Files) == 0 {
		return errors.New("the request names no files")
	}
	c, err := openCatalog(ctx, r.Catalog, r.Warehouse)
	if err != nil {
		return err
	}
	defer c.close()
	a, err := Replace(ctx, c, r)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(a)
}

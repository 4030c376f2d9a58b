package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/transforms/io/lake"
)

// noRun stands for the run of files that no manifest names.
const noRun = "none"

// openTarget opens what inspect looks into: a table of a release, or Parquet files by their address, ours or not.
func openTarget(cmd *cobra.Command, run, name string) (release, lake.Table, error) {
	if strings.ContainsAny(name, "/\\") || strings.HasSuffix(name, ".parquet") {
		return openFiles(cmd.Context(), name)
	}
	r, err := openRelease(cmd, run)
	if err != nil {
		return r, lake.Table{}, err
	}
	t, err := r.table(name)
	return r, t, err
}

// openFiles opens a Parquet file, or a folder's Parquet files by name, as one table: a path, s3://bucket/key, or one file's http(s) address.
func openFiles(ctx context.Context, address string) (release, lake.Table, error) {
	if strings.HasPrefix(address, "http://") || strings.HasPrefix(address, "https://") {
		store, key, err := lake.OpenWeb(address)
		if err != nil {
			return release{}, lake.Table{}, cli.Usage("%s", err)
		}
		return filesAt(ctx, store, address, key)
	}
	folder, base := splitAddress(address)
	if !strings.Contains(address, "://") {
		info, err := os.Stat(address)
		if errors.Is(err, os.ErrNotExist) {
			return release{}, lake.Table{}, cli.Usage("no file %s: give a table of the lake, or the path, s3:// or http(s) address of Parquet", address)
		}
		if err != nil {
			return release{}, lake.Table{}, err
		}
		if info.IsDir() {
			folder, base = address, ""
		}
	}
	store, err := lake.Open(ctx, folder)
	if err != nil {
		return release{}, lake.Table{}, err
	}
	return filesAt(ctx, store, address, base)
}

// filesAt returns the Parquet file of that key, or those below it, as one table.
func filesAt(ctx context.Context, store lake.Store, address, base string) (release, lake.Table, error) {
	infos, err := store.List(ctx, base)
	if err != nil {
		return release{}, lake.Table{}, err
	}
	t := lake.Table{Name: address}
	for _, in := range infos {
		if in.Key == base || (strings.HasSuffix(in.Key, ".parquet") && (base == "" || strings.HasPrefix(in.Key, base+"/"))) {
			t.Files = append(t.Files, lake.FileRef{Key: in.Key, ETag: in.ETag, Size: in.Size})
			t.Bytes += in.Size
		}
	}
	if len(t.Files) == 0 {
		return release{}, t, cli.Usage("no Parquet at %s", address)
	}
	return release{lake: store, manifest: lake.Manifest{Run: noRun}}, t, nil
}

// splitAddress cuts the last part off a path or an s3:// address.
func splitAddress(address string) (folder, base string) {
	scheme, rest, remote := strings.Cut(address, "://")
	if !remote {
		return filepath.Dir(address), filepath.Base(address)
	}
	return fmt.Sprintf("%s://%s", scheme, path.Dir(rest)), path.Base(rest)
}

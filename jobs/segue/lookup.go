package main

import (
	"context"

	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// keyed says by which column the rows of a table are looked up.
type keyed[T any] struct {
	column string
	of     func(T) string
}

// find returns the rows of one id in a file: the footer and one range of it are read.
func find[T any](ctx context.Context, r release, ref lake.FileRef, id string, by keyed[T]) ([]T, error) {
	var out []T
	for row, err := range parquetio.Lookup[T](ctx, r.lake, ref, by.column, id) {
		if err != nil {
			return nil, err
		}
		if by.of(row) == id {
			out = append(out, row)
		}
	}
	return out, nil
}

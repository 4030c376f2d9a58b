package main

import (
	"context"

	"segue/transforms/io/lake"
)

// find returns the rows of one id in a file that is sorted by that id; reading stops behind them.
func find[T any](ctx context.Context, r release, ref lake.FileRef, id string, of func(T) string) ([]T, error) {
	var out []T
	for row, err := range rows[T](ctx, r, []lake.FileRef{ref}) {
		if err != nil {
			return nil, err
		}
		switch got := of(row); {
		case got == id:
			out = append(out, row)
		case got > id:
			return out, nil
		}
	}
	return out, nil
}

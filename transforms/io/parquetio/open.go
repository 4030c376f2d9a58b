package parquetio

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"segue/transforms/io/lake"
)

// leastBytes are the marks at both ends of a Parquet file and the size of its footer.
const leastBytes = 12

// openFooter reads the footer of a Parquet file of that size; one that is cut or no Parquet is an error that names it.
// The mark at the beginning is not looked at: in a bucket that would fetch what lies behind it, for the same mark at the end.
func openFooter(r io.ReaderAt, size int64, key string) (file *parquet.File, err error) {
	err = guard(key, func() (err error) {
		if size < leastBytes {
			return fmt.Errorf("open %s: not a whole Parquet file: %d bytes", key, size)
		}
		if file, err = parquet.OpenFile(r, size, parquet.SkipBloomFilters(true), parquet.SkipMagicBytes(true)); err != nil {
			return fmt.Errorf("open %s: not a whole Parquet file: %w", key, err)
		}
		return nil
	})
	return file, err
}

// openValues is openFooter of a file whose values will be read.
func openValues(r io.ReaderAt, size int64, key string) (*parquet.File, error) {
	file, err := openFooter(r, size, key)
	if err == nil {
		err = supported(file, key)
	}
	if err != nil {
		return nil, err
	}
	return file, nil
}

// openWindow opens a file whose row groups are loaded whole, one at a time; its object must be closed.
func openWindow(ctx context.Context, s lake.Store, ref lake.FileRef) (lake.Object, *window, *parquet.File, error) {
	obj, err := lake.OpenFile(ctx, s, ref)
	if err != nil {
		return nil, nil, nil, err
	}
	w := &window{in: obj}
	file, err := openValues(w, obj.Info().Size, ref.Key)
	if err != nil {
		obj.Close()
		return nil, nil, nil, err
	}
	return obj, w, file, nil
}

// topColumns returns the names of the top-level columns.
func topColumns(file *parquet.File) (names []string) {
	for _, f := range file.Schema().Fields() {
		names = append(names, f.Name())
	}
	return names
}

// guard turns the decoder's panics over damaged files into errors, and marks what the decoder says as lake.ErrDamaged.
func guard(key string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = damage{fmt.Errorf("decode %s: file is damaged: %v", key, p)}
		}
	}()
	if err = f(); err == nil || err == io.EOF { // the end of the rows, not of the bytes
		return err
	}
	for _, other := range []error{ErrCondition, lake.ErrNotExist, lake.ErrConflict, lake.ErrDenied, lake.ErrUnreachable, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, other) {
			return err
		}
	}
	return damage{err}
}

// damage is an error of a decoder; it is lake.ErrDamaged too.
type damage struct{ error }

func (d damage) Unwrap() []error { return []error{d.error, lake.ErrDamaged} }

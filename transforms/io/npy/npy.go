// Package npy reads and writes arrays as NumPy .npy files: numpy.load(path, mmap_mode="r") opens them.
//
//	npy.go      Write, Writer: an array at once or in parts; Open: an array mapped into memory; Bits, Floats
//	arrays.go   Arrays: arrays opened together, with one error and one close
//	header.go   the file format, version 1.0
//
// Little endian, C order, one or two dimensions; elements float32, float64, int32 or int64. The first element lies at a
// multiple of 64 bytes, so a mapping is aligned for every element and vector width.
package npy

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"unsafe"

	"segue/transforms/io/lake"
)

// Write creates an array file. The product of shape is len(data); no shape means one dimension.
// The reference's Rows are the first dimension.
func Write[T Element](ctx context.Context, s lake.Store, key string, data []T, shape ...int) (lake.FileRef, error) {
	if len(shape) == 0 {
		shape = []int{len(data)}
	}
	w, err := NewWriter[T](ctx, s, key, shape...)
	if err != nil {
		return lake.FileRef{}, err
	}
	if err := w.Write(data); err != nil {
		w.Abort()
		return lake.FileRef{}, err
	}
	return w.Close()
}

// Writer creates an array file from parts in row-major order. Not safe for concurrent use.
type Writer[T Element] struct {
	ctx   context.Context
	file  *lake.File
	key   string
	shape []int
	left  int // elements still to come
}

// NewWriter starts an array file of the given shape. End it with Close or Abort.
func NewWriter[T Element](ctx context.Context, s lake.Store, key string, shape ...int) (*Writer[T], error) {
	if err := checkShape(shape); err != nil {
		return nil, fmt.Errorf("write array %s: %w", key, err)
	}
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return nil, fmt.Errorf("write array %s: this machine is big endian", key)
	}
	f, err := lake.NewFile(ctx, s, key)
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(header(dtype[T](), shape)); err != nil {
		f.Abort()
		return nil, fmt.Errorf("write array %s: %w", key, err)
	}
	return &Writer[T]{ctx: ctx, file: f, key: key, shape: slices.Clone(shape), left: count(shape)}, nil
}

// Write appends elements; more than the shape holds is an error.
func (w *Writer[T]) Write(data []T) error {
	if len(data) > w.left {
		return fmt.Errorf("write array %s: %d elements more than shape %v", w.key, len(data)-w.left, w.shape)
	}
	if len(data) == 0 {
		return nil
	}
	b := unsafe.Slice((*byte)(unsafe.Pointer(&data[0])), len(data)*int(unsafe.Sizeof(data[0])))
	if _, err := w.file.Write(b); err != nil {
		return fmt.Errorf("write array %s: %w", w.key, err)
	}
	w.left -= len(data)
	return nil
}

// Close creates the object; fewer elements than the shape holds is an error and creates nothing.
func (w *Writer[T]) Close() (lake.FileRef, error) {
	if w.left > 0 {
		w.file.Abort()
		return lake.FileRef{}, fmt.Errorf("write array %s: %d elements fewer than shape %v", w.key, w.left, w.shape)
	}
	return w.file.Commit(w.ctx, int64(w.shape[0]))
}

// Abort drops what was written; after Close it does nothing.
func (w *Writer[T]) Abort() { w.file.Abort() }

// Array is an open array. Data is read-only memory of the file and must not be used after Close.
type Array[T Element] struct {
	Data  []T // row-major
	Shape []int
	m     *lake.Mapping
}

// Open maps an array file into memory. Another element type, a shape that does not fit the size, a cut file or one that
// is no array is an error that names the key.
func Open[T Element](ctx context.Context, s lake.Store, ref lake.FileRef) (*Array[T], error) {
	m, err := lake.Map(ctx, s, ref)
	if err != nil {
		return nil, err
	}
	a := &Array[T]{m: m}
	if err := a.parse(m.Bytes()); err != nil {
		m.Close()
		return nil, fmt.Errorf("open array %s: %w", ref.Key, err)
	}
	return a, nil
}

// OpenShape is Open for an array that must have this shape; a negative size matches any.
func OpenShape[T Element](ctx context.Context, s lake.Store, ref lake.FileRef, shape ...int) (*Array[T], error) {
	a, err := Open[T](ctx, s, ref)
	if err != nil {
		return nil, err
	}
	fits := slices.EqualFunc(shape, a.Shape, func(want, got int) bool { return want < 0 || want == got })
	if !fits {
		a.Close()
		return nil, fmt.Errorf("open array %s: shape is %v, want %v (-1 = any)", ref.Key, a.Shape, shape)
	}
	return a, nil
}

func (a *Array[T]) parse(b []byte) error {
	got, shape, start, err := parseHeader(b)
	if err != nil {
		return err
	}
	if want := dtype[T](); got != want {
		return fmt.Errorf("elements are %s, want %s", got, want)
	}
	var zero T
	n := count(shape)
	if want := start + n*int(unsafe.Sizeof(zero)); len(b) != want {
		return fmt.Errorf("%d bytes, want %d for shape %v of %s", len(b), want, shape, got)
	}
	a.Shape, a.Data = shape, elements[T](b[start:], n)
	return nil
}

// elements views n elements at b, copying them only where the machine could not read them in place.
func elements[T Element](b []byte, n int) []T {
	if n == 0 {
		return nil
	}
	p := unsafe.Pointer(&b[0])
	if size := unsafe.Sizeof(*new(T)); uintptr(p)%size == 0 && binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return unsafe.Slice((*T)(p), n)
	}
	data := make([]T, n)
	if _, err := binary.Decode(b, binary.LittleEndian, data); err != nil {
		panic("npy: decode: " + err.Error()) // the length was checked
	}
	return data
}

// Bits views floats as the integers of the same bits, for arrays that hold both.
func Bits(x []float32) []int32 {
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

// Floats views integers as the floats of the same bits.
func Floats(x []int32) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

// Row returns row i of a two-dimensional array.
func (a *Array[T]) Row(i int) []T {
	d := a.Shape[1]
	return a.Data[i*d : (i+1)*d : (i+1)*d]
}

// Close releases the memory.
func (a *Array[T]) Close() error {
	a.Data = nil
	return a.m.Close()
}

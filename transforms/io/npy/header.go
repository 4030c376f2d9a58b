package npy

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Element is a type an array may hold.
type Element interface {
	float32 | float64 | int32 | int64
}

const (
	magic     = "\x93NUMPY\x01\x00" // format version 1.0
	alignment = 64                  // of the first element, as the format asks
	prefix    = len(magic) + 2      // magic and the length of the header text
)

// dtype returns NumPy's name of T.
func dtype[T Element]() string {
	var zero T
	switch any(zero).(type) {
	case float32:
		return "<f4"
	case float64:
		return "<f8"
	case int32:
		return "<i4"
	default:
		return "<i8"
	}
}

// header returns everything before the first element; its length is a multiple of 64.
func header(dtype string, shape []int) []byte {
	dims := make([]string, len(shape))
	for i, d := range shape {
		dims[i] = strconv.Itoa(d)
	}
	tuple := strings.Join(dims, ", ")
	if len(shape) == 1 {
		tuple += ","
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", dtype, tuple)
	pad := (alignment - (prefix+len(text)+1)%alignment) % alignment
	text += strings.Repeat(" ", pad) + "\n"
	b := binary.LittleEndian.AppendUint16([]byte(magic), uint16(len(text)))
	return append(b, text...)
}

var headerText = regexp.MustCompile(`^\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\), \} *\n$`)

// parseHeader returns the dtype, the shape and where the elements start.
func parseHeader(b []byte) (dtype string, shape []int, start int, err error) {
	if len(b) < prefix || string(b[:len(magic)]) != magic {
		return "", nil, 0, fmt.Errorf("no .npy file of version 1.0")
	}
	start = prefix + int(binary.LittleEndian.Uint16(b[len(magic):]))
	if len(b) < start {
		return "", nil, 0, fmt.Errorf("header of %d bytes is cut at %d", start, len(b))
	}
	m := headerText.FindSubmatch(b[prefix:start])
	if m == nil {
		return "", nil, 0, fmt.Errorf("header is not understood: %q", b[prefix:start])
	}
	if string(m[2]) == "True" {
		return "", nil, 0, fmt.Errorf("array is in Fortran order, want C order")
	}
	shape, err = parseShape(string(m[3]))
	return string(m[1]), shape, start, err
}

func parseShape(tuple string) ([]int, error) {
	parts := strings.Split(strings.TrimSuffix(strings.TrimSpace(tuple), ","), ",")
	shape := make([]int, len(parts))
	for i, p := range parts {
		d, err := strconv.Atoi(strings.TrimSpace(p))
		if err != nil {
			return nil, fmt.Errorf("shape (%s) is not understood", tuple)
		}
		shape[i] = d
	}
	return shape, checkShape(shape)
}

// checkShape refuses other than one or two dimensions, and sizes that no file has.
func checkShape(shape []int) error {
	if n := len(shape); n != 1 && n != 2 {
		return fmt.Errorf("shape %v has %d dimensions, want 1 or 2", shape, n)
	}
	if slices.Min(shape) < 0 {
		return fmt.Errorf("shape %v has a negative size", shape)
	}
	if len(shape) == 2 && shape[1] > 0 && shape[0] > (1<<48)/shape[1] {
		return fmt.Errorf("shape %v is too large", shape)
	}
	if shape[0] > 1<<48 {
		return fmt.Errorf("shape %v is too large", shape)
	}
	return nil
}

func count(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

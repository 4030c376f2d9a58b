package npy

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"segue/transforms/io/lake"
)

func openLake(t *testing.T, url string) lake.Store {
	t.Helper()
	s, err := lake.Open(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What was written is read back, aligned, from memory and from a directory.
func TestRoundTrip(t *testing.T) {
	for _, url := range []string{"mem://" + t.TempDir(), t.TempDir()} {
		s := openLake(t, url)
		check(t, s, "f4", []float32{1, -2.5, 3, 4, 5, 6}, 2, 3)
		check(t, s, "f8", []float64{1, -2.5, 3}, 3)
		check(t, s, "i4", []int32{1, -2, 3}, 3, 1)
		check(t, s, "i8", []int64{1, -2, 1 << 60})
		check(t, s, "none", []int64{})
		check(t, s, "norows", []float32{}, 0, 128)
	}
}

func check[T Element](t *testing.T, s lake.Store, key string, data []T, shape ...int) {
	t.Helper()
	ctx := context.Background()
	ref, err := Write(ctx, s, key+".npy", data, shape...)
	if err != nil {
		t.Fatal(err)
	}
	if len(shape) == 0 {
		shape = []int{len(data)}
	}
	if ref.Rows != int64(shape[0]) || ref.SHA256 == "" {
		t.Errorf("%s: reference %+v", key, ref)
	}
	a, err := OpenShape[T](ctx, s, ref, shape...)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if !slices.Equal(a.Data, data) || !slices.Equal(a.Shape, shape) {
		t.Errorf("%s: got %v %v, want %v %v", key, a.Data, a.Shape, data, shape)
	}
	if len(data) > 0 && uintptr(unsafe.Pointer(&a.Data[0]))%8 != 0 {
		t.Errorf("%s: not aligned", key)
	}
	if len(shape) == 2 && shape[0] > 0 && !slices.Equal(a.Row(shape[0]-1), data[len(data)-shape[1]:]) {
		t.Errorf("%s: last row %v", key, a.Row(shape[0]-1))
	}
}

// The elements start at a multiple of 64 bytes for every length of the header text.
func TestHeaderAligned(t *testing.T) {
	for n := 1; n < 1<<40; n *= 7 {
		for _, shape := range [][]int{{n}, {n, 128}} {
			h := header("<f4", shape)
			if len(h)%64 != 0 || h[len(h)-1] != '\n' {
				t.Errorf("shape %v: header of %d bytes", shape, len(h))
			}
			if _, got, start, err := parseHeader(h); err != nil || start != len(h) || !slices.Equal(got, shape) {
				t.Errorf("shape %v: parsed %v at %d: %v", shape, got, start, err)
			}
		}
	}
}

// Every way a file can be wrong is an error that names the key and the trouble.
func TestWrongFile(t *testing.T) {
	ctx, s := context.Background(), openLake(t, "mem://"+t.TempDir())
	good := append(header("<f4", []int{2}), 0, 0, 128, 63, 0, 0, 0, 64)
	cases := map[string]struct {
		file []byte
		want string
	}{
		"dtype":   {append(header("<f8", []int{1}), make([]byte, 8)...), "elements are <f8, want <f4"},
		"cut":     {good[:len(good)-1], "bytes, want"},
		"long":    {append(slices.Clone(good), 0), "bytes, want"},
		"header":  {good[:30], "cut at 30"},
		"magic":   {[]byte("PAR1 and so on"), "no .npy file"},
		"empty":   {nil, "no .npy file"},
		"dims":    {header("<f4", []int{1, 2, 3}), "3 dimensions"},
		"huge":    {header("<f4", []int{1 << 40, 1 << 40}), "too large"},
		"fortran": {bytes.Replace(good, []byte("False,"), []byte("True, "), 1), "not understood"},
	}
	for name, c := range cases {
		in, err := s.Create(ctx, name, bytes.NewReader(c.file), int64(len(c.file)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = Open[float32](ctx, s, lake.FileRef{Key: name, ETag: in.ETag, Size: in.Size})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

// A writer refuses more or fewer elements than its shape and then leaves no object.
func TestWrongCount(t *testing.T) {
	ctx, s := context.Background(), openLake(t, "mem://"+t.TempDir())
	for _, n := range []int{3, 5} {
		if _, err := Write(ctx, s, "a.npy", make([]int32, n), 2, 2); err == nil || !strings.Contains(err.Error(), "shape [2 2]") {
			t.Errorf("%d elements: %v", n, err)
		}
	}
	if _, err := s.Stat(ctx, "a.npy"); err == nil {
		t.Error("an object was left")
	}
	ref, err := Write(ctx, s, "b.npy", make([]int32, 4), 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenShape[int32](ctx, s, ref, -1, 3); err == nil || !strings.Contains(err.Error(), "shape is [2 2]") {
		t.Errorf("wrong shape: %v", err)
	}
}

// NumPy itself reads what we write, where it is installed.
func TestNumPy(t *testing.T) {
	if exec.Command("python3", "-c", "import numpy").Run() != nil {
		t.Skip("python3 has no numpy")
	}
	dir := t.TempDir()
	if _, err := Write(context.Background(), openLake(t, dir), "a.npy", []float32{1, 2, 3, 4, 5, 6}, 3, 2); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("python3", "-c",
		"import numpy,sys; a=numpy.load(sys.argv[1],mmap_mode='r'); print(a.dtype, a.shape, a.tolist())", filepath.Join(dir, "a.npy")).CombinedOutput()
	if want := "float32 (3, 2) [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]\n"; err != nil || string(out) != want {
		t.Errorf("got %s%v, want %s", out, err, want)
		os.Stderr.Write(out)
	}
}

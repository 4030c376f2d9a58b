package simd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The variable lowers the tier, never raises it, and a name nobody knows changes nothing.
func TestChoose(t *testing.T) {
	best, hasVNNI := detect()
	for want, most := range map[string]level{"": avx512, "avx512": avx512, "avx2": avx2, "go": plain, "sse": avx512} {
		if got, v := choose(want); got != min(most, best) || v != (hasVNNI && got == avx512) {
			t.Errorf("%q gives %s, vnni %v", want, names[got], v)
		}
	}
}

// The assembly that is committed is what the generator writes.
func TestAssemblyIsCurrent(t *testing.T) {
	if testing.Short() {
		t.Skip("the generator is built without -short only")
	}
	if out, err := exec.Command("go", "mod", "download", "-C", "gen").CombinedOutput(); err != nil {
		t.Skipf("the generator's modules cannot be fetched here, so the assembly was not checked: %v: %s", err, out)
	}
	dir := t.TempDir()
	run := exec.Command("go", "run", "-C", "gen", ".", "-out", filepath.Join(dir, "asm_amd64.s"), "-stubs", filepath.Join(dir, "asm_amd64.go"), "-pkg", "simd")
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("generator: %v: %s", err, out)
	}
	for _, name := range []string{"asm_amd64.s", "asm_amd64.go"} {
		if body(t, name) != body(t, filepath.Join(dir, name)) {
			t.Errorf("%s is not what gen writes: go generate ./transforms/algo/simd", name)
		}
	}
}

// body is a file without its first line, which names the command's arguments.
func body(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n")
	return rest
}

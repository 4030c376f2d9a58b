package contract

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// graph is a source and a shuffle under a name.
func graph(name string, value any) *beam.Pipeline {
	p, s := beam.NewPipelineWithRoot()
	beam.Reshuffle(s.Scope(name), beam.Create(s, value))
	return p
}

func describe(t *testing.T, p *beam.Pipeline) []string {
	t.Helper()
	lines, err := Describe(p)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// The text follows names and coders, not how often it is made; names that come twice are an error.
func TestDescribe(t *testing.T) {
	one := describe(t, graph("a", "x"))
	if again := describe(t, graph("a", "y")); strings.Join(differences(one, again), "") != "" {
		t.Errorf("another value is another contract: %v", differences(one, again))
	}
	if len(differences(one, describe(t, graph("b", "x")))) == 0 || len(differences(one, describe(t, graph("a", int64(1))))) == 0 {
		t.Error("another name or another type is the same contract")
	}
	p, s := beam.NewPipelineWithRoot()
	s = s.Scope("a")
	for range 2 {
		beam.Reshuffle(s, beam.Create(s, "x"))
	}
	if lines, err := Describe(p); err == nil {
		t.Errorf("transforms of one name are taken: %v", lines)
	}
}

// What changed is refused under the same version, even when the file is to be written anew, and taken under a higher one.
func TestCompare(t *testing.T) {
	file := filepath.Join(t.TempDir(), "contract.txt")
	a, b := []string{"one", "two"}, []string{"one", "three"}
	steps := []struct {
		version int
		lines   []string
		write   bool
		fails   string
	}{
		{1, a, false, "no such file"},
		{1, a, true, ""},
		{1, a, false, ""},
		{1, b, false, "- two\n+ three"},
		{1, b, true, "raise the version"},
		{2, a, false, "write it again"},
		{2, b, true, ""},
		{2, b, false, ""},
		{1, b, false, "version 2, the program of version 1"},
	}
	for i, s := range steps {
		err := Compare(file, s.version, s.lines, s.write)
		if (s.fails == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), s.fails) {
			t.Errorf("step %d: %v, want %q", i, err, s.fails)
		}
	}
	if err := os.WriteFile(file, []byte("something\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Compare(file, 1, a, false); err == nil {
		t.Error("a file without a version is taken")
	}
}

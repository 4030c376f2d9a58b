package peers_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// BENCHMARKS.md is the report on peers, then sections, each under a heading of the first level.

// writeSection puts a section in place of the one of that heading, or at the end of the file.
func writeSection(file, heading, body string) error {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	before, rest, _ := strings.Cut(string(text), heading+"\n")
	out := strings.TrimRight(before, "\n") + "\n\n" + heading + "\n\n" + strings.Trim(body, "\n") + "\n"
	if _, after, ok := strings.Cut(rest, "\n# "); ok {
		out += "\n# " + after
	}
	return os.WriteFile(file, []byte(strings.TrimLeft(out, "\n")), 0o644)
}

// writeReport replaces all of the file but its sections.
func writeReport(file, report string) error {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if _, sections, ok := strings.Cut(string(text), "\n# "); ok {
		report = strings.TrimRight(report, "\n") + "\n\n# " + sections
	}
	return os.WriteFile(file, []byte(report), 0o644)
}

// A section is replaced where it stands, a new one is put at the end, and a new report leaves sections alone.
func TestSections(t *testing.T) {
	file := filepath.Join(t.TempDir(), "BENCHMARKS.md")
	for _, err := range []error{
		writeReport(file, "# Report\n\n## a\n"), writeSection(file, "# One", "1\n"), writeSection(file, "# Two", "2"), writeSection(file, "# One", "one\n\n## b"), writeReport(file, "# Report\n\n## c\n"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if want := "# Report\n\n## c\n\n# One\n\none\n\n## b\n\n# Two\n\n2\n"; err != nil || string(got) != want {
		t.Errorf("file %q, want %q, error %v", got, want, err)
	}
}

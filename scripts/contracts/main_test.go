package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// The derived files in the repository are those the rows give now.
func TestDerivedFilesAreCurrent(t *testing.T) {
	dir := filepath.Join("..", "..", "schemas")
	files, err := derive(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("schemas/%s is not what the rows say (%v): run make contracts", name, err)
		}
	}
	kept, err := filepath.Glob(filepath.Join(dir, "contracts", "*.odcs.yaml"))
	if err != nil || len(kept) != len(files)-1 {
		t.Errorf("schemas/contracts holds %d contracts, want %d: one belongs to no table (%v)", len(kept), len(files)-1, err)
	}
}

// The dictionary speaks of stored values, as a query needs them: it has no name of a constant and no nil.
func TestDictionaryNamesStoredValues(t *testing.T) {
	dir := filepath.Join("..", "..", "schemas")
	files, err := derive(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := append(constants(t, dir), "nil", "constants")
	for line := range strings.Lines(string(files["README.md"])) {
		cells := strings.Split(line, " | ")
		if len(cells) != 3 || !strings.HasPrefix(line, "| ") {
			continue
		}
		for _, word := range strings.FieldsFunc(cells[2], func(r rune) bool { return !unicode.IsLetter(r) }) {
			if slices.Contains(names, word) {
				t.Errorf("%s is no stored value: %s", word, line)
			}
		}
	}
}

// constants returns the names of the exported constants of a folder's Go files.
func constants(t *testing.T, dir string) (names []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for name, o := range file.Scope.Objects {
			if o.Kind == ast.Con && ast.IsExported(name) {
				names = append(names, name)
			}
		}
	}
	return names
}

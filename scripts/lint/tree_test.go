package lint

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const root = "../.."

// source is one text file of the repository.
type source struct {
	path string // from the root, with slashes
	text []byte
	file *ast.File // nil unless Go
	fset *token.FileSet
}

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s source) lines() int {
	n := bytes.Count(s.text, []byte("\n"))
	if len(s.text) > 0 && s.text[len(s.text)-1] != '\n' {
		n++
	}
	return n
}

// at says where a node stands, as compilers do.
func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.fset.Position(n.Pos()).Line)
}

// span returns the lines a node covers.
func (s source) span(n ast.Node) int {
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

// sources returns every text file that belongs to the repository, by path.
var sources = sync.OnceValues(func() ([]source, error) {
	var out []source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if strings.HasPrefix(name, ".venv") || slices.Contains([]string{".git", ".segue", "bin", "testdata", "node_modules"}, name) {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".go", ".md", ".sh", ".py", ".yaml", ".yml"}, filepath.Ext(name)) && name != "Makefile" && name != "run" {
			return nil
		}
		s, err := read(path)
		out = append(out, s)
		return err
	})
	return out, err
})

func read(path string) (source, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return source{}, err
	}
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return source{}, err
	}
	return parse(filepath.ToSlash(rel), text)
}

func parse(path string, text []byte) (source, error) {
	s := source{path: path, text: text, fset: token.NewFileSet()}
	if !strings.HasSuffix(path, ".go") {
		return s, nil
	}
	file, err := parser.ParseFile(s.fset, path, text, parser.ParseComments)
	s.file = file
	return s, err
}

// goFiles returns the parsed Go files, with or without tests.
func goFiles(t *testing.T, tests bool) []source {
	t.Helper()
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(slices.Clone(all), func(s source) bool { return s.file == nil || (s.test() && !tests) })
}

// report fails the test with all offences of a rule.
func report(t *testing.T, offences []string) {
	t.Helper()
	for _, o := range offences {
		t.Error(o)
	}
}

package lint

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var fileName = regexp.MustCompile(`[\w*]+\.(?:go|\*)`)

// A package comment that maps the files of its package names each of them, but for the one that holds only the comment, and no other.
func TestFileMaps(t *testing.T) {
	folders := map[string][]source{}
	for _, s := range goFiles(t, false) {
		folders[path.Dir(s.path)] = append(folders[path.Dir(s.path)], s)
	}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		report(t, mapOffences(folder, folders[folder]))
	}
}

func mapOffences(folder string, files []source) (out []string) {
	var patterns []string
	for _, s := range files {
		if s.file.Doc != nil {
			patterns = append(patterns, mapped(s.file.Doc.Text())...)
		}
	}
	if len(patterns) == 0 {
		return nil
	}
	used := map[string]bool{}
	for _, s := range files {
		name, found := path.Base(s.path), false
		for _, p := range patterns {
			if ok, _ := path.Match(p, name); ok {
				found, used[p] = true, true
			}
		}
		if !found && name != "doc.go" {
			out = append(out, fmt.Sprintf("%s: the package comment does not say what is in it", s.path))
		}
	}
	for _, p := range patterns {
		if !used[p] && !strings.HasSuffix(p, "_test.go") {
			out = append(out, fmt.Sprintf("%s: the package comment names %s, which is not there", folder, p))
		}
	}
	return out
}

// mapped returns the names and patterns in the indented lines of a package comment, of those that begin with one.
func mapped(doc string) (patterns []string) {
	listing := false
	for line := range strings.Lines(doc) {
		rest, indented := strings.CutPrefix(line, "\t")
		at := fileName.FindStringIndex(rest)
		starts := indented && at != nil && at[0] == 0
		if listing = indented && (starts || listing); listing {
			patterns = append(patterns, fileName.FindAllString(rest, -1)...)
		}
	}
	return patterns
}

// The rule finds a file that the map lacks and one that is not there.
func TestFileMapsFindOffences(t *testing.T) {
	doc := "// Package p does.\n//\n//\ta.go  A; b_*.go: B\n//\t       and c.go\n//\n//\tx := d.go\npackage p\n"
	for files, want := range map[string]string{"a.go b_x.go c.go doc.go": "", "a.go b_x.go c.go e.go": "e.go", "a.go c.go": "b_*.go", "a.go b_x.go": "c.go"} {
		var sources []source
		for i, name := range strings.Fields(files) {
			text := "package p\n"
			if i == 0 {
				text = doc
			}
			s, err := parse("p/"+name, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			sources = append(sources, s)
		}
		if got := strings.Join(mapOffences("p", sources), "; "); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: found %q, want %q", files, got, want)
		}
	}
}

package lint

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"strings"
	"testing"
)

const (
	maxLines         = 400 // of a file
	maxTestLines     = 600
	maxFunctionLines = 40
	maxParameters    = 5
	maxShellLines    = 30
)

// Files and functions are short enough to be read at once.
func TestLengths(t *testing.T) {
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		limit, ok := map[string]int{".go": maxLines, ".py": maxLines, ".sh": maxShellLines}[path.Ext(s.path)]
		if s.test() {
			limit = maxTestLines
		}
		if n := s.lines(); ok && n > limit {
			t.Errorf("%s: %d lines, at most %d", s.path, n, limit)
		}
	}
	for _, s := range goFiles(t, false) {
		if !ast.IsGenerated(s.file) {
			report(t, functionOffences(s))
		}
	}
}

func functionOffences(s source) []string {
	var out []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		f, ok := n.(*ast.FuncDecl)
		if !ok {
			return true
		}
		if n := s.span(f); n > maxFunctionLines {
			out = append(out, fmt.Sprintf("%s: func %s has %d lines, at most %d", s.at(f), f.Name.Name, n, maxFunctionLines))
		}
		if n := f.Type.Params.NumFields(); n > maxParameters {
			out = append(out, fmt.Sprintf("%s: func %s has %d parameters, at most %d", s.at(f), f.Name.Name, n, maxParameters))
		}
		return false
	})
	return out
}

// Every exported name says what it is, and every package what is in it.
func TestComments(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range goFiles(t, false) {
		report(t, commentOffences(s))
		folder := path.Dir(s.path)
		documented[folder] = documented[folder] || s.file.Doc.Text() != ""
	}
	for folder, ok := range documented {
		if !ok {
			t.Errorf("%s: no package comment", folder)
		}
	}
}

func commentOffences(s source) []string {
	var out []string
	missing := func(n ast.Node, name string) { out = append(out, fmt.Sprintf("%s: %s has no comment", s.at(n), name)) }
	for _, d := range s.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && receiverExported(d) && d.Doc.Text() == "" {
				missing(d, "func "+d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if name, ok := undocumented(d, spec); ok {
					missing(spec, d.Tok.String()+" "+name)
				}
			}
		}
	}
	return out
}

// undocumented returns the exported name of a declaration that no comment stands at; one over a group of values serves all.
func undocumented(d *ast.GenDecl, spec ast.Spec) (string, bool) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		return spec.Name.Name, spec.Name.IsExported() && spec.Doc.Text() == "" && (d.Lparen.IsValid() || d.Doc.Text() == "")
	case *ast.ValueSpec:
		bare := d.Doc.Text() == "" && spec.Doc.Text() == "" && spec.Comment.Text() == ""
		return spec.Names[0].Name, spec.Names[0].IsExported() && bare
	}
	return "", false
}

// receiverExported reports whether a function is no method, or one of an exported type.
func receiverExported(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	exported, found := false, false
	ast.Inspect(f.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && !found { // the first name is the type's, others are its parameters
			exported, found = id.IsExported(), true
		}
		return !found
	})
	return exported
}

// leftover finds notes to oneself; built from parts, so that this file holds none.
var leftover = regexp.MustCompile(`\b(` + strings.Join([]string{"TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"}, "|") + `)\b`)

// Nothing half done is left behind.
func TestLeftovers(t *testing.T) {
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		for i, line := range bytes.Split(s.text, []byte("\n")) {
			if m := leftover.Find(line); m != nil {
				t.Errorf("%s:%d: %s", s.path, i+1, m)
			}
		}
	}
}

// Algorithms take no time and no chance from their surroundings.
func TestAlgorithmsArePure(t *testing.T) {
	for _, s := range goFiles(t, false) {
		if strings.HasPrefix(s.path, "transforms/algo/") {
			report(t, impurities(s))
		}
	}
}

// seeded are the functions of math/rand that begin an own generator; all others share the process's.
var seeded = map[string]bool{"New": true, "NewPCG": true, "NewChaCha8": true, "NewSource": true, "NewZipf": true, "Rand": true, "Source": true, "PCG": true, "Zipf": true}

func impurities(s source) []string {
	imported := map[string]string{}
	for _, i := range s.file.Imports {
		file := strings.Trim(i.Path.Value, `"`)
		name := path.Base(strings.TrimSuffix(file, "/v2"))
		if i.Name != nil {
			name = i.Name.Name
		}
		imported[name] = file
	}
	var out []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if !ok {
			return true
		}
		clock := imported[x.Name] == "time" && (sel.Sel.Name == "Now" || sel.Sel.Name == "Since" || sel.Sel.Name == "Until")
		chance := strings.HasPrefix(imported[x.Name], "math/rand") && !seeded[sel.Sel.Name] && token.IsExported(sel.Sel.Name)
		if clock || chance {
			out = append(out, fmt.Sprintf("%s: %s.%s makes the result depend on more than the input", s.at(n), x.Name, sel.Sel.Name))
		}
		return true
	})
	return out
}

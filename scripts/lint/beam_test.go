package lint

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

const beamCore = "github.com/apache/beam/sdks/v2/go/pkg/beam/core/"

// State, timers and sources are of the kinds that every engine has. That names are unique and coders stay, tests of the
// graphs themselves show.
func TestEveryEngine(t *testing.T) {
	for _, s := range goFiles(t, false) {
		report(t, engineOffences(s))
	}
}

func engineOffences(s source) []string {
	imported := map[string]string{}
	for _, i := range s.file.Imports {
		if file, ok := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), beamCore); ok {
			imported[file[strings.LastIndex(file, "/")+1:]] = file
		}
	}
	if len(imported) == 0 {
		return nil
	}
	var out []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.StructType:
			if families := timerFamilies(n, imported); families > 1 {
				out = append(out, fmt.Sprintf("%s: %d timer families in one DoFn hang the harness: use tags of one", s.at(n), families))
			}
		case *ast.SelectorExpr:
			if name, of := selected(n); imported[of] == "state" && stateKind(name) {
				out = append(out, fmt.Sprintf("%s: state.%s is not on every engine: use Value, Bag or Combining", s.at(n), name))
			}
		case *ast.CallExpr:
			if why := resume(n, imported); why != "" {
				out = append(out, s.at(n)+": "+why)
			}
		}
		return true
	})
	return append(out, unwatched(s)...)
}

func stateKind(name string) bool {
	return slices.ContainsFunc([]string{"Map", "Set", "OrderedList", "Multimap"}, func(k string) bool { return strings.Contains(name, k) })
}

func selected(n ast.Expr) (name, of string) {
	if i, ok := n.(*ast.IndexExpr); ok {
		n = i.X
	}
	sel, ok := n.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	return sel.Sel.Name, x.Name
}

func timerFamilies(t *ast.StructType, imported map[string]string) (n int) {
	for _, f := range t.Fields.List {
		name, of := selected(f.Type)
		if imported[of] == "timers" && (name == "EventTime" || name == "ProcessingTime") {
			n += max(1, len(f.Names))
		}
	}
	return n
}

// resume finds pauses that are a hot loop where an engine cuts them to whole seconds: a constant below one that is not 0.
func resume(n *ast.CallExpr, imported map[string]string) string {
	name, of := selected(n.Fun)
	if imported[of] != "sdf" || name != "ResumeProcessingIn" || len(n.Args) != 1 {
		return ""
	}
	small := false
	ast.Inspect(n.Args[0], func(a ast.Node) bool {
		e, ok := a.(*ast.SelectorExpr)
		if ok {
			unit, of := selected(e)
			small = small || of == "time" && slices.Contains([]string{"Millisecond", "Microsecond", "Nanosecond"}, unit)
		}
		lit, ok := a.(*ast.BasicLit)
		return !ok || lit.Kind != token.INT
	})
	if small {
		return "engines cut pauses to whole seconds: resume at once or after at least a second"
	}
	return ""
}

// unwatched finds splittable sources that resume and have no watermark estimator.
func unwatched(s source) []string {
	methods := map[string][]*ast.FuncDecl{}
	for _, d := range s.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && len(f.Recv.List) == 1 {
			methods[receiver(f)] = append(methods[receiver(f)], f)
		}
	}
	var out []string
	for _, of := range methods {
		var at *ast.FuncDecl
		watermark := false
		for _, f := range of {
			if f.Name.Name == "ProcessElement" && strings.Contains(string(s.text[f.Pos()-1:f.End()-1]), "ResumeProcessingIn") {
				at = f
			}
			watermark = watermark || f.Name.Name == "CreateWatermarkEstimator"
		}
		if at != nil && !watermark {
			out = append(out, s.at(at)+": a source without end needs a watermark estimator")
		}
	}
	return out
}

func receiver(f *ast.FuncDecl) string {
	t := f.Recv.List[0].Type
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// Each of these rules finds its offence in a sample and nothing in a good one.
func TestEveryEngineFindsOffences(t *testing.T) {
	const head = "import (\n\"time\"\n\"" + beamCore + "sdf\"\n\"" + beamCore + "state\"\n\"" + beamCore + "timers\"\n)\n"
	for text, want := range map[string]string{
		"type F struct { A timers.EventTime; S state.Value[int]; B state.Bag[string] }":                                      "",
		"type F struct { A timers.EventTime; B timers.ProcessingTime }":                                                      "2 timer families",
		"type F struct { A, B timers.EventTime }":                                                                            "2 timer families",
		"type F struct { M state.Map[string, int] }":                                                                         "state.Map",
		"type F struct { M state.OrderedList[int] }":                                                                         "state.OrderedList",
		"func f() any { return sdf.ResumeProcessingIn(20*time.Millisecond) }":                                                "whole seconds",
		"func f() any { return sdf.ResumeProcessingIn(time.Second) }":                                                        "",
		"func f() any { return sdf.ResumeProcessingIn(0) }":                                                                  "",
		"type F struct{}\nfunc (*F) ProcessElement() any { return sdf.ResumeProcessingIn(0) }":                               "watermark estimator",
		"type F struct{}\nfunc (*F) ProcessElement() any { return sdf.StopProcessing() }":                                    "",
		"type F struct{}\nfunc (*F) CreateWatermarkEstimator() {}\nfunc (*F) ProcessElement() { sdf.ResumeProcessingIn(0) }": "",
	} {
		got := strings.Join(engineOffences(sample(t, head+text)), "; ")
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s\nfound %q, want %q", text, got, want)
		}
	}
}

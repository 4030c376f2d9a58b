package lint

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
	"time"
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
			if why := s.resume(n, imported); why != "" {
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

// resume finds pauses that are a hot loop where an engine cuts them to whole seconds: constants below one that are not 0, and others that
// do not come from a function of the file that bounds them by a second.
func (s source) resume(n *ast.CallExpr, imported map[string]string) string {
	name, of := selected(n.Fun)
	if imported[of] != "sdf" || name != "ResumeProcessingIn" || len(n.Args) != 1 {
		return ""
	}
	pause := n.Args[0]
	d, known := duration(s.source(pause))
	switch {
	case known && (d == 0 || d >= int64(time.Second)), !known && s.boundedBySecond(pause):
		return ""
	case known:
		return "engines cut pauses to whole seconds: resume at once or after at least a second"
	}
	return "a pause that is no constant comes from a function of this file that compares it with time.Second"
}

func (s source) source(n ast.Node) string {
	return string(s.text[s.fset.Position(n.Pos()).Offset:s.fset.Position(n.End()).Offset])
}

var units = strings.NewReplacer("time.Nanosecond", "1", "time.Microsecond", "1_000", "time.Millisecond", "1_000_000",
	"time.Second", "1_000_000_000", "time.Minute", "60_000_000_000", "time.Hour", "3_600_000_000_000")

// duration evaluates a constant.
func duration(text string) (ns int64, ok bool) {
	v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, units.Replace(text))
	if err != nil || v.Value == nil {
		return 0, false
	}
	return constant.Int64Val(constant.ToInt(v.Value))
}

// boundedBySecond reports whether a pause is what a function of the file returns in which time.Second stands.
func (s source) boundedBySecond(pause ast.Expr) bool {
	call, ok := pause.(*ast.CallExpr)
	if !ok {
		return false
	}
	name, _, _ := strings.Cut(s.source(call), "(")
	name = name[strings.LastIndex(name, ".")+1:]
	return slices.ContainsFunc(s.file.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Name.Name == name && f.Body != nil && strings.Contains(s.source(f.Body), "time.Second")
	})
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
			if f.Name.Name == "ProcessElement" && (strings.Contains(s.source(f), "ResumeProcessingIn") || returnsContinuation(f)) {
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

// returnsContinuation reports whether a function may say that it is to be called again, itself or by what it calls.
func returnsContinuation(f *ast.FuncDecl) bool {
	return f.Type.Results != nil && slices.ContainsFunc(f.Type.Results.List, func(r *ast.Field) bool {
		name, of := selected(r.Type)
		return of == "sdf" && name == "ProcessContinuation"
	})
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
		"type F struct { A timers.EventTime; S state.Value[int]; B state.Bag[string] }":                                           "",
		"type F struct { A timers.EventTime; B timers.ProcessingTime }":                                                           "2 timer families",
		"type F struct { A, B timers.EventTime }":                                                                                 "2 timer families",
		"type F struct { M state.Map[string, int] }":                                                                              "state.Map",
		"type F struct { M state.OrderedList[int] }":                                                                              "state.OrderedList",
		"func f() any { return sdf.ResumeProcessingIn(20*time.Millisecond) }":                                                     "whole seconds",
		"func f() any { return sdf.ResumeProcessingIn(time.Second) }":                                                             "",
		"func f() any { return sdf.ResumeProcessingIn(0) }":                                                                       "",
		"func f() any { return sdf.ResumeProcessingIn(3*time.Second/2) }":                                                         "",
		"func f() any { return sdf.ResumeProcessingIn(time.Second/2) }":                                                           "whole seconds",
		"func f() any { return sdf.ResumeProcessingIn(5) }":                                                                       "whole seconds",
		"func f(d time.Duration) any { return sdf.ResumeProcessingIn(d) }":                                                        "no constant",
		"func f(p P) any { return sdf.ResumeProcessingIn(p.Idle) }":                                                               "no constant",
		"func f() any { return sdf.ResumeProcessingIn(g()) }\nfunc g() time.Duration { return 5 }":                                "no constant",
		"func f(p P) any { return sdf.ResumeProcessingIn(p.g()) }\nfunc (p P) g() time.Duration { return max(p.d, time.Second) }": "",
		"type F struct{}\nfunc (*F) ProcessElement() any { return sdf.ResumeProcessingIn(0) }":                                    "watermark estimator",
		"type F struct{}\nfunc (f *F) ProcessElement() (sdf.ProcessContinuation, error) { return f.again() }":                     "watermark estimator",
		"type F struct{}\nfunc (*F) ProcessElement() any { return sdf.StopProcessing() }":                                         "",
		"type F struct{}\nfunc (*F) CreateWatermarkEstimator() {}\nfunc (*F) ProcessElement() { sdf.ResumeProcessingIn(0) }":      "",
	} {
		got := strings.Join(engineOffences(sample(t, head+text)), "; ")
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s\nfound %q, want %q", text, got, want)
		}
	}
}

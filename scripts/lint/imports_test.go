package lint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "segue/"

// pack is what go list says of a package; tests apart.
type pack struct {
	ImportPath string
	Imports    []string
}

// packages lists the module, or what of it can be loaded.
func packages(t *testing.T) []pack {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "./...")
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var list []pack
	for d := json.NewDecoder(out); ; {
		var p pack
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return list
}

// layer names the part of the architecture a package belongs to; "" for those outside the module.
func layer(pkg string) string {
	local, ok := strings.CutPrefix(pkg, module)
	if !ok {
		return ""
	}
	parts := strings.Split(local, "/")
	switch {
	case parts[0] != "transforms" || len(parts) == 1:
		return parts[0]
	case parts[1] == "algo" || parts[1] == "io":
		return parts[1]
	}
	return "stage"
}

// may lists, for each layer, the layers it may import beside itself. A stage imports no other stage.
var may = map[string][]string{
	"schemas":   {},
	"algo":      {},
	"io":        {"schemas", "algo"},
	"stage":     {"schemas", "algo", "io"},
	"pipelines": {"schemas", "algo", "io", "stage"},
	"jobs":      {"schemas", "algo", "io", "pipelines"},
	"local":     {"schemas", "algo", "io"},
	"scripts":   {"schemas"},
}

// homes lists the libraries that belong to some folders alone.
var homes = map[string][]string{
	"github.com/minio/minio-go":     {"transforms/io/", "local/"},
	"github.com/parquet-go/":        {"transforms/io/", "local/"},
	"github.com/segmentio/kafka-go": {"transforms/io/", "local/"},
	"github.com/versity/versitygw":  {"local/"},
	"github.com/twmb/franz-go":      {"local/"},
	"github.com/spf13/cobra":        {"jobs/"},
	"github.com/vbauerster/mpb":     {"jobs/"},
	"github.com/apache/beam/sdks/":  {"transforms/", "pipelines/", "jobs/"},
}

// The folders depend on one another in one direction only, and each library has its place.
func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		report(t, importOffences(p))
	}
}

func importOffences(p pack) []string {
	from := layer(p.ImportPath)
	allowed, known := may[from]
	if !known {
		return []string{fmt.Sprintf("%s: no code lives in folder %s", p.ImportPath, from)}
	}
	var out []string
	for _, i := range p.Imports {
		if why := forbidden(p.ImportPath, i, from, allowed); why != "" {
			out = append(out, fmt.Sprintf("%s imports %s: %s", p.ImportPath, i, why))
		}
	}
	return out
}

func forbidden(pkg, imported, from string, allowed []string) string {
	to := layer(imported)
	switch {
	case to == "stage" && from == "stage":
		if stage(pkg) != stage(imported) {
			return "a stage imports no other stage"
		}
	case to == "local" && from == "jobs":
		if !strings.HasPrefix(pkg, module+"jobs/segue-dev") {
			return "only the development program may use local"
		}
	case to != "" && to != from && !slices.Contains(allowed, to):
		return from + " may not import " + to
	case to == "" && from == "schemas" && !standard(imported):
		return "schemas use the standard library only"
	case from == "algo" && strings.Contains(imported, "beam"):
		return "algorithms know nothing of Beam"
	case strings.HasPrefix(imported, "github.com/apache/beam") && from == "io" && !strings.HasPrefix(pkg, module+"transforms/io/work") && pkg != module+"transforms/io/kafkaio":
		return "only transforms/io/work and kafkaio know Beam"
	}
	for library, folders := range homes {
		if strings.HasPrefix(imported, library) && !slices.ContainsFunc(folders, func(f string) bool { return strings.HasPrefix(pkg+"/", module+f) }) {
			return "it belongs to " + strings.Join(folders, ", ")
		}
	}
	return ""
}

func stage(pkg string) string {
	return strings.Split(strings.TrimPrefix(pkg, module), "/")[1]
}

// standard reports whether a package is Go's own: its first element has no dot.
func standard(pkg string) bool {
	return !strings.Contains(strings.Split(pkg, "/")[0], ".") && !strings.HasPrefix(pkg, module)
}

// No package is named after nothing.
func TestPackageNames(t *testing.T) {
	for _, p := range packages(t) {
		if name := path.Base(p.ImportPath); slices.Contains([]string{"util", "utils", "common", "helpers", "helper", "types", "base", "misc", "shared"}, name) {
			t.Errorf("%s: the name %s says nothing about the package", p.ImportPath, name)
		}
	}
}

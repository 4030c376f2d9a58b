package lint

import (
	"strings"
	"testing"
)

func sample(t *testing.T, text string) source {
	t.Helper()
	s, err := parse("sample.go", []byte("package sample\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Each rule finds its offence in a sample and nothing in a good one.
func TestRulesFindOffences(t *testing.T) {
	cases := []struct {
		rule       func(source) []string
		text, want string // "" = no offence
	}{
		{rowOffences, "type R struct {\n ID string `parquet:\"id,plain\"`\n N *int64 `parquet:\"n,optional,plain\"`\n}", ""},
		{rowOffences, "type R struct { id string `parquet:\"id,plain\"` }", "not exported"},
		{rowOffences, "type R struct { ID string }", "no tag"},
		{rowOffences, "type R struct { M map[string]int64 `parquet:\"m\"` }", "has type map"},
		{rowOffences, "type R struct { N *int64 `parquet:\"n,plain\"` }", "without optional"},
		{rowOffences, "type R struct { L []string `parquet:\"l\" parquet-element:\"element,dict\"` }", "without list"},
		{rowOffences, "type R struct { ID string `parquet:\"id,delta\"` }", "delta"},
		{rowOffences, "type R struct { T time.Time `parquet:\"t\"` }", "not in microseconds"},
		{commentOffences, "// F does.\nfunc F() {}\nfunc g() {}\nfunc (t t) F() {}\nfunc (h *heap[T]) Len() {}\n// All.\nconst (\n A = 1\n)", ""},
		{commentOffences, "func F() {}", "func F has no comment"},
		{commentOffences, "type T struct{}", "type T has no comment"},
		{commentOffences, "var V int", "var V has no comment"},
		{functionOffences, "func f() {" + strings.Repeat("\n", 39) + "}", ""},
		{functionOffences, "func f() {" + strings.Repeat("\n", 40) + "}", "41 lines"},
		{functionOffences, "func f(a, b, c int, d, e, f string) {}", "6 parameters"},
		{impurities, "import \"math/rand/v2\"\nvar r = rand.New(rand.NewPCG(1, 2))", ""},
		{impurities, "import \"math/rand/v2\"\nvar r = rand.IntN(3)", "rand.IntN"},
		{impurities, "import \"time\"\nvar r = time.Now()", "time.Now"},
	}
	for _, c := range cases {
		got := strings.Join(c.rule(sample(t, c.text)), "; ")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s\nfound %q, want %q", c.text, got, c.want)
		}
	}
}

// The import rules allow the way down and refuse every other.
func TestImportRules(t *testing.T) {
	cases := map[string]string{
		"transforms/embed segue/transforms/algo/svd":         "",
		"transforms/embed segue/transforms/io/work":          "",
		"transforms/embed segue/transforms/clean":            "no other stage",
		"transforms/io/lake segue/transforms/embed":          "io may not import stage",
		"transforms/io/lake github.com/minio/minio-go/v7":    "",
		"transforms/embed github.com/minio/minio-go/v7":      "belongs to transforms/io/, local/",
		"transforms/io/lake github.com/apache/beam/sdks/v2":  "only transforms/io/work and kafkaio",
		"transforms/algo/svd segue/schemas":                  "algo may not import schemas",
		"transforms/algo/svd github.com/apache/beam/sdks/v2": "nothing of Beam",
		"schemas golang.org/x/text/unicode/norm":             "standard library",
		"jobs/segue segue/local/s3":                          "development program",
		"jobs/segue-dev segue/local/s3":                      "",
		"pipelines/nightly segue/jobs/cli":                   "pipelines may not import jobs",
		"pipelines/nightly segue/transforms/embed":           "",
		"tools/x fmt": "no code lives in folder tools",
		"jobs/segue github.com/apache/beam/sdks/v2/go/pkg":     "",
		"schemas/contracts embed":                              "",
		"transforms/io/parquetio github.com/parquet-go/parque": "",
	}
	for c, want := range cases {
		pkg, imported, _ := strings.Cut(c, " ")
		got := strings.Join(importOffences(pack{module + pkg, []string{imported}}), "; ")
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: found %q, want %q", c, got, want)
		}
	}
}

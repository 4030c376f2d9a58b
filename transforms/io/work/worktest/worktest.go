// Package worktest gives tests of stages a lake in memory and a run on prism.
package worktest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"

	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

var lakes atomic.Int64 // makes every lake of the process a new one

// start prepares Beam once a test binary and keeps its chatter out of the output.
var start = sync.OnceFunc(func() {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	beamlog.SetLogger(silent{})
	beam.Init()
})

// Main runs the tests of a package whose nights are not run by this one.
func Main(m *testing.M) {
	start()
	os.Exit(m.Run())
}

type silent struct{}

// Log drops the message: what matters comes back as an error.
func (silent) Log(context.Context, beamlog.Severity, int, string) {}

// Night is one run in a lake of its own, stage by stage.
type Night struct {
	T       testing.TB
	Lake    lake.Store
	Run     string
	Date    time.Time
	Runner  string // "" = prism
	Scratch string // url; "" = the lake
	Seed    uint64
	Memory  int64                     // budget; 0 = the default
	Landing map[string][]lake.FileRef // by folder
	Files   map[string][]lake.FileRef // what stages handed on, by name
	Counts  map[string]int64          // counters of all stages so far
	Reused  []string                  // runs whose stages this one goes on with

	attempts int
}

// New returns a night of date (YYYY-MM-DD) in an empty lake in memory.
func New(t testing.TB, date string) *Night {
	t.Helper()
	start()
	s, err := lake.Open(t.Context(), fmt.Sprintf("mem://%s-%d", t.Name(), lakes.Add(1)))
	if err != nil {
		t.Fatal(err)
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		t.Fatal(err)
	}
	return &Night{
		T: t, Lake: s, Run: date + ".1", Date: day, Seed: 1,
		Landing: map[string][]lake.FileRef{}, Files: map[string][]lake.FileRef{}, Counts: map[string]int64{},
	}
}

// Stage runs one stage and returns its error; what it hands on is kept in Files.
func (n *Night) Stage(st work.Stage) error {
	n.T.Helper()
	runner, err := work.NewRunner(n.Runner)
	if err != nil {
		return err
	}
	n.attempts++
	set := work.Setting{Lake: n.Lake, ScratchURL: n.Scratch, Run: n.Run, Attempt: fmt.Sprintf("t%s%d", st.Name, n.attempts), Date: n.Date, Seed: n.Seed, Memory: n.Memory, Runner: runner, Counters: n.Counts, Reused: n.Reused}
	sc, err := work.NewContext(n.T.Context(), set, st, n.Files, n.Landing)
	if err != nil {
		return err
	}
	if err := st.Run(n.T.Context(), sc); err != nil {
		return err
	}
	for name, refs := range sc.Outputs() {
		n.Files[name] = refs
	}
	for name, c := range sc.Counters() {
		n.Counts[name] += c
	}
	return nil
}

// MustStage is Stage for stages that must succeed.
func (n *Night) MustStage(st work.Stage) {
	n.T.Helper()
	if err := n.Stage(st); err != nil {
		n.T.Fatalf("stage %s: %v", st.Name, err)
	}
}

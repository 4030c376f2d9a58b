package work

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"segue/schemas"
	"segue/transforms/algo/simd"
	"segue/transforms/io/lake"
)

// ErrGate marks an error of a quality rule: the night is complete but must not be published.
var ErrGate = errors.New("quality gate failed")

// Stage is one step of the night, run as pipelines of its own with its hand-over in the lake.
type Stage struct {
	Name   string
	Reads  []string // names of tables and working data of earlier stages, landing folders, and tables of last night (schemas.Previous)
	Writes []string // names of tables and working data
	Params any      // what decides the result beside the inputs; hashed as JSON
	// Volatile stages leave the files of their items in scratch: a resumed night repeats them whole.
	Volatile bool
	Run      func(ctx context.Context, sc *Context) error
}

// Context is what a stage is given and what it leaves. Safe for use by the one goroutine that runs the stage.
type Context struct {
	ctx      context.Context
	env      *Env
	place    place
	runner   Runner
	progress Progress
	date     time.Time
	inputs   map[string][]lake.FileRef
	landing  map[string][]lake.FileRef
	earlier  map[string]int64
	reused   []string

	mu       sync.Mutex
	outputs  map[string][]lake.FileRef
	counters map[string]int64
	kept     []string
}

// Setting is what a night fixes for all its stages.
type Setting struct {
	Lake       lake.Store
	ScratchURL string // "" = the lake
	Run        string
	Attempt    string // unique an execution of the night
	Fresh      bool   // the run is new and nothing of it is done twice: items are not looked for in its records
	Date       time.Time
	Seed       uint64
	Memory     int64 // bytes a process should get by with; 0 = DefaultMemory
	Runner     Runner
	Progress   Progress         // nil = none
	Counters   map[string]int64 // of the stages before
	Reused     []string         // runs of the same night whose finished stages this one goes on with
}

// NewContext prepares one stage: inputs by name from earlier stages, landing files by folder and tables of last night by
// schemas.Previous.
func NewContext(ctx context.Context, set Setting, st Stage, inputs, landing map[string][]lake.FileRef) (*Context, error) {
	stores.Store(set.Lake.URL(), set.Lake)
	p := place{Lake: set.Lake.URL(), Scratch: set.ScratchURL, Run: set.Run, Stage: st.Name, Attempt: set.Attempt, Seed: set.Seed, Memory: cmp.Or(set.Memory, DefaultMemory), Volatile: st.Volatile, Fresh: set.Fresh, Tier: simd.Tier()}
	if p.Scratch == "" {
		p.Scratch = p.Lake
	}
	env, err := p.env(ctx)
	if err != nil {
		return nil, err
	}
	return &Context{
		ctx: ctx, env: env, place: p, runner: set.Runner, progress: set.Progress, date: set.Date,
		inputs: inputs, landing: landing, earlier: set.Counters, reused: set.Reused, outputs: map[string][]lake.FileRef{}, counters: map[string]int64{},
	}, nil
}

// Env returns the stores and names of the stage, as its items see them.
func (c *Context) Env() *Env { return c.env }

// Date returns 00:00 UTC of the night's logical date; the night reads what happened before Date + 24 h.
func (c *Context) Date() time.Time { return c.date }

// Has reports whether an earlier stage wrote any file of that name.
func (c *Context) Has(name string) bool { return len(c.inputs[name]) > 0 }

// Reused returns the earlier runs of the same night whose finished stages this run goes on with: files of theirs are its own.
func (c *Context) Reused() []string { return c.reused }

// Input returns the files an earlier stage wrote under that name, in their order.
func (c *Context) Input(name string) ([]lake.FileRef, error) {
	refs, ok := c.inputs[name]
	if !ok {
		return nil, fmt.Errorf("read %s in stage %s: no earlier stage of run %s wrote it", name, c.place.Stage, c.place.Run)
	}
	return refs, nil
}

// Buckets returns the files of a dataset bucket after bucket: there are as many buckets as files of another dataset, each with
// as many files; without files of the other each file is a bucket.
func (c *Context) Buckets(name, other string) ([][]lake.FileRef, error) {
	refs, err := c.Input(name)
	if err != nil {
		return nil, err
	}
	each := 1
	if n := len(c.inputs[other]); n > 0 {
		if each = len(refs) / n; each*n != len(refs) {
			return nil, fmt.Errorf("pair buckets: %s has %d files, %s %d", name, len(refs), other, n)
		}
	}
	return slices.Collect(slices.Chunk(refs, max(each, 1))), nil
}

// Landing returns the landing files chosen for the night, by key; none when the folder has none up to its date.
func (c *Context) Landing(folder string) []lake.FileRef { return c.landing[folder] }

// Previous returns the files of a table of last night's release, which the night pinned; none on the first night. A stage
// that calls it names schemas.Previous(table) among what it reads.
func (c *Context) Previous(table string) []lake.FileRef { return c.landing[schemas.Previous(table)] }

// Output hands files to later stages under a name, after those already handed.
func (c *Context) Output(name string, files ...lake.FileRef) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outputs[name] = append(c.outputs[name], files...)
}

// Count adds to a counter of the stage record, named stage/what.
func (c *Context) Count(counter string, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counters[counter] += n
}

// Counter returns a counter of an earlier stage; ok is false when none counted it.
func (c *Context) Counter(name string) (n int64, ok bool) {
	n, ok = c.earlier[name]
	return n, ok
}

// Outputs returns what the stage handed on so far.
func (c *Context) Outputs() map[string][]lake.FileRef { return c.outputs }

// Counters returns the stage's counters so far.
func (c *Context) Counters() map[string]int64 { return c.counters }

// shuffled adds what a phase moved through Beam to the stage's counters.
func (c *Context) shuffled(s ShuffleStats) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counters["work/elements"] += s.Elements
	c.counters["work/shuffled_bytes"] += s.Bytes
	c.counters["work/max_element_bytes"] = max(c.counters["work/max_element_bytes"], s.MaxElement)
	if s.KeptHits+s.KeptMade > 0 {
		c.counters["work/kept_hits"] += s.KeptHits
		c.counters["work/kept_made"] += s.KeptMade
	}
}

package work

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"strings"
	"sync"

	"segue/transforms/algo/simd"
	"segue/transforms/io/lake"
)

// Env is what one work item is given: stores, names and the seed.
type Env struct {
	Lake    lake.Store // the lake of the run
	Scratch lake.Store // files that need not outlive the process; the lake itself where workers share no disk
	Run     string     // run id
	Stage   string
	Attempt string // unique an execution, part of every file name, so that a repeated item never meets its own file
	Seed    uint64
	Memory  int64 // bytes the process should get by with; decides how work is cut, never its result

	kept *keptFiles // of the item at work in a kept phase; nil in others
}

// File returns the key of a working file of this attempt: runs/<run>/work/<stage>/<folder>/<item>-<attempt><ext>, or one
// among the files of the item where the phase is kept. Such a file must not be written after Do has returned.
func (e *Env) File(folder, item, ext string) string {
	if e.kept != nil {
		return e.kept.file(folder, item+"-"+e.Attempt+ext)
	}
	return lake.RunKey(e.Run, "work", e.Stage, folder, item+"-"+e.Attempt+ext)
}

// TableFile returns the key of a published part: runs/<run>/tables/<table>/part-<item>-<attempt>.parquet.
func (e *Env) TableFile(table, item string) string {
	return lake.RunKey(e.Run, "tables", table, fmt.Sprintf("part-%s-%s.parquet", item, e.Attempt))
}

// Key returns runs/<run>/work/<stage>/<parts…>.
func (e *Env) Key(parts ...string) string {
	return lake.RunKey(e.Run, "work", e.Stage, path.Join(parts...))
}

// place is the part of Env that travels to workers: names only, no credentials.
type place struct {
	Lake, Scratch, Run, Stage, Attempt string
	Seed                               uint64
	Memory                             int64
	Volatile                           bool   // item records live in scratch
	Fresh                              bool   // no item of the run is recorded yet
	Tier                               string // kernels of the process that planned the work; every worker must have them
}

var stores sync.Map // url → lake.Store: one client a process

func openStore(ctx context.Context, url string, open func(context.Context, string) (lake.Store, error)) (lake.Store, error) {
	if s, ok := stores.Load(url); ok {
		return s.(lake.Store), nil
	}
	if _, err := os.Stat(url); !strings.Contains(url, "://") && err != nil {
		return nil, fmt.Errorf("lake %s is not on its host: %w: mount it there, or use s3://bucket/prefix", url, err)
	}
	s, err := open(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("open lake %s: %w", url, err)
	}
	kept, _ := stores.LoadOrStore(url, s)
	return kept.(lake.Store), nil
}

// env returns what an item works with.
// Errors: kernels of another tier than the planner's, whose numbers would differ from those of other workers; stores that do not open.
func (p place) env(ctx context.Context) (*Env, error) {
	if p.Tier != simd.Tier() {
		return nil, fmt.Errorf("start work: this process has %s kernels, the run %s ones: set %s=%s or the lower of the two everywhere", simd.Tier(), p.Tier, simd.EnvTier, p.Tier)
	}
	l, err := openStore(ctx, p.Lake, lake.Open)
	if err != nil {
		return nil, err
	}
	s := l
	if p.Scratch != p.Lake {
		if s, err = openStore(ctx, p.Scratch, lake.OpenScratch); err != nil {
			return nil, err
		}
		if l, err = lake.KeepCopies(l, p.Scratch+"/copies"); err != nil {
			return nil, err
		}
	}
	return &Env{Lake: l, Scratch: s, Run: p.Run, Stage: p.Stage, Attempt: p.Attempt, Seed: p.Seed, Memory: p.Memory}, nil
}

// itemEnv is env with an Attempt of its own: an item that an engine runs twice never meets its own files.
func (p place) itemEnv(ctx context.Context) (*Env, error) {
	e, err := p.env(ctx)
	if err != nil {
		return nil, err
	}
	var nonce [3]byte
	rand.Read(nonce[:])
	e.Attempt += hex.EncodeToString(nonce[:])
	return e, nil
}

func (p place) records(e *Env) lake.Store {
	if p.Volatile {
		return e.Scratch
	}
	return e.Lake
}

package work

import (
	"sync"
)

// Progress is told how far a stage is. Its methods are called concurrently.
type Progress interface {
	Start(stage, phase string, items int)
	Done(stage, phase string, items int)
	End(stage string, seconds float64)
}

// phaseLive is what this process knows of a phase it submitted: workers in other processes find none.
type phaseLive struct {
	mu       sync.Mutex
	err      error
	progress Progress
	stage    string
	phase    string
	results  []result // when whoever wrote them down did it in this process
}

// seen returns what passes on the number of items finished in other processes.
func (l *phaseLive) seen() func(items int64) {
	var told int64
	return func(items int64) {
		if l.progress != nil && items > told {
			l.progress.Done(l.stage, l.phase, int(items-told))
			told = items
		}
	}
}

var livePhases sync.Map // attempt/phase → *phaseLive

// fail keeps the first error, if it is one, as a value: a runner hands errors back as text.
func fail(id string, err error) error {
	if l, ok := livePhases.Load(id); ok {
		l := l.(*phaseLive)
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.err == nil {
			l.err = err
		}
	}
	return err
}

// failure returns what fail kept.
func (l *phaseLive) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// handOver gives the results of a phase to who submitted it; false = that is another process.
func handOver(id string, results []result) bool {
	l, ok := livePhases.Load(id)
	if ok {
		l := l.(*phaseLive)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.results = results
	}
	return ok
}

// handed returns what handOver gave; nil = nothing.
func (l *phaseLive) handed() []result {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.results
}

func itemDone(id string) {
	if l, ok := livePhases.Load(id); ok {
		if l := l.(*phaseLive); l.progress != nil {
			l.progress.Done(l.stage, l.phase, 1)
		}
	}
}

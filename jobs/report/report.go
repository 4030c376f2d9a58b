package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"

	"segue/transforms/io/lake"
)

// section is one part of the page. It returns errEmpty, with a reason, where there is nothing to show.
type section struct {
	id, title string
	lead      string // one sentence under the title
	make      func(context.Context, *night) ([]Block, error)
}

// sections are the parts of the page, in order.
var sections = []section{
	{"summary", "Summary", "", summary},
	{"flow", "Flow", "What each stage read, wrote and cost, in the order they ran.", flow},
	{"quality", "Quality", "How well the published neighbours find songs that were held out, beside baselines and last night.", quality},
	{"trends", "Trends", "The releases of the last 30 dates, up to this one.", trends},
	{"embedding", "Embedding", "Whether the space is healthy, and how far it moved since last night.", embedding},
	{"hours", "Hours and moods", "How much more, or less, a mood is played at a local hour than at any hour. 1 is as always.", hoursOf},
	{"charts", "Charts", "The most heard songs in the world, and those that moved most since last night.", charts},
	{"personas", "Personas", "Segments of listeners: what sets each apart.", personas},
	{"coverage", "Coverage", "Who got which kind of list, and why.", coverage},
	{"rejected", "Rejected records", "Input records that were not used. Each stands in table rejected, with its place.", rejected},
	{"listeners", "Ten listeners", "The first songs of ten general lists, with the reasons that were stored.", listeners},
	{"provenance", "Provenance", "What this night was made from, and with what.", provenance},
}

// errEmpty says why a section has nothing to show.
var errEmpty = errors.New("nothing to show")

// empty returns errEmpty with its reason.
func empty(format string, args ...any) error {
	return emptyError(fmt.Sprintf(format, args...))
}

type emptyError string

func (e emptyError) Error() string        { return string(e) }
func (e emptyError) Is(target error) bool { return target == errEmpty }

// Options says how a page is made.
type Options struct {
	Anonymous bool   // listeners are shown without ids, so that erasing one need not look into pages
	Producer  string // program and version
}

// Write writes the page of a run, published or not.
//
// Errors: lake.ErrNotExist for a run that was never claimed; a damaged run record, manifest or stage record. A damaged table
// is no error: its section says so.
// Cost: the small tables of the night, footers and some row groups of the large ones, and records of up to 30 nights.
func Write(ctx context.Context, w io.Writer, s lake.Store, run string, o Options) error {
	n, err := openNight(ctx, s, run)
	if err != nil {
		return fmt.Errorf("report run %s: %w", run, err)
	}
	n.anonymous = o.Anonymous
	p := n.page(o.Producer)
	p.Sections = make([]Section, len(sections))
	var g errgroup.Group // sections change nothing of the night, and each reads tables of its own
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, sec := range sections {
		g.Go(func() error {
			p.Sections[i] = sec.of(ctx, n)
			return context.Cause(ctx)
		})
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("report run %s: %w", run, err)
	}
	return p.Write(w)
}

// of makes the section of a night.
func (s section) of(ctx context.Context, n *night) Section {
	out := Section{ID: s.id, Title: s.title, Lead: s.lead}
	blocks, err := s.make(ctx, n)
	switch {
	case errors.Is(err, errEmpty):
		out.Empty = err.Error()
	case err != nil:
		out.Problem = err.Error()
	default:
		out.Blocks = blocks
	}
	return out
}

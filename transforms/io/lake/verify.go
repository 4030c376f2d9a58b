package lake

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// Kinds of a Problem.
const (
	ProblemMissing    = "missing"    // the object is not there
	ProblemSize       = "size"       // it has another size
	ProblemContent    = "content"    // it has another sha256
	ProblemUnreadable = "unreadable" // the store failed
	ProblemSums       = "sums"       // the table's rows or bytes are not those of its files
)

// Problem is one way in which a release is not what its manifest says.
type Problem struct {
	Table  string `json:"table"`
	Key    string `json:"key"` // "" = the table as a whole
	Kind   string `json:"kind"`
	Detail string `json:"detail"`
}

// Verify reads every file of a release and returns what is wrong, by table and file; nothing when all is whole. Rows inside
// the files are not counted.
//
// Errors: the end of ctx, and a store that cannot be asked at all; what is wrong with a file is a Problem.
// Cost: reads everything once, four files at a time.
func Verify(ctx context.Context, s Store, m Manifest) ([]Problem, error) {
	found := make([][]Problem, len(m.Tables))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for i, t := range m.Tables {
		found[i] = make([]Problem, 1+len(t.Files))
		found[i][0] = checkSums(t)
		for j, ref := range t.Files {
			g.Go(func() (err error) {
				found[i][1+j], err = checkFile(gctx, s, ref)
				return err
			})
		}
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("verify run %s: %w", m.Run, err)
	}
	var out []Problem
	for i, problems := range found {
		for _, p := range problems {
			if p.Kind != "" {
				p.Table = m.Tables[i].Name
				out = append(out, p)
			}
		}
	}
	return out, nil
}

func checkSums(t Table) Problem {
	var rows, bytes int64
	for _, f := range t.Files {
		rows += f.Rows
		bytes += f.Size
	}
	if rows != t.Rows || bytes != t.Bytes {
		return Problem{Kind: ProblemSums, Detail: fmt.Sprintf("files hold %d rows in %d bytes, the table %d in %d", rows, bytes, t.Rows, t.Bytes)}
	}
	return Problem{}
}

func checkFile(ctx context.Context, s Store, ref FileRef) (Problem, error) {
	p := Problem{Key: ref.Key}
	o, err := s.Open(ctx, ref.Key)
	if err != nil {
		return unreadable(ctx, p, err)
	}
	defer o.Close()
	if o.Info().Size != ref.Size {
		p.Kind, p.Detail = ProblemSize, fmt.Sprintf("%d bytes, the manifest says %d", o.Info().Size, ref.Size)
		return p, nil
	}
	sum, err := sumOf(ctx, o)
	if err != nil {
		return unreadable(ctx, p, err)
	}
	if sum != ref.SHA256 {
		p.Kind, p.Detail = ProblemContent, fmt.Sprintf("sha256 %s, the manifest says %s", sum, ref.SHA256)
	}
	return p, nil
}

// unreadable tells a problem of one file from one of the store.
func unreadable(ctx context.Context, p Problem, err error) (Problem, error) {
	for _, all := range []error{ErrUnreachable, ErrDenied, ErrNoBucket} {
		if errors.Is(err, all) {
			return p, err
		}
	}
	if ctx.Err() != nil {
		return p, ctx.Err()
	}
	p.Kind, p.Detail = ProblemUnreadable, err.Error()
	if errors.Is(err, ErrNotExist) {
		p.Kind = ProblemMissing
	}
	return p, nil
}

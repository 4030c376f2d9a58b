package recommend

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[listsFn, work.Collect[part], bucket, part, []part]()
}

// part is what one user bucket leaves.
type part struct {
	Table      lake.FileRef
	Candidates *lake.FileRef // nil = not asked for
	Coverage   []count
	Quality    measured
}

// listsFn makes the lists of one user bucket.
type listsFn struct {
	Shared      Shared
	Calibration scoring.Calibration
	Measured    uint64 // no listener of a hash above is measured
}

// Do writes the bucket's files and returns them with its counts, under the bucket's number.
func (f listsFn) Do(ctx context.Context, env *work.Env, b bucket) ([]work.Keyed[part], error) {
	m, err := openModel(ctx, env.Lake, f.Shared)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%05d", b.Number)
	w, err := openTable[schemas.Recommendation](ctx, env, m.texts, schemas.TableUserRecommendations, name)
	if err != nil {
		return nil, err
	}
	defer w.Abort()
	night, cover, out := m.scoring.Calibrated(f.Calibration), coverage{}, part{}
	quality := m.meter(env.Seed)
	scratch, rows := night.NewScratch(), m.maker()
	candidates, err := f.openCandidates(ctx, env, m.texts, name)
	if err != nil {
		return nil, err
	}
	defer candidates.abort()
	if err := m.reader(env).each(ctx, env.Lake, b, everybody, func(p *person) error {
		lists := night.Make(&p.listener, scratch)
		cover.add(p, lists)
		quality.of(p, lists[0].Rows, f.Measured)
		if err := rows.write(w, p.row.UserID, lists); err != nil || candidates == nil {
			return err
		}
		return candidates.w.Write(m.candidateRows(p.row.UserID, night.Rated(&p.listener, scratch)))
	}); err != nil {
		return nil, err
	}
	if out.Table, err = w.Close(); err != nil {
		return nil, err
	}
	if out.Quality, err = quality.close(ctx, env, name); err != nil {
		return nil, err
	}
	out.Candidates, err = candidates.close()
	out.Coverage = cover.counts()
	return []work.Keyed[part]{{Key: name, Value: out}}, err
}

func everybody(string) bool { return true }

// candidatesFile is the bucket's file of table candidates; nil = not asked for.
type candidatesFile struct {
	w *parquetio.Writer[schemas.Candidate]
}

func (f listsFn) openCandidates(ctx context.Context, env *work.Env, texts *parquetio.Vocabulary, item string) (*candidatesFile, error) {
	if !f.Shared.Params.Candidates {
		return nil, nil
	}
	w, err := openTable[schemas.Candidate](ctx, env, texts, schemas.TableCandidates, item)
	return &candidatesFile{w}, err
}

func (c *candidatesFile) abort() {
	if c != nil {
		c.w.Abort()
	}
}

func (c *candidatesFile) close() (*lake.FileRef, error) {
	if c == nil {
		return nil, nil
	}
	ref, err := c.w.Close()
	return &ref, err
}

func openTable[T any](ctx context.Context, env *work.Env, texts *parquetio.Vocabulary, name, item string) (*parquetio.Writer[T], error) {
	table, _ := schemas.FindTable(name)
	meta := parquetio.MetaFor(table, env.Run)
	meta.Shared = texts
	return parquetio.NewWriter[T](ctx, env.Lake, env.TableFile(name, item), meta)
}

// reader returns a reader of listeners.
func (m *model) reader(env *work.Env) *reader {
	night, _, err := lake.ParseRun(env.Run)
	if err != nil {
		night = env.Run
	}
	return &reader{m: m, seed: env.Seed, habits: scoring.NewHabits(len(m.ids)), night: night}
}

// candidateRows returns the rows of table candidates of one listener, by song.
func (m *model) candidateRows(user string, candidates []scoring.Candidate) []schemas.Candidate {
	out := make([]schemas.Candidate, len(candidates))
	for i := range candidates {
		c := &candidates[i]
		t, adjustment := c.Terms()
		out[i] = schemas.Candidate{
			UserID: user, SongID: m.ids[c.Song], Taste: t.Taste, Context: t.Context, Popularity: t.Popularity, Adjustment: adjustment,
			Evidence: c.Evidence, Sources: scoring.SourceNames(c.Sources),
		}
	}
	slices.SortFunc(out, func(a, b schemas.Candidate) int { return cmp.Compare(a.SongID, b.SongID) })
	return out
}

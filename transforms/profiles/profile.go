package profiles

import (
	"context"
	"fmt"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[profileFn, work.Collect[profiled], bucket, profiled, []profiled]()
}

// profiled is the finished file of one bucket with counts.
type profiled struct {
	Table     lake.FileRef
	Histories map[string]int64 // listeners by history
	Personas  map[int32]int64  // and by persona
	By        map[string]int64 // and by how they came by it
	WithTaste int64
	Clusters  int64 // over listeners with taste
}

// profileFn makes the profiles of one bucket.
type profileFn struct {
	Inputs   Inputs
	Params   Params
	Personas string // key of the night's personas
}

// batchRows is how many rows are written at a time.
const batchRows = 256

func everybody(string) bool { return true }

// Do joins listeners and listens, both sorted by user_id, and returns the file of their profiles.
func (f profileFn) Do(ctx context.Context, env *work.Env, item bucket) ([]work.Keyed[profiled], error) {
	b, err := openBuilder(ctx, env.Lake, f.Inputs, f.Params)
	if err != nil {
		return nil, err
	}
	defer b.vectors.close()
	personas, err := readSegments(ctx, env.Lake, f.Personas, b.songs)
	if err != nil {
		return nil, err
	}
	number := fmt.Sprintf("%05d", item.Number)
	table, _ := schemas.FindTable(schemas.TableUserProfiles)
	w, err := parquetio.NewWriter[schemas.UserProfile](ctx, env.Lake, env.TableFile(table.Name, number), parquetio.MetaFor(table, env.Run))
	if err != nil {
		return nil, err
	}
	defer w.Abort()
	out := profiled{Histories: map[string]int64{}, Personas: map[int32]int64{}, By: map[string]int64{}}
	rows, n := make([]schemas.UserProfile, batchRows), 0
	err = b.each(ctx, env.Lake, item, everybody, func(l listenerRow) error {
		b.row(&rows[n], l, personas)
		out.count(&rows[n])
		if n++; n < batchRows {
			return nil
		}
		n = 0
		return w.Write(rows)
	})
	if err != nil {
		return nil, fmt.Errorf("profile listeners of %s: %w", item.Listeners.Key, err)
	}
	if err := w.Write(rows[:n]); err != nil {
		return nil, err
	}
	if out.Table, err = w.Close(); err != nil {
		return nil, err
	}
	return []work.Keyed[profiled]{{Key: number, Value: out}}, nil
}

func (p *profiled) count(r *schemas.UserProfile) {
	p.Histories[r.History]++
	if r.Persona != nil {
		p.Personas[*r.Persona]++
		p.By[r.PersonaBy]++
	}
	if len(r.Taste) > 0 {
		p.WithTaste++
		p.Clusters += int64(len(r.ClusterWeights))
	}
}

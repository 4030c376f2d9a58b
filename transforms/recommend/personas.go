package recommend

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

func init() {
	work.Register[membersFn, favouritesFn, bucket, lake.FileRef, string]()
}

const (
	memberFavourites = 20  // favourites of a member that count for the persona
	personaSongs     = 200 // favourites of a persona
	personaSupport   = 3   // members that a favourite of a persona needs
)

// memberRow is how many members of a persona have a song among their first favourites.
type memberRow struct {
	Persona   int32  `parquet:"persona,plain"`
	SongID    string `parquet:"song_id,dict"`
	Listeners int64  `parquet:"listeners,plain"`
}

// tasteRow is what gathering needs of user_profiles.
type tasteRow struct {
	Persona    *int32         `parquet:"persona,optional,plain"`
	PersonaBy  string         `parquet:"persona_by,dict"`
	Favourites []schemas.Seed `parquet:"favourites,list"`
}

// membersFn counts the favourites of the members of personas in one user bucket.
type membersFn struct{}

// Do returns the bucket's file of counts, by persona and song, under the one key.
func (membersFn) Do(ctx context.Context, env *work.Env, b bucket) ([]work.Keyed[lake.FileRef], error) {
	counts := map[int32]map[string]int64{}
	if b.Profiles != nil {
		for row, err := range parquetio.Read[tasteRow](ctx, env.Lake, *b.Profiles) {
			if err != nil {
				return nil, err
			}
			if row.Persona == nil || row.PersonaBy != schemas.PersonaByTaste {
				continue
			}
			of := counts[*row.Persona]
			if of == nil {
				of = map[string]int64{}
				counts[*row.Persona] = of
			}
			for _, f := range row.Favourites[:min(memberFavourites, len(row.Favourites))] {
				if _, ok := of[f.SongID]; !ok {
					f.SongID = strings.Clone(f.SongID)
				}
				of[f.SongID]++
			}
		}
	}
	rows := memberRows(counts)
	key := env.File("members", fmt.Sprintf("%05d", b.Number), ".parquet")
	ref, err := parquetio.WriteAll(ctx, env.Lake, key, parquetio.Meta{RunID: env.Run, Table: "recommend_members", SchemaVersion: 1}, rows)
	return []work.Keyed[lake.FileRef]{{Key: "all", Value: ref}}, err
}

func memberRows(counts map[int32]map[string]int64) []memberRow {
	var rows []memberRow
	for p, of := range counts {
		for song, n := range of {
			rows = append(rows, memberRow{p, song, n})
		}
	}
	slices.SortFunc(rows, func(a, b memberRow) int {
		return cmp.Or(cmp.Compare(a.Persona, b.Persona), cmp.Compare(a.SongID, b.SongID))
	})
	return rows
}

// favouritesFn ranks the favourites of each persona.
type favouritesFn struct{}

// Merge writes the favourites of all personas and returns their key. A song's score is members over the root of all
// listeners who have it: what is a favourite of everybody is less of this persona's.
func (favouritesFn) Merge(ctx context.Context, env *work.Env, _ string, files []lake.FileRef) (string, error) {
	counts, all := map[int32]map[string]int64{}, map[string]int64{}
	for _, ref := range files {
		rows, err := parquetio.ReadAll[memberRow](ctx, env.Lake, ref)
		if err != nil {
			return "", err
		}
		for _, r := range rows {
			if counts[r.Persona] == nil {
				counts[r.Persona] = map[string]int64{}
			}
			counts[r.Persona][r.SongID] += r.Listeners
			all[r.SongID] += r.Listeners
		}
	}
	out := map[int32][]schemas.Seed{}
	for p, of := range counts {
		out[p] = favouritesOf(of, all)
	}
	key := env.File("members", "favourites", ".json")
	_, err := lake.CreateJSON(ctx, env.Lake, key, out)
	return key, err
}

// favouritesOf returns the songs of highest score, scaled to 1 for the first.
func favouritesOf(of, all map[string]int64) []schemas.Seed {
	var out []schemas.Seed
	for song, n := range of {
		if n >= personaSupport {
			out = append(out, schemas.Seed{SongID: song, Weight: float32(float64(n) / math.Sqrt(float64(all[song])))})
		}
	}
	slices.SortFunc(out, func(a, b schemas.Seed) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.SongID, b.SongID))
	})
	out = out[:min(personaSongs, len(out))]
	for i := len(out) - 1; i >= 0; i-- {
		out[i].Weight /= out[0].Weight
	}
	return out
}

// persona is what lists take from a segment of listeners.
type persona struct {
	scoring.Persona
	dayParts []float32 // shares, by schemas.DayParts; nil = unknown
}

// readPersonas opens table personas and, once they are gathered, the favourites of personas.
func (m *model) readPersonas(ctx context.Context, s lake.Store, shared Shared) error {
	m.personas = map[int32]*persona{}
	rows, err := tables.Read[schemas.Persona](ctx, s, shared.Files[schemas.TablePersonas])
	if err != nil {
		return err
	}
	favourites := map[int32][]schemas.Seed{}
	if shared.Members != "" {
		if favourites, _, err = lake.ReadJSON[map[int32][]schemas.Seed](ctx, s, shared.Members); err != nil {
			return fmt.Errorf("read favourites of personas: %w", err)
		}
	}
	for _, row := range rows {
		p := &persona{dayParts: dayParts(row.HourShares, shared.Hours)}
		if len(row.Centre) == m.scoring.Vectors.Dim {
			p.Centre = unit(row.Centre)
		}
		for _, f := range m.favourites(favourites[row.Persona]) {
			p.Songs, p.Scores = append(p.Songs, f.Song), append(p.Scores, f.Weight)
		}
		m.personas[row.Persona] = p
	}
	return nil
}

// dayParts adds up hours.
func dayParts(hours []float32, of localtime.DayHours) []float32 {
	if len(hours) != 24 {
		return nil
	}
	out := make([]float32, len(schemas.DayParts))
	for h, share := range hours {
		out[of.Part(h)] += share
	}
	return out
}

// unit returns v at length 1; nil for zeros.
func unit(v []float32) []float32 {
	var square float64
	for _, x := range v {
		square += float64(float64(x) * float64(x))
	}
	if square == 0 {
		return nil
	}
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(float64(x) / math.Sqrt(square))
	}
	return out
}

package profiles

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"segue/schemas"
	"segue/transforms/algo/memo"
	"segue/transforms/algo/persona"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[personaFn, work.Collect[string], []lake.FileRef, string, []string]()
}

// Segments are the personas of a night as its items read them.
type Segments struct {
	Model   persona.Model // without the assignment
	Signals persona.Signals
	Rows    []schemas.Persona // in the order of the model; listeners are counted later
	Moods   []MixSums         // of each persona, then of all
	Genres  []MixSums

	Kept, Moved, New int64 // sampled listeners with the persona of last night, with another one, with none last night
}

// personaFn learns personas from the sampled listeners.
type personaFn struct {
	Inputs   Inputs
	Params   Params
	Previous []lake.FileRef // last night's user_profiles
}

// Do writes the personas and returns the key of their file.
func (f personaFn) Do(ctx context.Context, env *work.Env, samples []lake.FileRef) ([]work.Keyed[string], error) {
	songs, err := readSongs(ctx, env.Lake, f.Inputs)
	if err != nil {
		return nil, err
	}
	var rows []sampled
	for _, ref := range samples {
		part, err := parquetio.ReadAll[sampled](ctx, env.Lake, ref)
		if err != nil {
			return nil, err
		}
		rows = append(rows, part...)
	}
	slices.SortFunc(rows, func(a, b sampled) int { return cmp.Compare(a.UserID, b.UserID) })
	last, err := lastPersonas(ctx, env.Lake, f.Previous, rows)
	if err != nil {
		return nil, err
	}
	out, err := segment(rows, last, songs, persona.Params{Min: f.Params.MinPersonas, Max: f.Params.MaxPersonas, Seed: env.Seed})
	if err != nil {
		return nil, err
	}
	key := env.File("personas", "model", ".json")
	if _, err := lake.CreateJSON(ctx, env.Lake, key, out); err != nil {
		return nil, err
	}
	return []work.Keyed[string]{{Key: "personas", Value: key}}, nil
}

// lastRow is what is read of last night's user_profiles.
type lastRow struct {
	UserID  string `parquet:"user_id,plain"`
	Persona *int32 `parquet:"persona,optional,plain"`
}

// lastPersonas returns the persona of each row last night, persona.None for those without.
func lastPersonas(ctx context.Context, s lake.Store, refs []lake.FileRef, rows []sampled) ([]int32, error) {
	last := slices.Repeat([]int32{persona.None}, len(rows))
	for _, ref := range refs {
		for r, err := range parquetio.Read[lastRow](ctx, s, ref) {
			if err != nil {
				return nil, err
			}
			at, ok := slices.BinarySearchFunc(rows, r.UserID, func(x sampled, id string) int { return cmp.Compare(x.UserID, id) })
			if ok && r.Persona != nil {
				last[at] = *r.Persona
			}
		}
	}
	return last, nil
}

// segment cuts the sampled listeners, who come by user_id, and describes the personas.
func segment(rows []sampled, last []int32, songs *songTable, p persona.Params) (*Segments, error) {
	var features []float32
	dim := 0
	for _, r := range rows {
		dim = len(r.Features)
		features = append(features, r.Features...)
	}
	model, err := persona.Fit(features, dim, last, p)
	if err != nil {
		return nil, err
	}
	out := &Segments{Model: model, Signals: persona.NewSignals(len(model.IDs))}
	out.Model.Assign = nil
	members := make([][]int, len(model.IDs))
	for i, of := range model.Assign {
		members[of] = append(members[of], i)
		out.Signals.Add(of, signals(rows[i].Region, rows[i].Device, rows[i].topGenres(songs)))
	}
	all := make([]int, len(rows))
	for i := range all {
		all[i] = i
	}
	for _, m := range append(slices.Clone(members), all) {
		out.gather(rows, m)
	}
	for of := range members {
		row := out.describe(of, rows, members[of], songs)
		out.drift(&row, model, last, int32(of))
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

// gather appends the mixes of some listeners.
func (s *Segments) gather(rows []sampled, members []int) {
	moods, genres := gathered{}, gathered{}
	for _, i := range members {
		moods.add(rows[i].MoodKeys, rows[i].Moods)
		genres.add(rows[i].GenreKey, rows[i].Genres)
	}
	s.Moods, s.Genres = append(s.Moods, moods.sums()), append(s.Genres, genres.sums())
}

// signalGenres is how many genres of a warm listener count as picked ones would.
const signalGenres = 3

// topGenres returns the known genres heard most, ties by name.
func (r sampled) topGenres(songs *songTable) []string {
	sums := map[string]int64{}
	for i, at := range r.GenreKey {
		if name := songs.genres.names[int(at)%len(songs.genres.names)]; name != schemas.Unknown {
			sums[name] += r.Genres[i]
		}
	}
	var out []string
	for _, c := range counted(sums) {
		if len(out) < signalGenres {
			out = append(out, c.Name)
		}
	}
	return out
}

// drift counts who stayed with a persona, joined and left it since last night.
func (s *Segments) drift(row *schemas.Persona, m persona.Model, last []int32, of int32) {
	for i, id := range last {
		switch here := m.Assign[i] == of; {
		case here && id == row.Persona:
			row.Kept++
			s.Kept++
		case here && id == persona.None:
			row.Joined++
			s.New++
		case here:
			row.Joined++
			s.Moved++
		case id == row.Persona:
			row.Left++
		}
	}
}

// Lengths of the lists of a persona.
const (
	maxGenres  = 5
	maxMoods   = 3
	maxRegions = 5
)

// describe says what sets the members of a persona apart from all sampled listeners.
func (s *Segments) describe(of int, rows []sampled, members []int, songs *songTable) schemas.Persona {
	all := len(s.Moods) - 1
	row := schemas.Persona{Persona: s.Model.IDs[of], Members: int64(len(members)), Stability: s.Model.Stability}
	row.Genres = distinct(s.Genres[of], s.Genres[all], songs.genres.names, maxGenres)
	row.Moods = distinct(s.Moods[of], s.Moods[all], songs.moods.names, maxMoods)
	own, n := s.Moods[of].byPart(len(songs.moods.names))
	world, total := s.Moods[all].byPart(len(songs.moods.names))
	row.DayParts = lifts(own, n, world, total, schemas.DayParts)
	devices, regions, hours := map[string]int64{}, map[string]int64{}, make([]int64, 24)
	dim := len(s.Model.Centres)/len(s.Model.IDs) - len(schemas.DayParts)
	row.Centre = s.Model.Centres[of*(dim+len(schemas.DayParts)):][:dim]
	for _, i := range members {
		if rows[i].Device != "" {
			devices[rows[i].Device]++
		}
		if rows[i].Region != "" {
			regions[rows[i].Region]++
		}
		for h, plays := range rows[i].Hours {
			hours[h] += plays
		}
	}
	row.Devices, row.Regions = namedShares(devices, len(devices)), namedShares(regions, maxRegions)
	row.HourShares = hourShares(hours)
	row.Label = label(row)
	return row
}

// distinct returns the classes of a persona that set it apart most.
func distinct(own, all MixSums, names []string, most int) []schemas.ClassLift {
	plays, n := own.byClass(len(names))
	world, total := all.byClass(len(names))
	var out []schemas.ClassLift
	for _, l := range lifts(plays, n, world, total, names) {
		if l.Lift > 1 && len(out) < most {
			out = append(out, l)
		}
	}
	return out
}

// distinction is how much a class sets a persona apart: share · log lift, the class's part of the divergence of the mixes.
func distinction(l schemas.ClassLift) float64 { return float64(l.Share) * math.Log(float64(l.Lift)) }

func hourShares(plays []int64) []float32 {
	var total int64
	for _, n := range plays {
		total += n
	}
	if total == 0 {
		return nil
	}
	out := make([]float32, len(plays))
	for h, n := range plays {
		out[h] = float32(float64(n) / float64(total))
	}
	return out
}

// label names a persona by its two most distinctive genres, its mood and its day part, as far as there are any.
func label(row schemas.Persona) string {
	var parts []string
	add := func(lifts []schemas.ClassLift, most int) {
		var names []string
		for _, l := range lifts[:min(len(lifts), most)] {
			if l.Lift > 1 {
				names = append(names, l.Class)
			}
		}
		if len(names) > 0 {
			parts = append(parts, strings.Join(names, ", "))
		}
	}
	add(row.Genres, 2)
	add(row.Moods, 1)
	add(row.DayParts, 1)
	return strings.Join(parts, " · ")
}

// segments are personas ready to use: read-only.
type segments struct {
	*Segments
	moods  []*shrunkMix // of each persona, then of all
	genres []*shrunkMix
}

var segmentCache memo.Last[*segments]

// readSegments returns the night's personas, read once a process.
func readSegments(ctx context.Context, s lake.Store, key string, songs *songTable) (*segments, error) {
	return segmentCache.Of(s.URL()+key, func() (*segments, error) {
		read, _, err := lake.ReadJSON[*Segments](ctx, s, key)
		if err != nil {
			return nil, fmt.Errorf("read personas: %w", err)
		}
		return &segments{read, priors(read.Moods, songs.moods.names), priors(read.Genres, songs.genres.names)}, nil
	})
}

// priors shrinks the mix of each persona to that of all; nil entries where nobody was sampled.
func priors(sums []MixSums, names []string) []*shrunkMix {
	out := make([]*shrunkMix, len(sums))
	all := len(sums) - 1
	if len(sums[all].Places) == 0 {
		return out
	}
	out[all] = sums[all].shrunk(len(names), names, nil)
	for i := range all {
		out[i] = sums[i].shrunk(len(names), names, out[all])
	}
	return out
}

// prior returns what the mix of a listener of a persona is drawn to; that of all listeners for persona.None.
func (s *segments) prior(at int32, genres bool) *shrunkMix {
	of := s.moods
	if genres {
		of = s.genres
	}
	if at == persona.None {
		return of[len(of)-1]
	}
	return of[at]
}

package recommend

import (
	"cmp"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/listenio"
)

const (
	likedGenres  = 3 // genres of a listener whose charts are candidates
	mainContexts = 4
	mainShare    = 0.05 // least share of a main context
	coolHorizon  = 21   // days after which a play cools nothing down
)

// describe completes a listener from profile and listens.
func (r *reader) describe(p *person, did *listenio.Listener) {
	m, l := r.m, &p.listener
	r.habits.Reset()
	if did != nil {
		for _, day := range did.Days {
			for _, x := range day.Listens {
				r.habits.Add(x.Song, day.Day, x.Plays, x.Skips, x.Verdict)
			}
		}
	}
	l.Draw = schemas.Hash64(r.seed, "recommend/draw", r.night, p.row.UserID)
	l.Region = cmp.Or(p.profile.region, p.row.Country)
	l.Plays, l.Favourites, l.Artists = p.profile.plays, p.profile.favourites, p.profile.artists
	l.Vectors = m.vectors(&p.profile)
	l.Known = m.scoring.Catalogue.Known(r.habits.Known())
	l.Disliked = r.habits.Disliked()
	l.DislikedArtists = r.habits.DislikedArtists(m.scoring.Catalogue.Artist)
	l.Recent = r.habits.Recent(m.shared.Day, coolHorizon)
	l.Inactive = m.inactive(p.profile.lastDay)
	var persona *persona
	if p.profile.persona != nil {
		if persona = m.personas[*p.profile.persona]; persona != nil {
			l.Persona = &persona.Persona
		}
	}
	m.pools(p)
	l.Mix = m.mix(l, p.profile.contexts, persona)
	l.Distinct = 1
	if persona != nil && persona.dayParts != nil && len(p.profile.contexts) > 0 {
		l.Distinct = distinct(p.profile.contexts, persona.dayParts, p.profile.days)
	}
	l.Main = m.main(l.Region, p.profile.contexts)
	l.Own = m.own(&p.profile)
}

// inactive reports whether a listener's last play is too long ago.
func (m *model) inactive(last *int32) bool {
	days := m.shared.Params.InactiveDays
	return days > 0 && last != nil && int(m.shared.Day-*last) > days
}

// vectors returns a profile's taste clusters, or its taste, and its recent taste.
func (m *model) vectors(p *profile) []float32 {
	dim := m.scoring.Vectors.Dim
	if dim == 0 || len(p.taste) != dim {
		return nil
	}
	out := p.taste
	if len(p.clusters) > 0 && len(p.clusters)%dim == 0 {
		out = p.clusters
	}
	if len(p.recent) == dim && !slices.Equal(p.recent, p.taste) {
		out = slices.Concat(out, p.recent)
	}
	return out
}

// pools sets the charts of a listener's home, genres and places.
func (m *model) pools(p *person) {
	l := &p.listener
	l.Regional = m.charts.region[l.Region]
	if l.Trending = m.charts.trending[l.Region]; l.Trending == nil {
		l.Trending = m.charts.trending[schemas.World]
	}
	for _, g := range genresOf(&p.profile, p.row.Genres) {
		c := scoring.GenreCharts{Home: m.charts.genre[genreRegion{l.Region, g}], World: m.charts.genre[genreRegion{schemas.World, g}]}
		if c.Home != nil || c.World != nil {
			l.Genres = append(l.Genres, c)
		}
	}
	for _, place := range p.profile.places {
		c := m.charts.place[placeRegion{l.Region, place}]
		if c == nil {
			c = m.charts.place[placeRegion{schemas.World, place}]
		}
		if c != nil && len(l.Places) < 2 {
			l.Places = append(l.Places, c)
		}
	}
}

// genresOf returns the genres heard most over all day parts, ties by name; the picked ones of who played nothing.
func genresOf(p *profile, picked []string) []string {
	if p.plays == 0 {
		return picked[:min(likedGenres, len(picked))]
	}
	sums := map[string]float32{}
	for _, g := range p.genres {
		if g.Class != schemas.Unknown {
			sums[g.Class] += g.Share
		}
	}
	var names []string
	for name := range sums {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(sums[b], sums[a]), cmp.Compare(a, b)) })
	return names[:min(likedGenres, len(names))]
}

// mix returns the contexts of the general list: the listener's last 28 days, drawn to the hours of the persona as far as there are few plays.
func (m *model) mix(l *scoring.Listener, own []schemas.ContextShare, p *persona) []scoring.Context {
	trust := float64(m.scoring.Settings.Habit(l.Plays))
	if p == nil || p.dayParts == nil {
		trust = 1
	} else if len(own) == 0 {
		trust = 0
	}
	var out []scoring.Context
	add := func(k cellKey, share float64) {
		if c := m.cell(k); c != nil && share > 0 {
			out = append(out, scoring.Context{Cell: c, DayPart: slices.Index(schemas.DayParts, k.dayPart), Share: float32(share)})
		}
	}
	for _, c := range own {
		add(cellKey{l.Region, cmp.Or(c.Weekpart, schemas.All), c.DayPart, cmp.Or(c.Device, schemas.All)}, trust*float64(c.Share))
	}
	if trust < 1 {
		for i, share := range p.dayParts {
			add(cellKey{l.Region, schemas.All, schemas.DayParts[i], schemas.All}, (1-trust)*float64(share))
		}
	}
	return whole(out)
}

// contextDays is how many days the contexts of a profile are of, at most.
const contextDays = 28

// distinct returns how much of the difference between a listener's day parts and those of others is theirs, and not the chance of so many
// days: the positive part of James and Stein's estimator, 1 − (parts−1)/χ².
func distinct(own []schemas.ContextShare, theirs []float32, days int64) float32 {
	parts, rest := make([]float64, len(theirs)), 1.0 // rest: contexts beside those of the profile, taken to be like theirs
	for _, c := range own {
		if i := slices.Index(schemas.DayParts, c.DayPart); i >= 0 {
			parts[i] += float64(c.Share)
			rest -= float64(c.Share)
		}
	}
	square, free := 0.0, -1.0
	for i, q := range theirs {
		if q > 0 {
			off := parts[i] + float64(rest*float64(q)) - float64(q)
			square += float64(off*off) / float64(q)
			free++
		}
	}
	if free < 1 { // nothing to compare with
		return 1
	}
	if square *= float64(min(days, contextDays)); square <= free {
		return 0
	}
	return float32(1 - free/square)
}

// whole scales shares to add up to 1.
func whole(mix []scoring.Context) []scoring.Context {
	var sum float64
	for _, c := range mix {
		sum += float64(c.Share)
	}
	for i := range mix {
		mix[i].Share = float32(float64(mix[i].Share) / sum)
	}
	return mix
}

// main returns the contexts with a list of their own: day part and device, largest share first.
func (m *model) main(region string, own []schemas.ContextShare) []scoring.Main {
	if m.scoring.Settings.ContextLength == 0 {
		return nil
	}
	shares := map[[2]string]float32{}
	var keys [][2]string
	for _, c := range own {
		k := [2]string{c.DayPart, c.Device}
		if !slices.Contains(schemas.DayParts, c.DayPart) || c.Device == "" || c.Device == schemas.Unknown {
			continue
		}
		if _, ok := shares[k]; !ok {
			keys = append(keys, k)
		}
		shares[k] += c.Share
	}
	slices.SortFunc(keys, func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(shares[b], shares[a]), cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
	var out []scoring.Main
	for _, k := range keys {
		if len(out) == mainContexts || shares[k] < mainShare {
			break
		}
		var mix []scoring.Context
		for _, c := range own {
			if cell := m.cell(cellKey{region, cmp.Or(c.Weekpart, schemas.All), k[0], k[1]}); cell != nil && c.DayPart == k[0] && c.Device == k[1] {
				mix = append(mix, scoring.Context{Cell: cell, DayPart: slices.Index(schemas.DayParts, k[0]), Share: c.Share})
			}
		}
		if len(mix) > 0 {
			out = append(out, scoring.Main{Name: schemas.ContextList(k[0], k[1]), Mix: whole(mix)})
		}
	}
	return out
}

// own returns how classes fit the day parts of a listener: share there over share in all day parts, by how much is heard in each.
func (m *model) own(p *profile) [][]scoring.ClassFit {
	out, heard := make([][]scoring.ClassFit, len(schemas.DayParts)), map[string]float64{}
	for _, c := range p.contexts {
		heard[c.DayPart] += float64(c.Share)
	}
	for kind, shares := range map[string][]schemas.ClassShare{kindMood: p.moods, kindGenre: p.genres} {
		sums, parts := map[string]float64{}, map[string]bool{}
		for _, s := range shares {
			sums[s.Class] += heard[s.DayPart] * float64(s.Share)
			parts[s.DayPart] = true
		}
		var all float64
		for part := range parts {
			all += heard[part]
		}
		for _, s := range shares {
			class, known := m.classes[[2]string{kind, s.Class}]
			part := slices.Index(schemas.DayParts, s.DayPart)
			if mean := sums[s.Class] / all; known && part >= 0 && len(parts) > 1 && mean > 0 {
				lift := float64(s.Share) / mean
				out[part] = append(out[part], scoring.ClassFit{Class: class, Fit: float32(lift / (1 + lift))})
			}
		}
	}
	for _, fits := range out {
		slices.SortFunc(fits, func(a, b scoring.ClassFit) int { return cmp.Compare(a.Class, b.Class) })
	}
	return out
}

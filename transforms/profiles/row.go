package profiles

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"segue/schemas"
	"segue/transforms/algo/persona"
	"segue/transforms/algo/taste"
	"segue/transforms/algo/worth"
)

// Lengths of the lists of a profile.
const (
	maxArtists  = 10
	maxContexts = 6
	maxClasses  = 8
)

// row condenses a listener under the personas of the night.
func (b *builder) row(l listenerRow, personas *segments) schemas.UserProfile {
	h, weights := b.h, b.h.weights(&b.long, false)
	best := taste.Favourites(weights, len(weights))
	r := schemas.UserProfile{
		UserID: l.UserID, Region: b.region(l), History: historyOf(h.plays), Plays: h.plays, Skips: h.skips, Days: h.days,
		Favourites: b.favourites(best), Artists: b.artists(weights), Devices: named(&h.devices), Places: named(&h.places),
		Contexts: contexts(&h.contexts), MainDayPart: mainDayPart(h.parts), MainDevice: b.mainDevice(),
	}
	if h.last != nil {
		var last time.Time
		for _, d := range h.last.Days {
			if first := d.FirstAt; !first.IsZero() && r.FirstPlayAt == nil {
				r.FirstPlayAt = &first
			}
			if !d.LastAt.IsZero() {
				last = d.LastAt
			}
		}
		if !last.IsZero() {
			r.LastPlayAt = &last
		}
	}
	for _, s := range h.touched {
		if h.did[s].played {
			r.Songs++
		}
		if h.did[s].verdict > 0 {
			r.Likes++
		}
	}
	if b.vectors.dim > 0 {
		r.Taste = b.mean.Vector(weights, b.vectors.data, b.vectors.dim)
		r.Recent = b.mean.Vector(h.weights(&b.recent, true), b.vectors.data, b.vectors.dim)
		b.cluster(&r, best)
	}
	at := b.persona(&r, l, personas)
	r.Moods = b.shares(&h.moods, &b.songs.moods, personas.prior(at, false))
	r.Genres = b.shares(&h.genres, &b.songs.genres, personas.prior(at, true))
	return r
}

func historyOf(plays int64) string {
	switch {
	case plays == 0:
		return schemas.HistoryNone
	case plays < 10:
		return schemas.HistoryFew
	case plays < warmPlays:
		return schemas.HistorySome
	}
	return schemas.HistoryWarm
}

func (b *builder) cluster(r *schemas.UserProfile, weights []taste.Weight) {
	clusters := b.cutter.Clusters(weights, b.vectors.data, b.vectors.dim)
	r.ClusterWeights = make([]float32, 0, len(clusters))
	if len(clusters) > 1 {
		r.ClusterVectors = make([]float32, 0, len(clusters)*b.vectors.dim)
	}
	for _, c := range clusters {
		r.ClusterWeights = append(r.ClusterWeights, c.Weight)
		if len(clusters) > 1 {
			r.ClusterVectors = append(r.ClusterVectors, c.Vector...)
		}
	}
}

// persona sets the persona of a row and returns it as an index of the personas: by taste with some history, else by signals.
func (b *builder) persona(r *schemas.UserProfile, l listenerRow, personas *segments) int32 {
	at, by := persona.None, ""
	if len(r.Taste) > 0 && r.History != schemas.HistoryFew && r.History != schemas.HistoryNone {
		at, by = personas.Model.Near(b.features(r.Taste)), schemas.PersonaByTaste
	}
	if at == persona.None {
		at, by = personas.Signals.Guess(signals(r.Region, r.MainDevice, l.Genres)), schemas.PersonaBySignals
	}
	if at != persona.None {
		r.Persona, r.PersonaBy = &personas.Model.IDs[at], by
	}
	return at
}

// signals names what is known of a listener on day 0.
func signals(region, device string, genres []string) []string {
	var out []string
	if region != "" {
		out = append(out, "country="+region)
	}
	if device != "" {
		out = append(out, "device="+device)
	}
	for i, g := range genres {
		if g != "" && !slices.Contains(genres[:i], g) {
			out = append(out, "genre="+g)
		}
	}
	return out
}

// region returns the country of most days with events, else the one the listener gave.
func (b *builder) region(l listenerRow) string {
	if c := b.h.regions.sorted(strings.Compare); len(c) > 0 {
		return b.h.regions.name(c[0])
	}
	return l.Country
}

func (b *builder) mainDevice() string {
	for _, no := range b.h.devices.sorted(strings.Compare) {
		if name := b.h.devices.name(no); name != schemas.Unknown {
			return name
		}
	}
	return ""
}

// favourites names the first songs of best, which has all of positive weight, the most first.
func (b *builder) favourites(best []taste.Weight) []schemas.Seed {
	best = best[:min(len(best), b.params.Favourites)]
	out := make([]schemas.Seed, len(best))
	for i, w := range best {
		out[i] = schemas.Seed{SongID: b.songs.ids[w.Song], Weight: float32(float64(w.Weight) / float64(worth.One))}
	}
	return out
}

// artists returns the shares of first artists of the weight of liked songs.
func (b *builder) artists(weights []taste.Weight) []schemas.NamedShare {
	sums := b.byArtist[:0]
	var total int64
	for _, w := range weights {
		a := b.songs.artist[w.Song]
		if a < 0 || w.Weight <= 0 {
			continue
		}
		if b.artistAt[a] == 0 {
			sums = append(sums, taste.Weight{Song: a})
			b.artistAt[a] = int32(len(sums))
		}
		sums[b.artistAt[a]-1].Weight += w.Weight
		total += w.Weight
	}
	for _, x := range sums {
		b.artistAt[x.Song] = 0
	}
	slices.SortFunc(sums, func(x, y taste.Weight) int {
		if x.Weight != y.Weight {
			return cmp.Compare(y.Weight, x.Weight)
		}
		return cmp.Compare(b.songs.byName[x.Song], b.songs.byName[y.Song])
	})
	b.byArtist = sums
	out := make([]schemas.NamedShare, min(len(sums), maxArtists))
	for i := range out {
		out[i] = schemas.NamedShare{Name: b.songs.artists[sums[i].Song], Share: float32(float64(sums[i].Weight) / float64(total))}
	}
	return out
}

// namedShares returns at most most shares of a total, falling, ties by name.
func namedShares(sums map[string]int64, most int) []schemas.NamedShare {
	var out []schemas.NamedShare
	for _, s := range taste.Shares(counted(sums)) {
		if len(out) < most {
			out = append(out, schemas.NamedShare{Name: s.Name, Share: s.Share})
		}
	}
	return out
}

func contexts(sums *tally[contextKey]) []schemas.ContextShare {
	keys := sums.sorted(func(a, b contextKey) int {
		return cmp.Or(cmp.Compare(a.weekpart, b.weekpart), cmp.Compare(a.dayPart, b.dayPart), cmp.Compare(a.device, b.device))
	})
	var total int64
	for _, no := range keys {
		total += sums.n[no]
	}
	out := make([]schemas.ContextShare, 0, maxContexts)
	for _, no := range keys[:min(len(keys), maxContexts)] {
		k := sums.name(no)
		out = append(out, schemas.ContextShare{Weekpart: k.weekpart, DayPart: k.dayPart, Device: k.device, Share: float32(float64(sums.n[no]) / float64(total))})
	}
	return out
}

// mainDayPart returns the day part with most plays, the earlier of two; "" without plays of known local time.
func mainDayPart(plays [unknownPart + 1]int64) string {
	best := slices.Max(plays[:unknownPart])
	if best == 0 {
		return ""
	}
	return schemas.DayParts[slices.Index(plays[:], best)]
}

// counted returns the counts by count falling, ties by name.
func counted(counts map[string]int64) []taste.Count {
	out := make([]taste.Count, 0, len(counts))
	for name, n := range counts {
		out = append(out, taste.Count{Name: name, N: n})
	}
	slices.SortFunc(out, func(a, b taste.Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
	return out
}

func named(counts *tally[string]) []schemas.NamedCount {
	out := make([]schemas.NamedCount, len(counts.met))
	for i, no := range counts.sorted(strings.Compare) {
		out[i] = schemas.NamedCount{Name: counts.name(no), Count: counts.n[no]}
	}
	return out
}

// classShare is the share of a class in a day part.
type classShare struct {
	class, rank int32
	share       float32
}

// largest orders classes by share falling, then name.
func largest(a, b classShare) int {
	if a.share != b.share {
		return cmp.Compare(b.share, a.share)
	}
	return cmp.Compare(a.rank, b.rank)
}

// shares returns the classes of largest share in each day part with plays, shrunk to the prior. A class the listener never
// heard is among them only if it is among the first of the prior, so no other is looked at.
func (b *builder) shares(m *mix, t *classTable, prior *shrunkMix) []schemas.ClassShare {
	out := make([]schemas.ClassShare, 0, maxClasses*len(schemas.DayParts))
	for part, dayPart := range schemas.DayParts {
		if m.total[part] == 0 {
			continue
		}
		n := float64(m.total[part]) / float64(worth.One)
		candidates := append(b.candidates[:0], prior.first(part)...)
		for _, at := range m.used {
			if int(at)/m.classes == part {
				candidates = append(candidates, at%int32(m.classes))
			}
		}
		slices.Sort(candidates)
		all := b.classShares[:0]
		for i, class := range candidates {
			if i > 0 && candidates[i-1] == class {
				continue
			}
			own := float64(m.plays[part*m.classes+int(class)]) / float64(worth.One)
			all = append(all, classShare{class, t.rank[class], float32(prior.shrink(own, n, part, class))})
		}
		slices.SortFunc(all, largest)
		for _, c := range all[:min(len(all), maxClasses)] {
			out = append(out, schemas.ClassShare{DayPart: dayPart, Class: t.names[c.class], Share: c.share})
		}
		b.candidates, b.classShares = candidates, all
	}
	return out
}

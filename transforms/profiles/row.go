package profiles

import (
	"cmp"
	"math"
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

// row condenses a listener under the personas of the night into r, the memory of whose lists is used again.
func (b *builder) row(r *schemas.UserProfile, l listenerRow, personas *segments) {
	h, weights := b.h, b.h.weights(&b.long, false)
	best := b.ranking.Favourites(weights)
	*r = schemas.UserProfile{
		UserID: l.UserID, Region: b.region(l), History: historyOf(h.plays), Plays: h.plays, Skips: h.skips, Days: h.days,
		Taste: r.Taste[:0], Recent: r.Recent[:0], ClusterWeights: r.ClusterWeights[:0], ClusterVectors: r.ClusterVectors[:0],
		Favourites: b.favourites(r.Favourites[:0], best), Artists: b.artists(r.Artists[:0], weights),
		Devices: named(r.Devices[:0], &h.devices), Places: named(r.Places[:0], &h.places),
		Contexts: contexts(r.Contexts[:0], &h.contexts), MainDayPart: mainDayPart(h.parts), MainDevice: b.mainDevice(),
		Moods: r.Moods[:0], Genres: r.Genres[:0],
	}
	r.FirstPlayAt, r.LastPlayAt = h.span()
	for _, s := range h.touched {
		if h.did[s].played {
			r.Songs++
		}
		if h.did[s].verdict > 0 {
			r.Likes++
		}
	}
	if b.vectors.dim > 0 {
		r.Taste = b.mean.Append(r.Taste, weights, b.vectors.data, b.vectors.dim)
		r.Recent = b.mean.Append(r.Recent, h.weights(&b.recent, true), b.vectors.data, b.vectors.dim)
		b.cluster(r, best)
	}
	at := b.persona(r, l, personas)
	r.Moods = b.shares(r.Moods, &h.moods, &b.songs.moods, personas.prior(at, false))
	r.Genres = b.shares(r.Genres, &h.genres, &b.songs.genres, personas.prior(at, true))
}

// span returns the listener's first and last play, nil without one.
func (h *history) span() (first, last *time.Time) {
	if h.last == nil {
		return nil, nil
	}
	var from, to time.Time
	for _, d := range h.last.Days {
		if from.IsZero() {
			from = d.FirstAt
		}
		if !d.LastAt.IsZero() {
			to = d.LastAt
		}
	}
	if !from.IsZero() {
		first = &from
	}
	if !to.IsZero() {
		last = &to
	}
	return first, last
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
		b.near = b.features(b.near[:0], r.Taste)
		at, by = personas.Model.Near(b.near), schemas.PersonaByTaste
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

// favourites appends the first songs of best, which has all of positive weight, the most first.
func (b *builder) favourites(to []schemas.Seed, best []taste.Weight) []schemas.Seed {
	for _, w := range best[:min(len(best), b.params.Favourites)] {
		to = append(to, schemas.Seed{SongID: b.songs.ids[w.Song], Weight: float32(float64(w.Weight) / float64(worth.One))})
	}
	return to
}

// artists appends the shares of first artists of the weight of liked songs.
func (b *builder) artists(to []schemas.NamedShare, weights []taste.Weight) []schemas.NamedShare {
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
	b.byArtist = sums
	for _, x := range b.firstArtists(sums) {
		to = append(to, schemas.NamedShare{Name: b.songs.artists[x.Song], Share: float32(float64(x.Weight) / float64(total))})
	}
	return to
}

// firstArtists moves the maxArtists of most weight to the front, weight falling, ties by name, and returns them.
func (b *builder) firstArtists(sums []taste.Weight) []taste.Weight {
	n := 0
	for _, x := range sums {
		at := n
		for ; at > 0; at-- {
			before := sums[at-1]
			if before.Weight > x.Weight || before.Weight == x.Weight && b.songs.byName[before.Song] < b.songs.byName[x.Song] {
				break
			}
			if at < maxArtists {
				sums[at] = before
			}
		}
		if at < maxArtists {
			sums[at] = x
			n = min(n+1, maxArtists)
		}
	}
	return sums[:n]
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

// contexts appends the shares of first contexts.
func contexts(to []schemas.ContextShare, sums *tally[contextKey]) []schemas.ContextShare {
	keys := sums.sorted(func(a, b contextKey) int {
		return cmp.Or(cmp.Compare(a.weekpart, b.weekpart), cmp.Compare(a.dayPart, b.dayPart), cmp.Compare(a.device, b.device))
	})
	var total int64
	for _, no := range keys {
		total += sums.n[no]
	}
	for _, no := range keys[:min(len(keys), maxContexts)] {
		k := sums.name(no)
		to = append(to, schemas.ContextShare{Weekpart: k.weekpart, DayPart: k.dayPart, Device: k.device, Share: float32(float64(sums.n[no]) / float64(total))})
	}
	return to
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

// named appends all counts.
func named(to []schemas.NamedCount, counts *tally[string]) []schemas.NamedCount {
	for _, no := range counts.sorted(strings.Compare) {
		to = append(to, schemas.NamedCount{Name: counts.name(no), Count: counts.n[no]})
	}
	return to
}

// shares appends the classes of largest share in each day part with plays, shrunk to the prior, ties by name. A class the
// listener never heard is among them only if it is among the first of the prior, so no other is looked at.
func (b *builder) shares(to []schemas.ClassShare, m *mix, t *classTable, prior *shrunkMix) []schemas.ClassShare {
	for part, dayPart := range schemas.DayParts {
		if m.total[part] == 0 {
			continue
		}
		n, from := float64(m.total[part])/float64(worth.One), int32(part*m.classes)
		found := b.found[:0]
		add := func(class int32) {
			own := float64(m.plays[from+class]) / float64(worth.One)
			share := float32(prior.shrink(own, n, part, class))
			found = append(found, uint64(^math.Float32bits(share))<<32|uint64(t.rank[class])) // falling: shares are not negative
		}
		for _, class := range prior.first(part) {
			if m.plays[from+class] == 0 {
				add(class)
			}
		}
		for _, at := range m.used {
			if class := at - from; class >= 0 && int(class) < m.classes {
				add(class)
			}
		}
		slices.Sort(found)
		for _, x := range found[:min(len(found), maxClasses)] {
			to = append(to, schemas.ClassShare{DayPart: dayPart, Class: t.byName[uint32(x)], Share: math.Float32frombits(^uint32(x >> 32))})
		}
		b.found = found
	}
	return to
}

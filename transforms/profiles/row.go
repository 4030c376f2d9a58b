package profiles

import (
	"cmp"
	"maps"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/taste"
	"segue/transforms/algo/worth"
)

// row condenses a listener's history.
func (b *builder) row(l schemas.Listener, h *history) schemas.UserProfile {
	weights := h.weights(b.decay)
	devices := counted(h.devices)
	return schemas.UserProfile{
		UserID: l.UserID, Region: firstName(counted(h.countries), l.Country),
		Plays: h.plays, Songs: int64(len(h.played)), Likes: int64(len(h.liked)), Skips: h.skips,
		FirstPlayAt: h.first, LastPlayAt: h.last,
		Taste:       taste.Vector(b.withVector(weights), b.vectors.data, b.vectors.dim),
		Favourites:  b.favourites(weights),
		Devices:     namedCounts(devices),
		Moods:       b.moodShares(h),
		MainDayPart: mainDayPart(h.dayParts),
		MainDevice:  firstName(slices.DeleteFunc(devices, func(c taste.Count) bool { return c.Name == schemas.Unknown }), ""),
	}
}

// weights returns the weight of every song, by song, decayed from the day of the listener's last event: decaying from the
// night would scale all weights of a listener alike, and lose those who have not played for long.
func (h *history) weights(decay []int64) []taste.Weight {
	if len(h.events) == 0 {
		return nil
	}
	last := h.events[len(h.events)-1].at
	sums := map[int32]int64{}
	for _, e := range h.events {
		e.what.AgeDays = worth.Age(last, e.at)
		sums[e.song] += worth.Of(e.what, decay)
	}
	out := make([]taste.Weight, 0, len(sums))
	for song, w := range sums {
		out = append(out, taste.Weight{Song: song, Weight: w})
	}
	slices.SortFunc(out, func(a, b taste.Weight) int { return cmp.Compare(a.Song, b.Song) })
	return out
}

// withVector returns the weights when there are vectors, else none.
func (b *builder) withVector(weights []taste.Weight) []taste.Weight {
	if b.vectors.dim == 0 {
		return nil
	}
	return weights
}

func (b *builder) favourites(weights []taste.Weight) []schemas.Seed {
	best := taste.Favourites(weights, b.params.Favourites)
	out := make([]schemas.Seed, len(best))
	for i, w := range best {
		out[i] = schemas.Seed{SongID: b.songs.ids[w.Song], Weight: float32(float64(w.Weight) / float64(worth.One))}
	}
	return out
}

// moodShares returns the shares of moods by day part, in the order of day parts.
func (b *builder) moodShares(h *history) []schemas.ClassShare {
	var byPart [5][]taste.Count
	for k, n := range h.moods {
		byPart[k.dayPart] = append(byPart[k.dayPart], taste.Count{Name: b.songs.names[k.mood], N: n})
	}
	var out []schemas.ClassShare
	for i, counts := range byPart {
		for _, s := range taste.Shares(counts) {
			out = append(out, schemas.ClassShare{DayPart: schemas.DayParts[i], Class: s.Name, Share: s.Share})
		}
	}
	return out
}

// mainDayPart returns the day part with most plays, the earlier of two; "" without plays of known local time.
func mainDayPart(plays [5]int64) string {
	best := slices.Max(plays[:])
	if best == 0 {
		return ""
	}
	return schemas.DayParts[slices.Index(plays[:], best)]
}

// counted returns the counts by count falling, ties by name.
func counted(counts map[string]int64) []taste.Count {
	var out []taste.Count
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, taste.Count{Name: name, N: counts[name]})
	}
	return taste.Counted(out)
}

func firstName(counts []taste.Count, otherwise string) string {
	if len(counts) == 0 {
		return otherwise
	}
	return counts[0].Name
}

func namedCounts(counts []taste.Count) []schemas.NamedCount {
	out := make([]schemas.NamedCount, len(counts))
	for i, c := range counts {
		out[i] = schemas.NamedCount{Name: c.Name, Count: c.N}
	}
	return out
}

package scoring

// Reasons of a list: why the listener got its tier.
const (
	ReasonFavourites   = "favourites"                    // favourites with neighbours lead the way
	ReasonNoNeighbours = "favourites_without_neighbours" // favourites in no playlist, or too rare
	ReasonNoFavourites = "plays_without_favourites"      // such as skips only
	ReasonNoPlays      = "no_plays"
	ReasonAllKnown     = "all_songs_known"   // nothing new left: known songs were let in
	ReasonNothing      = "nothing_available" // no song may be played in the listener's country, or there are none
)

// List is one listener's finished list.
type List struct {
	Rows    []Row
	Weights Weights
	Reason  string
}

// Make returns the list of a listener: the best of both pools, filled from the most popular songs where they fall short.
// It is empty only when no song with plays or playlists may be played in the listener's country.
//
// Cost: the deep lists of the favourites, and O(candidates·log candidates).
func (m *Model) Make(l *Listener, s *Scratch) List {
	out := List{Weights: m.Settings.Weights, Reason: reason(l)}
	if l.Cell == nil {
		out.Weights = out.Weights.WithoutContext()
	}
	out.Rows = m.fill(l, s, out.Weights, m.Settings.KeepKnown)
	if len(out.Rows) == 0 && !m.Settings.KeepKnown {
		if out.Rows = m.fill(l, s, out.Weights, true); len(out.Rows) > 0 {
			out.Reason = ReasonAllKnown
		}
	}
	if len(out.Rows) == 0 {
		out.Reason = ReasonNothing
	}
	if out.Reason == ReasonFavourites && !anyEvidence(m.Lists, l.Favourites) {
		out.Reason = ReasonNoNeighbours
	}
	m.Lists.explain(l.Favourites, out.Rows)
	return out
}

// fillRounds is how often a short list is given more popular songs before it may stay short.
const fillRounds = 4

// fill chooses rows, taking ever more of the most popular songs while the list is short: at most fillRounds times once
// it has a row, through the whole catalogue as long as it has none.
func (m *Model) fill(l *Listener, s *Scratch, w Weights, keepKnown bool) []Row {
	rows := m.choose(l, w, m.Candidates(l, s, nil, keepKnown))
	take, taken := 2*m.Settings.Length, 0
	for round := 0; len(rows) < m.Settings.Length && taken < len(m.Popular) && (round < fillRounds || len(rows) == 0); round++ {
		taken = min(take, len(m.Popular))
		take *= 4
		rows = m.choose(l, w, m.Candidates(l, s, m.Popular[:taken], keepKnown))
	}
	return rows
}

func reason(l *Listener) string {
	switch {
	case len(l.Favourites) > 0:
		return ReasonFavourites
	case len(l.Known) > 0 || len(l.Disliked) > 0:
		return ReasonNoFavourites
	default:
		return ReasonNoPlays
	}
}

func anyEvidence(lists Lists, favourites []Favourite) bool {
	for _, f := range favourites {
		if songs, _ := lists.of(f.Song); len(songs) > 0 {
			return true
		}
	}
	return false
}

// SourceNames returns the names of a row's sources.
func SourceNames(sources uint8) []string {
	var out []string
	for i, name := range []string{"neighbours", "context", "region_chart", "world_chart", "popular"} {
		if sources&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return out
}

package scoring

import "slices"

// Sources of a candidate, as bits; a row lists them in this order.
const (
	FromNeighbours  = 1 << iota // neighbours of favourites
	FromVectors                 // nearest to taste clusters or recent taste
	FromFavourites              // known songs, where they are kept
	FromArtists                 // songs without neighbours by liked artists
	FromPersona                 // favourites of the persona
	FromContext                 // heard in the listener's contexts
	FromPlaces                  // heard at the listener's places
	FromRegionGenre             // a liked genre's chart at home
	FromGenre                   // a liked genre's chart in the world
	FromTrending                // on the rise at home
	FromRegion                  // chart of the home country
	FromWorld                   // chart of the world
	FromPopular                 // filled up with the most popular songs
)

var sourceNames = [...]string{
	"neighbours", "vectors", "favourites", "artists", "persona", "context", "places", "region_genre", "genre", "trending", "region_chart", "world_chart", "popular",
}

// SourceNames returns the names of a row's sources.
func SourceNames(sources uint16) []string {
	var out []string
	for i, name := range sourceNames {
		if sources&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return out
}

// SourcesOf returns the sources of some names; ok is false for a name that is none.
func SourcesOf(names []string) (sources uint16, ok bool) {
	for _, name := range names {
		i := slices.Index(sourceNames[:], name)
		if i < 0 {
			return 0, false
		}
		sources |= 1 << i
	}
	return sources, true
}

// Tier is a rung of the ladder; the first that supplied a song is the tier of its row.
type Tier int

// The rungs, best first. Each has a rule of when it applies: personal needs favourites with neighbours, new songs of liked
// artists or known songs that are kept; persona a persona; context a known day part, device or place with a chart;
// region_genre and genre a liked or picked genre with a chart at home or in the world; region a chart at home; world nothing.
const (
	Personal Tier = iota
	ByPersona
	ByContext
	RegionGenre
	Genre
	Region
	World
	tierCount
)

var tierOf = [...]struct {
	sources uint16
	tier    Tier
}{
	{FromNeighbours | FromVectors | FromFavourites | FromArtists, Personal},
	{FromPersona, ByPersona},
	{FromContext | FromPlaces, ByContext},
	{FromRegionGenre, RegionGenre},
	{FromGenre, Genre},
	{FromTrending | FromRegion, Region},
}

// TierOf returns the rung of a row's sources.
func TierOf(sources uint16) Tier {
	for _, t := range tierOf {
		if sources&t.sources != 0 {
			return t.tier
		}
	}
	return World
}

// Tier returns the rung that supplied most rows of the list, the better one of two.
func (l *List) Tier() Tier {
	var n [tierCount]int
	for i := range l.Rows {
		n[TierOf(l.Rows[i].Sources)]++
	}
	best := Personal
	for t := range n {
		if n[t] > n[best] {
			best = Tier(t)
		}
	}
	return best
}

// Reasons of a list: why the listener got its tier.
const (
	ReasonFavourites   = "favourites"                    // favourites with neighbours lead the way
	ReasonNoNeighbours = "favourites_without_neighbours" // favourites in no playlist, or too rare
	ReasonNoFavourites = "plays_without_favourites"      // such as skips only
	ReasonNoPlays      = "no_plays"
	ReasonInactive     = "inactive"           // long without plays: a list of the ladder
	ReasonAllKnown     = "all_songs_known"    // nothing new left: known songs were let in
	ReasonShort        = "catalogue_is_short" // caps, versions and countries leave fewer songs than a list has
	ReasonNothing      = "nothing_available"  // no song may be played in the listener's country, or there are none
)

func (m *Model) reason(l *Listener) string {
	switch {
	case l.Inactive:
		return ReasonInactive
	case len(l.Favourites) > 0 && m.Lists.any(l.Favourites):
		return ReasonFavourites
	case len(l.Favourites) > 0:
		return ReasonNoNeighbours
	case len(l.Known) > 0 || len(l.Disliked) > 0:
		return ReasonNoFavourites
	default:
		return ReasonNoPlays
	}
}

// weights returns a listener's weights: between the persona's and the personal ones by trust, unknown terms redistributed.
func (m *Model) weights(l *Listener, trust float32, known bool) Weights {
	own, persona := len(l.Favourites) > 0 || len(l.Vectors) > 0, l.Persona != nil
	w := m.Settings.Persona
	if own && !l.Inactive {
		w = between(m.Settings.Personal, w, trust)
	}
	return w.Without(!persona && (!own || l.Inactive), !known)
}

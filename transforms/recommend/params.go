package recommend

import (
	"errors"
	"fmt"
	"slices"

	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
)

// modes are the values of Params.Mode, by their number in scoring.
var modes = []string{"discovery", "familiar", "mixed"}

// Fixed strengths, on a score whose terms weigh 1 together.
const (
	songPush     = 0.5 // discount of a disliked song
	artistPush   = 0.1 // of a song by an artist whose songs are mostly skipped
	coolDown     = 0.4 // of a song played today, half that after coolDownDays
	coolDownDays = 3
	cosineShare  = 4   // what a cosine of 1 to the nearest taste vector would add to the raw taste term
	habitKappa   = 100 // plays at which the own hours, and preferences by hour, count as much as those of others
	familiarLift = 0.3 // what a known song gains in a familiar list
)

// Params decide what lists there are and what they hold.
type Params struct {
	ListLength    int       `json:"list_length"`    // songs of the general list; default 100
	ContextLength int       `json:"context_length"` // songs of the list of each of up to four main contexts; 0 = none; default 30
	Mode          string    `json:"mode"`           // discovery (default): only songs new to the listener; familiar: known ones first; mixed: both
	Candidates    bool      `json:"candidates"`     // publish table candidates as well; default no
	InactiveDays  int       `json:"inactive_days"`  // listeners without a play for more days get a list of the ladder, which costs less; 0 = nobody; default 0
	Rescore       string    `json:"rescore"`        // run of the same night whose table candidates is weighed anew; "" = candidates are sought
	Rank          Ranking   `json:"rank"`           // what a list may hold of whom
	Weigh         Weighting `json:"weigh"`          // what counts how much
}

// Ranking bounds lists.
type Ranking struct {
	Neighbours int     `json:"neighbours"`  // candidates by neighbours of favourites; default 250
	Vectors    int     `json:"vectors"`     // candidates by nearness to taste clusters and recent taste, as many of each; where neighbours fill no list there are what those leave all the same; default 0
	PoolDepth  int     `json:"pool_depth"`  // candidates of each other pool: persona, contexts, genres, charts; twice as many where the own taste fills no list; default 30
	ArtistCap  int     `json:"artist_cap"`  // songs of one artist in a list; lower = more varied; default 5
	AlbumCap   int     `json:"album_cap"`   // songs of one album; default 3
	ArtistStep float64 `json:"artist_step"` // discount of an artist's second song, twice that of the third …; half of it for albums; default 0.01
	Explore    float64 `json:"explore"`     // share of a list that is drawn by lot among the remaining candidates; default 0.03
	FreshFloor float64 `json:"fresh_floor"` // least share of songs new to the listener in familiar and mixed lists; default 0.2
}

// Weighting holds the weights of terms; taste has what context and popularity leave of 1.
type Weighting struct {
	Context           float64 `json:"context"`            // of a listener with a long history; default 0.2
	Popularity        float64 `json:"popularity"`         // default 0.1
	PersonaContext    float64 `json:"persona_context"`    // of a listener without history, known by their persona; default 0.1
	PersonaPopularity float64 `json:"persona_popularity"` // default 0.8
	Kappa             float64 `json:"kappa"`              // plays at which the own taste counts as much as the persona's: n/(n+κ); default 0.5
}

// Default returns 100 songs new to the listener, at most 5 an artist, weighted 0.7, 0.2 and 0.1, and 30 a main context.
func Default() Params {
	return Params{
		ListLength: 100, ContextLength: 30, Mode: modes[scoring.Discovery],
		Rank:  Ranking{Neighbours: 250, PoolDepth: 30, ArtistCap: 5, AlbumCap: 3, ArtistStep: 0.01, Explore: 0.03, FreshFloor: 0.2},
		Weigh: Weighting{Context: 0.2, Popularity: 0.1, PersonaContext: 0.1, PersonaPopularity: 0.8, Kappa: 0.5},
	}
}

// Validate reports every setting that makes no sense.
func (p Params) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	share := func(x float64) bool { return x >= 0 && x <= 1 }
	check(p.ListLength >= 1 && p.ListLength <= 1000, "list_length is %d, want 1 to 1000", p.ListLength)
	check(p.ContextLength >= 0 && p.ContextLength <= 1000, "context_length is %d, want 0 to 1000", p.ContextLength)
	check(slices.Contains(modes, p.Mode), "mode is %q, want one of %v", p.Mode, modes)
	_, _, noRun := lake.ParseRun(p.Rescore)
	check(p.Rescore == "" || noRun == nil, "rescore is %q, want a run id such as 2026-11-24.1", p.Rescore)
	check(p.InactiveDays >= 0, "inactive_days is %d, want at least 0", p.InactiveDays)
	check(p.Rank.Neighbours >= 1, "rank.neighbours is %d, want at least 1", p.Rank.Neighbours)
	check(p.Rank.Vectors >= 0 && p.Rank.Vectors <= 1000, "rank.vectors is %d, want 0 to 1000", p.Rank.Vectors)
	check(p.Rank.PoolDepth >= 0, "rank.pool_depth is %d, want at least 0", p.Rank.PoolDepth)
	check(p.Rank.ArtistCap >= 1, "rank.artist_cap is %d, want at least 1", p.Rank.ArtistCap)
	check(p.Rank.AlbumCap >= 1, "rank.album_cap is %d, want at least 1", p.Rank.AlbumCap)
	check(share(p.Rank.ArtistStep), "rank.artist_step is %v, want 0 to 1", p.Rank.ArtistStep)
	check(p.Rank.Explore >= 0 && p.Rank.Explore <= 0.5, "rank.explore is %v, want 0 to 0.5", p.Rank.Explore)
	check(share(p.Rank.FreshFloor), "rank.fresh_floor is %v, want 0 to 1", p.Rank.FreshFloor)
	check(p.Weigh.Kappa > 0, "weigh.kappa is %v, want above 0", p.Weigh.Kappa)
	_, err := scoring.NewWeights(p.Weigh.Context, p.Weigh.Popularity)
	_, other := scoring.NewWeights(p.Weigh.PersonaContext, p.Weigh.PersonaPopularity)
	return errors.Join(append(errs, err, other)...)
}

// settings returns what lists are bound to.
func (p Params) settings() (scoring.Settings, error) {
	personal, err := scoring.NewWeights(p.Weigh.Context, p.Weigh.Popularity)
	if err != nil {
		return scoring.Settings{}, err
	}
	persona, err := scoring.NewWeights(p.Weigh.PersonaContext, p.Weigh.PersonaPopularity)
	return scoring.Settings{
		Length: p.ListLength, ContextLength: p.ContextLength, ArtistCap: p.Rank.ArtistCap, AlbumCap: p.Rank.AlbumCap,
		Mode: max(0, slices.Index(modes, p.Mode)), Neighbours: p.Rank.Neighbours, Vectors: p.Rank.Vectors, PoolDepth: p.Rank.PoolDepth,
		Explore: float32(p.Rank.Explore), FreshFloor: float32(p.Rank.FreshFloor),
		ArtistStep: float32(p.Rank.ArtistStep), AlbumStep: float32(p.Rank.ArtistStep) / 2, SongPush: songPush, ArtistPush: artistPush,
		CoolDown: coolDown, CoolDownDays: coolDownDays, FamiliarLift: familiarLift, Kappa: float32(p.Weigh.Kappa), HabitKappa: habitKappa, CosineShare: cosineShare,
		Personal: personal, Persona: persona,
	}, err
}

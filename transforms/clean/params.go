package clean

import (
	"errors"
	"fmt"

	"segue/schemas"
	"segue/transforms/io/work"
)

// Params are the settings of stage clean.
type Params struct {
	MaxPlaylistSongs int     `json:"max_playlist_songs"` // entries kept of a playlist; more keeps longer tails and costs the square of the length in co-occurrence; default 2000
	MaxEventsADay    int     `json:"max_events_a_day"`   // events of a listener a UTC day above which all of the day are rejected; more lets louder machines in; 0 = no bound; default 2000
	MaxAtOnce        int     `json:"max_at_once"`        // plays of a listener that may sound at once; one that starts beside as many is rejected; more suits shared accounts; 0 = no bound; default 4
	MaxRejectedShare float64 `json:"max_rejected_share"` // bad records over all, of any kind and together, above which the night fails; [0,1]; default 0.05
}

// Default returns the parameters that need no thought.
func Default() Params {
	return Params{MaxPlaylistSongs: 2000, MaxEventsADay: 2000, MaxAtOnce: 4, MaxRejectedShare: 0.05}
}

// Validate reports every parameter that makes no sense.
func (p Params) Validate() error {
	var errs []error
	if p.MaxPlaylistSongs < 1 {
		errs = append(errs, fmt.Errorf("max_playlist_songs is %d: want at least 1", p.MaxPlaylistSongs))
	}
	if p.MaxEventsADay < 0 {
		errs = append(errs, fmt.Errorf("max_events_a_day is %d: want at least 0", p.MaxEventsADay))
	}
	if p.MaxAtOnce < 0 || p.MaxAtOnce > 1000 {
		errs = append(errs, fmt.Errorf("max_at_once is %d: want 0 to 1000", p.MaxAtOnce))
	}
	if !(p.MaxRejectedShare >= 0 && p.MaxRejectedShare <= 1) {
		errs = append(errs, fmt.Errorf("max_rejected_share is %v: want 0 to 1", p.MaxRejectedShare))
	}
	return errors.Join(errs...)
}

// Stage returns the stage with these parameters; 1 playlist in holdOut is kept away from training, none when it is 0.
func Stage(p Params, holdOut int) work.Stage { return stageOf(p, holdOut, bucketBytes) }

// layout is the version of the files that clean hands on, and from phase to phase: with another one a run that an older program began is
// not gone on with.
const layout = 3

func stageOf(p Params, holdOut int, bytes int64) work.Stage {
	type decides struct {
		Params
		HoldOut int `json:"holdout"`
		Layout  int `json:"layout"`
	}
	return work.Stage{
		Name:   "clean",
		Reads:  []string{schemas.LandingPlaylists, schemas.LandingSongs, schemas.LandingUsers, schemas.LandingPlays, schemas.LandingRejected},
		Writes: []string{schemas.WorkPlaylists, schemas.WorkPlays, schemas.WorkListeners, schemas.TableSongs, schemas.TableRejected},
		Params: decides{p, holdOut, layout},
		Run:    runner{p, holdOut, bytes}.run,
	}
}

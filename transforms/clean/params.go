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
	HoldOut          int     `json:"hold_out"`           // 1 playlist in so many is kept away from training, for evaluate; more means fewer; 0 = none; default 50
	MaxRejectedShare float64 `json:"max_rejected_share"` // bad records over all, of any kind and together, above which the night fails; [0,1]; default 0.05
}

// Default returns the parameters that need no thought.
func Default() Params {
	return Params{MaxPlaylistSongs: 2000, HoldOut: 50, MaxRejectedShare: 0.05}
}

// Validate reports every parameter that makes no sense.
func (p Params) Validate() error {
	var errs []error
	if p.MaxPlaylistSongs < 1 {
		errs = append(errs, fmt.Errorf("max_playlist_songs is %d: want at least 1", p.MaxPlaylistSongs))
	}
	if p.HoldOut < 0 || p.HoldOut == 1 {
		errs = append(errs, fmt.Errorf("hold_out is %d: want 0 for none or at least 2", p.HoldOut))
	}
	if !(p.MaxRejectedShare >= 0 && p.MaxRejectedShare <= 1) {
		errs = append(errs, fmt.Errorf("max_rejected_share is %v: want 0 to 1", p.MaxRejectedShare))
	}
	return errors.Join(errs...)
}

// Stage returns the stage with these parameters.
func Stage(p Params) work.Stage { return stageOf(p, bucketBytes) }

func stageOf(p Params, bytes int64) work.Stage {
	return work.Stage{
		Name:   "clean",
		Reads:  []string{schemas.LandingPlaylists, schemas.LandingSongs, schemas.LandingUsers, schemas.LandingPlays, schemas.LandingRejected},
		Writes: []string{schemas.WorkPlaylists, schemas.WorkPlays, schemas.WorkListeners, schemas.TableSongs, schemas.TableRejected},
		Params: p,
		Run:    runner{p, bytes}.run,
	}
}

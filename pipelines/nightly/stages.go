package nightly

import (
	"errors"
	"fmt"

	"segue/transforms/algo/localtime"
	"segue/transforms/charts"
	"segue/transforms/clean"
	"segue/transforms/embed"
	"segue/transforms/evaluate"
	"segue/transforms/gate"
	"segue/transforms/io/work"
	"segue/transforms/listens"
	"segue/transforms/matrix"
	"segue/transforms/moods"
	"segue/transforms/neighbours"
	"segue/transforms/parity"
	"segue/transforms/preferences"
	"segue/transforms/profiles"
	"segue/transforms/publish"
	"segue/transforms/recommend"
	"segue/transforms/sessions"
)

// Params holds the parameters of every stage, under the stage's name.
type Params struct {
	Clean       clean.Params       `json:"clean"`
	Sessions    sessions.Params    `json:"sessions"`
	Parity      parity.Params      `json:"parity"`
	Matrix      matrix.Params      `json:"matrix"`
	Embed       embed.Params       `json:"embed"`
	Neighbours  neighbours.Params  `json:"neighbours"`
	Moods       moods.Params       `json:"moods"`
	Preferences preferences.Params `json:"preferences"`
	Charts      charts.Params      `json:"charts"`
	Profiles    profiles.Params    `json:"profiles"`
	Recommend   recommend.Params   `json:"recommend"`
	Evaluate    evaluate.Params    `json:"evaluate"`
	Gate        gate.Params        `json:"gate"`
	DayParts    localtime.DayHours `json:"day_parts"` // the local hours at which the parts of a day begin, for charts, profiles, recommend and evaluate
}

// Default returns the parameters that need no thought.
func Default() Params {
	return Params{
		Clean: clean.Default(), Sessions: sessions.Default(), Parity: parity.Default(), Matrix: matrix.Default(), Embed: embed.Default(),
		Neighbours: neighbours.Default(), Moods: moods.Default(), Preferences: preferences.Default(), Charts: charts.Default(),
		Profiles: profiles.Default(), Recommend: recommend.Default(), Evaluate: evaluate.Default(), Gate: gate.Default(), DayParts: localtime.UsualHours(),
	}
}

// Stages returns the night in order: each reads what those above it wrote.
func Stages(p Params) []work.Stage {
	return []work.Stage{
		clean.Stage(p.Clean, p.Evaluate.HoldOut),            // landing → playlists, plays by listener, songs, rejected
		sessions.Stage(p.Sessions),                          // plays → listening sessions
		parity.Stage(p.Parity),                              // archive of the live job → does it equal the live job's features
		listens.Stage(),                                     // plays → what each listener did with each song on each day
		matrix.Stage(p.Matrix),                              // playlists → sparse playlist × song matrix
		embed.Stage(p.Embed),                                // matrix → song vectors
		neighbours.Stage(p.Neighbours),                      // matrix, vectors → most similar songs
		moods.Stage(p.Moods),                                // tags, titles, neighbours → moods of songs
		preferences.Stage(p.Preferences),                    // listens → moods by local hour and device, devices and places
		charts.Stage(p.Charts, p.DayParts),                  // listens → charts by country, lists by genre and context
		profiles.Stage(p.Profiles, p.DayParts),              // listens, listeners, songs, vectors → tastes
		recommend.Stage(p.Recommend, p.DayParts),            // profiles, neighbours, charts → lists with reasons
		evaluate.Stage(p.Evaluate, p.DayParts),              // held-out playlists → quality beside baselines
		gate.Stage(p.Gate, p.Neighbours.PopularityExponent), // tables, last night → may it become current
		publish.Stage(),                                     // tables → manifest → current
	}
}

// Validate reports every parameter that makes no sense, under its stage's name.
func (p Params) Validate() error {
	var errs []error
	check := func(stage string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", stage, err))
		}
	}
	check("clean", p.Clean.Validate())
	check("sessions", p.Sessions.Validate())
	check("parity", p.Parity.Validate())
	check("matrix", p.Matrix.Validate())
	check("embed", p.Embed.Validate())
	check("neighbours", p.Neighbours.Validate())
	check("moods", p.Moods.Validate())
	check("preferences", p.Preferences.Validate())
	check("charts", p.Charts.Validate())
	check("profiles", p.Profiles.Validate())
	check("recommend", p.Recommend.Validate())
	check("evaluate", p.Evaluate.Validate())
	check("gate", p.Gate.Validate())
	check("day_parts", p.DayParts.Validate())
	return errors.Join(errs...)
}

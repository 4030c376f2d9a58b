package nightly

import (
	"cmp"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// landed is what a night reads of landing, in MiB: what stages take grows with it.
type landed struct {
	playlists float64 // and songs; plays where there are no playlists, for then sessions serve as such
	plays     float64
	users     float64
}

func landedOf(files map[string][]lake.FileRef) landed {
	mib := func(folder string) float64 { return float64(bytesOf(files[folder])) / (1 << 20) }
	l := landed{playlists: mib(schemas.LandingPlaylists), plays: mib(schemas.LandingPlays), users: mib(schemas.LandingUsers)}
	if l.playlists == 0 {
		l.playlists = l.plays
	}
	l.playlists += mib(schemas.LandingSongs)
	return l
}

// rate is how much of something a stage takes in any case, and for each MiB that landed.
type rate struct{ base, playlists, plays, users float64 }

func (r rate) of(l landed) float64 {
	return r.base + r.playlists*l.playlists + r.plays*l.plays + r.users*l.users
}

// stageRates is what a stage takes: time in seconds, files written and resident memory in MiB.
type stageRates struct{ seconds, written, peak rate }

// typical returns what the night takes by typicalRates. Files and bytes read are not known.
func (n *night) typical() []StageForecast {
	l, stages := landedOf(n.landing), make([]StageForecast, len(n.stages))
	for i, st := range n.stages {
		r := typicalRates[st.Name]
		stages[i] = StageForecast{
			Stage: st.Name, Seconds: r.seconds.of(l), Written: int64(r.written.of(l) * (1 << 20)),
			Peak: min(int64(r.peak.of(l)*(1<<20)), cmp.Or(n.Memory, work.DefaultMemory)),
		}
	}
	return stages
}

package nightly

import (
	"segue/schemas"
	"segue/transforms/evaluate"
)

// Protocol trains and measures on playlists alone, in memory, without a lake: a tenth of them tests, three salts, pooled.
// p holds the night's parameters, of which those of embed and of neighbours count; hogwild is measured by blocks; artists names the first artist of a
// song. Cost: three trainings, one after the other.
func Protocol(playlists []schemas.Playlist, artists map[string]string, p Params) (evaluate.Report, error) {
	o := evaluate.DefaultProtocol()
	o.Recipe = recipeOf(p)
	return evaluate.Protocol(playlists, artists, o)
}

// ProtocolMetrics returns the names of what Protocol measures.
func ProtocolMetrics() []string { return evaluate.ProtocolMetrics() }

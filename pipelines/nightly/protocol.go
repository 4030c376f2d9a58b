package nightly

import (
	"segue/schemas"
	"segue/transforms/evaluate"
)

// Protocol trains and measures on playlists alone, in memory, without a lake: a tenth of them tests, three salts, pooled.
// artists names the first artist of a song. Cost: three trainings, one after the other.
func Protocol(playlists []schemas.Playlist, artists map[string]string) (evaluate.Report, error) {
	return evaluate.Protocol(playlists, artists, evaluate.DefaultProtocol())
}

package traffic

import (
	"bytes"
	"math/rand/v2"
)

// noDamage marks a sound record; others index damages.
const noDamage = -1

// Damages that record treats by themselves, and the one that is rare because it is large.
const (
	tombstone  = 0
	withoutKey = 1
	huge       = 2
)

// damages are the ways a record can be broken.
var damages = []func(*Record, *value){
	tombstone:  func(*Record, *value) {},
	withoutKey: func(r *Record, _ *value) { r.Key = nil },
	huge:       func(r *Record, _ *value) { r.Value = bytes.Repeat([]byte("x"), 1_000_000-len(r.Key)) },
	3:          func(r *Record, _ *value) { r.Value = []byte("play it again") },
	4: func(r *Record, v *value) {
		r.Value = bytes.Replace(encode(v), []byte(`"started_at":"`), []byte(`"started_at":["`), 1)
	},
	5:  func(_ *Record, v *value) { v.UserID = "" },
	6:  func(_ *Record, v *value) { v.StartedAt = "0001-01-01T00:00:00Z" },
	7:  func(_ *Record, v *value) { v.StartedAt = "3000-01-01T00:00:00Z" },
	8:  func(_ *Record, v *value) { v.MsPlayed = new(int64(-5)) },
	9:  func(r *Record, v *value) { r.Value = bytes.Replace(encode(v), []byte(`"v":1`), []byte(`"v":"one"`), 1) },
	10: func(_ *Record, v *value) { v.Kind = "hum" },
}

// pick draws a damage; the one of a megabyte once in a thousand.
func pick(r *rand.Rand) int {
	n := r.IntN(len(damages) - 1)
	if r.IntN(1000) == 0 {
		return huge
	}
	if n >= huge {
		n++
	}
	return n
}

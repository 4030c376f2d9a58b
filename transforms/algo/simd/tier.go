package simd

import (
	"log/slog"
	"os"
	"slices"
)

// level orders the tiers; a processor that has one has those below.
type level int

const (
	plain level = iota
	avx2
	avx512
)

var names = []string{"go", "avx2", "avx512"}

// EnvTier names the environment variable that lowers the tier to avx512, avx2 or go; it never raises it. Read once, at start.
const EnvTier = "SEGUE_SIMD"

// active is the tier in use; vnni tells whether it has VPDPBUSD. Both are set once before main and by tests.
var active, vnni = choose(os.Getenv(EnvTier))

// choose returns the best tier of this processor, or the one asked for if that is lower. A name it does not know is ignored
// with a warning: a wrong word in the environment costs speed or nothing, never a night.
func choose(want string) (level, bool) {
	best, hasVNNI := detect()
	if want != "" {
		switch i := slices.Index(names, want); {
		case i < 0:
			slog.Warn("unknown kernel tier ignored", "variable", EnvTier, "value", want, "known", names)
		case level(i) > best:
			slog.Warn("kernel tier not on this processor", "variable", EnvTier, "value", want, "used", names[best])
		default:
			best = level(i)
		}
	}
	return best, hasVNNI && best == avx512
}

// Tier returns the name of the kernels in use: avx512, avx2 or go. Results of one tier are the same bytes on every machine.
func Tier() string { return names[active] }

// FastI8 reports whether the int8 tiles use VNNI. Without it they give the same integers, but more slowly than the float32 tile.
func FastI8() bool { return vnni }

package schemas

import (
	"encoding/binary"
	"hash/fnv"
)

// holdOutSalt is fixed for ever: a playlist held out once is held out every night.
const holdOutSalt = "segue/hold-out/1:"

// Bucket returns fnv32a(id) mod n: the bucket of a listener or song among n ≥ 1.
func Bucket(id string, n int) int {
	h := fnv.New32a()
	h.Write([]byte(id))
	return int(h.Sum32() % uint32(n))
}

// HeldOut reports whether a playlist is kept away from training: 1 in oneIn of them; none when oneIn is 0.
func HeldOut(playlistID string, oneIn int) bool {
	return oneIn > 0 && Hash64(0, holdOutSalt, playlistID)%uint64(oneIn) == 0
}

// fitFrom is how many playlists must be held out for half of them to fit parameters.
const fitFrom = 400

// ForFit reports whether one of so many held-out playlists fits parameters; the others measure, and no playlist does both. Where
// few are held out, all of them measure.
func ForFit(playlistID string, heldOut int64) bool {
	return MayFit(heldOut) && Hash64(0, "fit", playlistID)&1 == 0
}

// MayFit reports whether some of so many held-out playlists fit parameters.
func MayFit(heldOut int64) bool { return heldOut >= fitFrom }

// Hash64 returns a well-mixed 64-bit hash of the parts under a seed, the same on every machine and release.
func Hash64(seed uint64, parts ...string) uint64 {
	h := fnv.New64a()
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], seed)
	h.Write(b[:])
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0xff})
	}
	return mix(h.Sum64())
}

// mix is the finaliser of SplitMix64: FNV's low bits alone are not uniform enough to take a modulus of.
func mix(x uint64) uint64 {
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

package evaluate

import (
	"cmp"
	"crypto/sha1"
	"encoding/hex"
	"slices"

	"segue/schemas"
)

// split is the protocol's cut of one salt: training and test playlists over a vocabulary sorted by id.
type split struct {
	vocabulary []string
	train      [][]int32 // every playlist's vocabulary songs, once each, in order; empty ones left out
	cases      []Case
}

// newSplit orders playlists by the hex of sha1(salt + playlist_id); the first ⌊share·P⌋ are the test part.
func newSplit(playlists []schemas.Playlist, salt string, share float64) split {
	type hashed struct {
		hash string
		i    int
	}
	order := make([]hashed, len(playlists))
	for i, p := range playlists {
		sum := sha1.Sum([]byte(salt + p.PlaylistID))
		order[i] = hashed{hex.EncodeToString(sum[:]), i}
	}
	slices.SortFunc(order, func(a, b hashed) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.i, b.i)) })
	cut := int(share * float64(len(playlists)))
	count := map[string]int{}
	for _, h := range order[cut:] {
		for _, s := range once(playlists[h.i].Songs) {
			count[s]++
		}
	}
	s := split{}
	for id, n := range count {
		if n >= minCount {
			s.vocabulary = append(s.vocabulary, id)
		}
	}
	slices.Sort(s.vocabulary)
	for i, h := range order {
		songs := s.columns(playlists[h.i].Songs)
		if i >= cut && len(songs) > 0 {
			s.train = append(s.train, songs)
		} else if c, ok := NewCase(songs); i < cut && ok {
			s.cases = append(s.cases, c)
		}
	}
	return s
}

// columns returns the vocabulary songs of a playlist, once each, in order.
func (s split) columns(songs []string) []int32 {
	var out []int32
	for _, id := range once(songs) {
		if i, ok := slices.BinarySearch(s.vocabulary, id); ok {
			out = append(out, int32(i))
		}
	}
	return out
}

func once(songs []string) []string {
	seen := make(map[string]bool, len(songs))
	var out []string
	for _, s := range songs {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// artists numbers the first artist of every vocabulary song, -1 = unknown.
func (s split) artists(byID map[string]string) []int32 {
	numbers := map[string]int32{}
	out := make([]int32, len(s.vocabulary))
	for i, id := range s.vocabulary {
		name := byID[id]
		n, ok := numbers[name]
		if !ok && name != "" {
			n = int32(len(numbers))
			numbers[name] = n
		}
		if out[i] = n; name == "" {
			out[i] = -1
		}
	}
	return out
}

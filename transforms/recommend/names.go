package recommend

import "hash/maphash"

// names finds songs by their ids.
type names struct {
	ids   []string // ascending
	slots []int32  // 1 + song by hash of the id, linear probing; 0 = free
	seed  maphash.Seed
}

// newNames indexes ids. Cost: 8 to 16 bytes an id.
func newNames(ids []string) names {
	size := 2
	for size < 2*len(ids) {
		size *= 2
	}
	n := names{ids, make([]int32, size), maphash.MakeSeed()}
	for song, id := range ids {
		at := n.at(id)
		for n.slots[at] != 0 {
			at = (at + 1) & (size - 1)
		}
		n.slots[at] = int32(song + 1)
	}
	return n
}

// at returns where the search for an id begins.
func (n *names) at(id string) int {
	return int(maphash.String(n.seed, id) & uint64(len(n.slots)-1))
}

// find returns the song of an id.
func (n *names) find(id string) (int32, bool) {
	for at := n.at(id); n.slots[at] != 0; at = (at + 1) & (len(n.slots) - 1) {
		if song := n.slots[at] - 1; n.ids[song] == id {
			return song, true
		}
	}
	return 0, false
}

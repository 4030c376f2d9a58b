package scoring

import "encoding/binary"

// fact is what making lists reads of one song, side by side: half a cache line instead of eight.
type fact struct {
	artist, album, group, market int32
	set                          int32 // its classes, by their number in packed.sets
	sure, log                    float32
	step                         float32 // cosine that one unit of its rounded vector is worth; 0 = no vector
}

// pack puts what is known of every song side by side, numbers the sets of classes, which many songs share, and rounds vectors and centres.
func (m *Model) pack() packed {
	n, c := len(m.LogCount), &m.Catalogue
	p := packed{facts: make([]fact, n), vectors: m.Vectors.round(n)}
	numbers, key := map[string]int32{}, []byte(nil)
	for i := range n {
		key = key[:0]
		classes := c.Classes[c.ClassStart[i]:c.ClassStart[i+1]]
		for _, k := range classes {
			key = binary.LittleEndian.AppendUint32(key, uint32(k))
		}
		set, ok := numbers[string(key)]
		if !ok {
			set = int32(len(p.sets))
			numbers[string(key)], p.sets = set, append(p.sets, classes)
		}
		p.facts[i] = fact{c.Artist[i], c.Album[i], c.Group[i], c.Market[i], set, c.Sure[i], m.LogCount[i], p.vectors.step[i]}
	}
	if p.vectors.width > 0 {
		centres := Vectors{m.Inverted.Centres, m.Vectors.Dim}
		p.centres = centres.round(len(centres.Data) / centres.Dim)
	}
	return p
}

// packed is a model as lists read it.
type packed struct {
	facts            []fact
	sets             [][]int32 // the classes of songs, in their order
	vectors, centres rounded
}

// Pack prepares the model for many scratches; called once, when catalogue, counts and vectors are complete.
//
// Cost: 32 bytes a song, and one a dimension, 32 at a time.
func (m *Model) Pack() { m.packed = m.pack() }

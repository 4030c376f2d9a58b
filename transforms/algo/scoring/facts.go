package scoring

// fact is what making lists reads of one song, side by side: half a cache line instead of eight.
type fact struct {
	artist, album, group, market int32
	from                         int32 // its classes in Catalogue.Classes, up to those of the next fact
	sure, log                    float32
	step                         float32 // cosine that one unit of its rounded vector is worth; 0 = no vector
}

// pack puts what is known of every song side by side, and one fact behind the last, and rounds vectors and centres.
func (m *Model) pack() packed {
	n, c := len(m.LogCount), &m.Catalogue
	p := packed{facts: make([]fact, n+1), vectors: m.Vectors.round(n)}
	for i := range n {
		p.facts[i] = fact{c.Artist[i], c.Album[i], c.Group[i], c.Market[i], c.ClassStart[i], c.Sure[i], m.LogCount[i], p.vectors.step[i]}
	}
	p.facts[n].from = c.ClassStart[n]
	if p.vectors.width > 0 {
		centres := Vectors{m.Inverted.Centres, m.Vectors.Dim}
		p.centres = centres.round(len(centres.Data) / centres.Dim)
	}
	return p
}

// packed is a model as lists read it.
type packed struct {
	facts            []fact
	vectors, centres rounded
}

// Pack prepares the model for many scratches; called once, when catalogue, counts and vectors are complete.
//
// Cost: 32 bytes a song, and one a dimension, 32 at a time.
func (m *Model) Pack() { m.packed = m.pack() }

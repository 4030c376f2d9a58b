package scoring

// fact is what making lists reads of one song, side by side: half a cache line instead of eight.
type fact struct {
	artist, album, group, market int32
	from                         int32 // its classes in Catalogue.Classes, up to those of the next fact
	sure, log                    float32
	step                         float32 // cosine that one unit of its rounded vector is worth; 0 = no vector
}

// pack puts what is known of every song side by side, and one fact behind the last, and rounds the vectors.
func (m *Model) pack() ([]fact, rounded) {
	n, c := len(m.LogCount), &m.Catalogue
	out := make([]fact, n+1)
	vectors, step := m.Vectors.round(n)
	for i := range n {
		out[i] = fact{c.Artist[i], c.Album[i], c.Group[i], c.Market[i], c.ClassStart[i], c.Sure[i], m.LogCount[i], step[i]}
	}
	out[n].from = c.ClassStart[n]
	return out, vectors
}

// Pack prepares the model for many scratches; called once, when catalogue, counts and vectors are complete.
//
// Cost: 32 bytes a song, and one a dimension, 32 at a time.
func (m *Model) Pack() { m.facts, m.rounded = m.pack() }

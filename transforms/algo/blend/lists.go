package blend

// Part holds the joined lists of a block of songs: that of its song i is the entries Start[i] to Start[i+1].
type Part struct {
	Start  []int32 // [songs+1]
	Songs  []int32 // by score falling, ties by song
	Scores []float32
}

// Lists are the joined lists of all songs, by block.
type Lists []Part

// Of returns the neighbours of a song and their scores; none of a song that is not there.
func (l Lists) Of(song int32) (songs []int32, scores []float32) {
	if at := l.StartOf(song); at != nil {
		p := &l[uint32(song)/BlockSongs]
		songs, scores = p.Songs[at[0]:at[1]], p.Scores[at[0]:at[1]]
	}
	return songs, scores
}

// StartOf returns where the list of a song begins and ends in its part, to be asked for before its turn; nil of a song that is not there.
func (l Lists) StartOf(song int32) []int32 {
	b, i := uint(uint32(song))/BlockSongs, int(uint32(song)%BlockSongs) // below 0 is a block that nobody has
	if b >= uint(len(l)) || i+1 >= len(l[b].Start) {
		return nil
	}
	return l[b].Start[i : i+2]
}

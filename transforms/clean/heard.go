package clean

import (
	"context"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// heard is who played what in a user bucket.
type heard struct {
	index   *index
	numbers map[string]int32 // of listeners, also of those who only liked
	songs   [][]int32        // of the plays of each listener, by number
}

// read adds files of clean plays, whose rows come by listener.
func (h *heard) read(ctx context.Context, s lake.Store, refs []lake.FileRef) error {
	c := make([]parquetio.Values, 3)
	for _, ref := range refs {
		for g, err := range parquetio.Groups(ctx, s, ref) {
			if err == nil {
				err = g.LoadAll(ctx, []string{"user_id", "song_id", "kind"}, c)
			}
			if err == nil {
				err = h.add(&c[0], &c[1], &c[2])
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// add adds the rows of a row group. The index is asked once for each text of it.
func (h *heard) add(users, songs, kinds *parquetio.Values) error {
	dense, last, at := make([]int32, len(songs.Names)), int32(-1), int32(0)
	for row, user := range users.Codes {
		if user != last {
			last, at = user, h.number(users.Names[user])
		}
		text := songs.Codes[row]
		if dense[text] == 0 {
			song, err := h.index.song(songs.Names[text])
			if err != nil {
				return err
			}
			dense[text] = song + 1
		}
		if kinds.Text(row) == schemas.KindPlay {
			h.songs[at] = append(h.songs[at], dense[text]-1)
		}
	}
	return nil
}

// number returns the number of a listener, the next one for a new listener.
func (h *heard) number(user string) int32 {
	n, ok := h.numbers[user]
	if !ok {
		n = int32(len(h.songs))
		h.numbers[user], h.songs = n, append(h.songs, nil)
	}
	return n
}

// counts returns the plays and listeners of each song that was played, by song.
func (h *heard) counts() []countRow {
	type sum struct {
		plays           int64
		last, listeners int32 // last is the number of the last listener, from 1
	}
	sums := make([]sum, len(h.index.durations))
	for user, songs := range h.songs {
		for _, song := range songs {
			s := &sums[song]
			s.plays++
			if s.last != int32(user+1) {
				s.last, s.listeners = int32(user+1), s.listeners+1
			}
		}
	}
	var rows []countRow
	for song, s := range sums {
		if s.plays > 0 {
			rows = append(rows, countRow{Song: int32(song), Plays: s.plays, Listeners: int64(s.listeners)})
		}
	}
	return rows
}

package clean

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[numbersFn, work.Collect[dense], wordsItem, dense, []dense]()
}

// playlistsSplitFn is the split of playlists: those with an id and a song are used. Songs are judged and numbered by the dictionaries of the
// input, so that an entry costs a look into a table.
type playlistsSplitFn struct{ MaxSongs, Buckets, SongBuckets int }

func (f playlistsSplitFn) buckets() (rows, songs int) { return f.Buckets, f.SongBuckets }

// Do returns the references of what it wrote.
func (f playlistsSplitFn) Do(ctx context.Context, env *work.Env, p part) ([]work.Keyed[splitOut], error) {
	l := listSplitter{f: f, splitter: newSplitter[numberedPlaylist](env, playlists, p, f.Buckets, f.SongBuckets), numbers: map[string]int32{}}
	defer l.abort()
	for _, ref := range p.Files {
		l.key, l.position = ref.Key, 0
		for g, err := range parquetio.Groups(ctx, env.Lake, ref) {
			if err == nil {
				err = l.takeGroup(ctx, g, p)
			}
			if err != nil {
				return nil, fmt.Errorf("read landing playlists: %w", err)
			}
		}
	}
	words, err := l.writeWords(ctx, env, p)
	if err != nil {
		return nil, err
	}
	l.words = &words
	return l.close(ctx)
}

// listSplitter is a part of playlists at work.
type listSplitter struct {
	f playlistsSplitFn
	*splitter[numberedPlaylist]
	key      string // of the file
	position int64  // in it

	numbers map[string]int32
	names   []string // by number
	songs   parquetio.TextLists
	code    []int32 // number of a text of songs; below 0: one of the constants
}

// What a text of a row group is that has no number.
const (
	unmet   = -1 // by a playlist that is used
	empty   = -2
	invalid = -3 // no UTF-8
	long    = -4 // over schemas.MaxID
)

// head is a playlist without its songs.
type head struct {
	PlaylistID string     `parquet:"playlist_id,plain"`
	OwnerID    string     `parquet:"owner_id,dict"`
	Name       string     `parquet:"name,plain"`
	ModifiedAt *time.Time `parquet:"modified_at,optional,timestamp(microsecond)"`
	Followers  *int64     `parquet:"followers,optional,plain"`
}

// takeGroup takes the playlists of a row group that is of the part.
func (l *listSplitter) takeGroup(ctx context.Context, g *parquetio.Group, p part) error {
	if !p.holds(g.Place()) {
		l.position += int64(g.Rows())
		return nil
	}
	if err := g.LoadTextLists(ctx, "songs", &l.songs); err != nil {
		return err
	}
	l.code = l.code[:0]
	for _, text := range l.songs.Names {
		switch {
		case !utf8.ValidString(text):
			l.code = append(l.code, invalid)
		case blank(text):
			l.code = append(l.code, empty)
		case tooLong(text):
			l.code = append(l.code, long)
		default:
			l.code = append(l.code, unmet)
		}
	}
	row := 0
	for h, err := range parquetio.RowsOf[head](ctx, g) {
		if err == nil {
			err = l.take(ctx, h, l.songs.Row(row))
		}
		if err != nil {
			return err
		}
		row++
	}
	return nil
}

func (l *listSplitter) take(ctx context.Context, h head, codes []int32) error {
	l.position++
	used, v := l.check(h, codes)
	p := numberedPlaylist{h.PlaylistID, h.OwnerID, h.Name, h.ModifiedAt, h.Followers, nil}
	record := placed[schemas.Playlist]{Source: l.key, Position: l.position}
	if v.Reason != "" || v.Cut {
		songs := make([]string, len(codes))
		for i, code := range codes {
			songs[i] = l.songs.Names[code]
		}
		record.Row = p.playlist(songs)
	}
	if ok, err := judge(ctx, l.splitter, &record, v); !ok {
		return err
	}
	p.Songs = make([]int32, 0, used)
	for _, code := range codes {
		if l.code[code] == empty {
			continue
		}
		if len(p.Songs) == used {
			break
		}
		if l.code[code] == unmet {
			l.code[code] = l.number(l.songs.Names[code])
		}
		p.Songs = append(p.Songs, l.code[code])
	}
	return l.put(ctx, p.PlaylistID, &placed[numberedPlaylist]{p, l.key, l.position})
}

// check returns how many entries of a playlist are used, and the verdict.
func (l *listSplitter) check(h head, codes []int32) (used int, v verdict) {
	valid, fits := utf8Strings(h.PlaylistID, h.OwnerID, h.Name), !tooLong(h.PlaylistID)
	for _, code := range codes {
		valid, fits = valid && l.code[code] != invalid, fits && l.code[code] != long
		if l.code[code] != empty {
			used++
		}
	}
	switch {
	case !valid:
		return 0, verdict{Reason: schemas.ReasonInvalidUTF8}
	case blank(h.PlaylistID):
		return 0, verdict{Reason: schemas.ReasonMissingID}
	case !fits:
		return 0, verdict{Reason: schemas.ReasonLongID}
	case used == 0:
		return 0, verdict{Reason: schemas.ReasonEmptyPlaylist}
	}
	return min(used, l.f.MaxSongs), verdict{Dropped: int64(len(codes) - used), Cut: used > l.f.MaxSongs}
}

// number returns the number of a song in the part.
func (l *listSplitter) number(id string) int32 {
	n, ok := l.numbers[id]
	if !ok {
		n = int32(len(l.names))
		l.numbers[id], l.names = n, append(l.names, id)
	}
	return n
}

// writeWords writes the ids of the part by number, and into the segments of songs.
func (l *listSplitter) writeWords(ctx context.Context, env *work.Env, p part) (lake.FileRef, error) {
	rows := make([]indexRow, len(l.names))
	for i, id := range l.names {
		rows[i].SongID = id
		if err := l.putSong(ctx, id); err != nil {
			return lake.FileRef{}, err
		}
	}
	return parquetio.WriteAll(ctx, env.Lake, env.File("playlists-words", p.name(), ".parquet"), segmentMeta(), rows)
}

// wordsItem is the words of a part of playlists.
type wordsItem struct {
	Words, Index lake.FileRef
	Number       int
}

// dense is the dense index of each number of a part.
type dense struct {
	Words string // key of the words
	Songs lake.FileRef
}

// numbersFn finds the words of a part in the index.
type numbersFn struct{}

// Do writes the dense index of every number.
func (numbersFn) Do(ctx context.Context, env *work.Env, item wordsItem) ([]work.Keyed[dense], error) {
	x, err := openIndex(ctx, env.Lake, item.Index)
	if err != nil {
		return nil, err
	}
	rows := make([]denseRow, 0, item.Words.Rows)
	for word, err := range parquetio.Read[indexRow](ctx, env.Lake, item.Words) {
		if err != nil {
			return nil, err
		}
		song, err := x.song(word.SongID)
		if err != nil {
			return nil, err
		}
		rows = append(rows, denseRow{song})
	}
	name := fmt.Sprintf("%04d", item.Number)
	ref, err := parquetio.WriteAll(ctx, env.Lake, env.File("playlists-dense", name, ".parquet"), segmentMeta(), rows)
	return []work.Keyed[dense]{{Key: name, Value: dense{item.Words.Key, ref}}}, err
}

// numbered returns one work item a bucket of playlists, whose segments have their numbers resolved.
func (n *night) numbered(lists cut, index lake.FileRef) []bucketItem {
	var words []wordsItem
	met := map[string]bool{}
	for _, refs := range lists.words {
		for _, ref := range refs {
			if !met[ref.Key] {
				met[ref.Key], words = true, append(words, wordsItem{ref, index, len(words)})
			}
		}
	}
	songs := map[string]lake.FileRef{}
	for _, d := range phase(n, "numbers", words, numbersFn{}) {
		songs[d.Words] = d.Songs
	}
	out := items(lists.rows, nil, index)
	for b := range out {
		for _, ref := range lists.words[b] {
			out[b].Others = append(out[b].Others, songs[ref.Key])
		}
	}
	return out
}

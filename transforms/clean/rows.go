package clean

import (
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

// placed is a landing row with where it stood.
type placed[T any] struct {
	Row      T      `parquet:"row"`
	Source   string `parquet:"source,dict"`
	Position int64  `parquet:"position,plain"` // row within Source, from 1
}

// indexRow is one song of the index; its row number is the dense index.
type indexRow struct {
	SongID     string `parquet:"song_id,plain"`
	DurationMs *int64 `parquet:"duration_ms,optional,plain"` // from the metadata
}

// numberedPlaylist is a playlist in a segment.
type numberedPlaylist struct {
	PlaylistID string     `parquet:"playlist_id,plain"`
	OwnerID    string     `parquet:"owner_id,dict"`
	Name       string     `parquet:"name,plain"`
	ModifiedAt *time.Time `parquet:"modified_at,optional,timestamp(microsecond)"`
	Followers  *int64     `parquet:"followers,optional,plain"`
	Songs      []int32    `parquet:"songs,list,uncompressed" parquet-element:"element,plain"` // numbers in the file of words of the part
}

// playlist returns it as the input had it, with song ids.
func (p *numberedPlaylist) playlist(songs []string) schemas.Playlist {
	return schemas.Playlist{PlaylistID: p.PlaylistID, OwnerID: p.OwnerID, Name: p.Name, ModifiedAt: p.ModifiedAt, Followers: p.Followers, Songs: songs}
}

// denseRow is the place in the index of the song whose number in a part is the row.
type denseRow struct {
	Song int32 `parquet:"song,plain,uncompressed"`
}

// headRow names one event of a day, or a listener or song of whom its plays ask something; empty = not that.
type headRow struct {
	Event  int64  `parquet:"event,plain"`  // hash of listener and event id
	Ahead  int64  `parquet:"ahead,plain"`  // start in Unix microseconds of an event after the day of its folder
	UserID string `parquet:"user_id,dict"` // listener whose zone or country a play needs
	SongID string `parquet:"song_id,dict"` // song whose duration a play needs
}

// factRow answers what a day asks of other data; empty = not that.
type factRow struct {
	Repeated   int64  `parquet:"repeated,plain"` // hash of an event that an earlier day has
	UserID     string `parquet:"user_id,plain"`
	TimeZone   string `parquet:"time_zone,dict"`
	Country    string `parquet:"country,dict"`
	SongID     string `parquet:"song_id,plain"`
	DurationMs int64  `parquet:"duration_ms,plain"`
}

// countRow counts one song in one bucket.
type countRow struct {
	Song      int32 `parquet:"song,plain"`
	Playlists int64 `parquet:"playlists,plain"`
	Plays     int64 `parquet:"plays,plain"`
	Listeners int64 `parquet:"listeners,plain"`
}

// segmentRows keeps the buffers of many segments open at once small.
const segmentRows = 16 << 10

// tableRows is the row group of files that are scanned.
const tableRows = 256 << 10

// segmentMeta names no run: kept segments serve many.
func segmentMeta() parquetio.Meta {
	return parquetio.Meta{Table: "clean_segment", SchemaVersion: 1, RowGroupRows: segmentRows, Working: true}
}

func workMeta(env *work.Env, name string, sortedBy ...string) parquetio.Meta {
	return parquetio.Meta{RunID: env.Run, Table: name, SchemaVersion: 1, SortedBy: sortedBy, RowGroupRows: tableRows, Working: true}
}

func tableMeta(env *work.Env, name string) parquetio.Meta {
	t, _ := schemas.FindTable(name)
	return parquetio.MetaFor(t, env.Run)
}

// files returns the references that are not nil.
func files(refs ...*lake.FileRef) []lake.FileRef {
	var out []lake.FileRef
	for _, r := range refs {
		if r != nil {
			out = append(out, *r)
		}
	}
	return out
}

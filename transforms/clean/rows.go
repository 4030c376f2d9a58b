package clean

import (
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
	return parquetio.Meta{Table: "clean_segment", SchemaVersion: 1, RowGroupRows: segmentRows}
}

func workMeta(env *work.Env, name string, sortedBy ...string) parquetio.Meta {
	return parquetio.Meta{RunID: env.Run, Table: name, SchemaVersion: 1, SortedBy: sortedBy, RowGroupRows: tableRows}
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

package importer_test

import (
	"testing"
	"time"

	"github.com/parquet-go/parquet-go/deprecated"

	"segue/schemas"
	"segue/transforms/io/importer"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

type packedPlay struct {
	User string `parquet:"user_id"`
	Song string `parquet:"song_id,lz4"`
	At   int64  `parquet:"started_at"`
}

type listPlay struct {
	User []string `parquet:"user_id"`
	Song string   `parquet:"song_id"`
	At   int64    `parquet:"started_at"`
}

type sparkPlay struct {
	User string           `parquet:"user_id"`
	Song string           `parquet:"song_id"`
	At   deprecated.Int96 `parquet:"started_at"`
}

// int96 is an instant as Spark writes it.
func int96(at time.Time) deprecated.Int96 {
	midnight := at.Truncate(24 * time.Hour)
	nanos := uint64(at.Sub(midnight))
	return deprecated.Int96{uint32(nanos), uint32(nanos >> 32), uint32(midnight.Unix()/(24*60*60) + 2_440_588)}
}

// Timestamps of Spark and Hive are times, also before 1970; one of no year is rejected.
func TestInt96(t *testing.T) {
	days := []string{"2026-01-04T23:59:59.999999Z", "1969-12-31T00:00:00Z", "1842-12-07T20:00:00.000001Z"}
	rows := []sparkPlay{{"u", "s", deprecated.Int96{0, 0, 1 << 31}}}
	for _, day := range days {
		at, err := time.Parse(time.RFC3339Nano, day)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, sparkPlay{"u", day, int96(at)})
	}
	s := newLake(t)
	report, err := importer.Import(t.Context(), s, importer.Sources{From: importer.Parquet, Plays: []string{write(t, "e.parquet", parquetOf(t, rows...))}}, importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, in := range list(t, s, schemas.LandingPlays) {
		plays, err := parquetio.ReadAll[schemas.Play](t.Context(), s, lake.FileRef{Key: in.Key, ETag: in.ETag})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range plays {
			if read++; p.SongID != p.StartedAt.UTC().Format(time.RFC3339Nano) {
				t.Errorf("%s is read as %s", p.SongID, p.StartedAt)
			}
		}
	}
	if plays := report.Kinds[len(report.Kinds)-1]; read != len(days) || plays.Kind != "plays" || plays.Rejected != 1 {
		t.Errorf("%d plays, report %+v", read, report)
	}
}

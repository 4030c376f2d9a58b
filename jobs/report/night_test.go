package report

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// hostile is a title, name and reason of other people's making.
const hostile = `<script>alert("x")</script><img src=x onerror=alert(1)>&"'</style>`

// world writes nights into a lake in memory.
type world struct {
	t    *testing.T
	lake lake.Store
}

func newWorld(t *testing.T) world {
	t.Helper()
	s, err := lake.Open(t.Context(), "mem://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return world{t, s}
}

// claim starts a run of a date.
func (w world) claim(date, previous string) string {
	w.t.Helper()
	run, err := lake.ClaimRun(w.t.Context(), w.lake, date, lake.RunInfo{
		CreatedAt: time.Unix(0, 0).UTC(), Previous: previous, Producer: hostile, Config: []byte(`{"embed":{"dim":32,"name":"` + "<b>" + `"}}`),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return run
}

// write writes one table of a run.
func write[T any](w world, run, table string, rows ...T) lake.Table {
	w.t.Helper()
	found, _ := schemas.FindTable(table)
	ref, err := parquetio.WriteAll(w.t.Context(), w.lake, lake.RunKey(run, "tables", table, "part.parquet"), parquetio.MetaFor(found, run), rows)
	if err != nil {
		w.t.Fatal(err)
	}
	return lake.Table{Name: table, Version: 1, Rows: ref.Rows, Bytes: ref.Size, Files: []lake.FileRef{ref}}
}

// tables writes every table the page reads, with hostile texts wherever text may stand.
func (w world) tables(run string) []lake.Table {
	hour, growth, rank, persona := int32(3), 0.5, int32(9), int32(2)
	low, high, figure := .4, .6, .1
	var songs []schemas.SongRow
	var vectors []schemas.SongVector
	var chart []schemas.Chart
	var lists []schemas.Recommendation
	for i := range 6 {
		id := fmt.Sprintf("s%d", i)
		songs = append(songs, schemas.SongRow{SongID: id, Title: hostile, Artists: []string{hostile}, Genres: []string{hostile}})
		vectors = append(vectors, schemas.SongVector{SongID: id, Vector: []float32{float32(i), float32(i * i % 5), 1}, Playlists: int64(i), Source: schemas.VectorFit})
		chart = append(chart, schemas.Chart{Region: schemas.World, WindowDays: 7, Rank: int32(i + 1), SongID: id, Level: schemas.World, Listeners: 5, Growth: &growth, PreviousRank: &rank})
		lists = append(lists, schemas.Recommendation{
			UserID: "anna-9f3", List: schemas.ListGeneral, Rank: int32(i + 1), SongID: id, Score: .5, Taste: .5, WTaste: .7, Tier: hostile,
			Sources: []string{hostile}, Seeds: []schemas.Reason{{SongID: "s1", Share: 1}}, Adjustments: []schemas.Adjustment{{Name: hostile, Value: -.1}}, ContextCell: hostile,
		})
	}
	return []lake.Table{
		write(w, run, schemas.TableSongs, songs...),
		write(w, run, schemas.TableSongVectors, vectors...),
		write(w, run, schemas.TableCharts, chart...),
		write(w, run, schemas.TableUserRecommendations, lists...),
		write(w, run, schemas.TableRejected, schemas.Rejected{Source: hostile, Position: 1, Reason: hostile, Record: hostile}),
		write(w, run, schemas.TablePreferencesByHour, schemas.PreferenceByHour{Region: schemas.World, Weekpart: schemas.All, Hour: &hour, Device: hostile, Kind: "mood", Value: hostile, ShrunkShare: .5, Lift: 1.5}),
		write(w, run, schemas.TablePersonas, schemas.Persona{Persona: 2, Label: hostile, Listeners: 4, Share: .5, HourShares: make([]float32, 24), Genres: []schemas.ClassLift{{Class: hostile, Lift: 2}}}),
		write(w, run, schemas.TableUserProfiles, schemas.UserProfile{UserID: "anna-9f3", Region: hostile, History: schemas.HistoryWarm, Persona: &persona, MainDevice: hostile}),
		write(w, run, schemas.TableCoverage, schemas.Coverage{Tier: hostile, Reason: hostile, Users: 3, Share: 1, Rows: 3}),
		write(w, run, schemas.TableEvaluation,
			schemas.Evaluation{Metric: "ndcg@100", Stratum: schemas.All, Method: "published", Value: .5, Low: &low, High: &high, Cases: 9},
			schemas.Evaluation{Metric: hostile, Stratum: hostile, Method: hostile, Value: .5, Cases: 9}),
		write(w, run, schemas.TableGate, schemas.GateRule{Rule: hostile, Subject: hostile, Status: schemas.GateWarn, Figure: &figure, Detail: hostile, Advice: hostile}),
	}
}

// publish writes stage records and the manifest of a run.
func (w world) publish(run string, tables []lake.Table) {
	w.t.Helper()
	date, attempt, err := lake.ParseRun(run)
	if err != nil {
		w.t.Fatal(err)
	}
	record := lake.StageRecord{Stage: hostile, Seconds: 1.5, CPUSeconds: 2.75, PeakBytes: 1 << 30, Counters: map[string]int64{"neighbours/churn_at_20_ppm": 1000}}
	record.Stage = "clean"
	if err := lake.WriteStage(w.t.Context(), w.lake, run, record); err != nil {
		w.t.Fatal(err)
	}
	if err := lake.Publish(w.t.Context(), w.lake, lake.Manifest{Run: run, Date: date, Attempt: attempt, Tables: tables, KernelTier: hostile}); err != nil {
		w.t.Fatal(err)
	}
}

// page returns the page of a run.
func (w world) page(run string, o Options) string {
	w.t.Helper()
	var b bytes.Buffer
	if err := Write(w.t.Context(), &b, w.lake, run, o); err != nil {
		w.t.Fatal(err)
	}
	return b.String()
}

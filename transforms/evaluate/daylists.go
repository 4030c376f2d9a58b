package evaluate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"segue/schemas"
	"segue/transforms/algo/memo"
	"segue/transforms/algo/metrics"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

func init() {
	work.Register[dayListsFn, work.Collect[lake.FileRef], dayFile, lake.FileRef, []lake.FileRef]()
}

// dayCase is what is measured of one listener's lists.
type dayCase struct {
	UserID  string    `parquet:"user_id,plain"`
	Hash    int64     `parquet:"hash,plain"`
	History string    `parquet:"history,dict"`
	Region  string    `parquet:"region,dict"`
	Tier    string    `parquet:"tier,dict"`                                    // of the general list
	General []float64 `parquet:"general,list" parquet-element:"element,plain"` // dayMetrics of the general list
	Popular []float64 `parquet:"popular,list" parquet-element:"element,plain"` // the same of the chart without songs the listener had met
	Context []float64 `parquet:"context,list" parquet-element:"element,plain"` // nDCG of context lists and of the general list as long, on the plays of their contexts; empty = none
}

// dayMetrics are the measures of dayCase.
var dayMetrics = []string{MetricNDCG, MetricRecall10, MetricRecall100, MetricMRR}

// contextDepth is how many songs of a context list, and of the general list beside it, are compared.
const contextDepth = 30

// dayListsFn measures the lists in one file of a release.
type dayListsFn struct {
	Shared dayShared
}

// listRow is what is read of table user_recommendations.
type listRow struct {
	UserID string `parquet:"user_id,dict"`
	List   string `parquet:"list,dict"`
	SongID string `parquet:"song_id,dict"`
	Tier   string `parquet:"tier,dict"`
}

// Do writes the cases of the file's listeners that are in the sample; nothing when none is.
func (f dayListsFn) Do(ctx context.Context, env *work.Env, item dayFile) ([]work.Keyed[lake.FileRef], error) {
	sought, err := openFollowed(ctx, env.Lake, f.Shared)
	if err != nil {
		return nil, err
	}
	var cases []dayCase
	lists, user, tier := map[string][]int32{}, "", ""
	finish := func() {
		if t := sought.listeners[user]; t != nil && len(lists[schemas.ListGeneral]) > 0 {
			cases = append(cases, sought.measure(user, tier, t, lists))
		}
	}
	for r, err := range parquetio.Read[listRow](ctx, env.Lake, item.File) {
		if err != nil {
			return nil, err
		}
		if r.UserID != user {
			finish()
			user, lists = strings.Clone(r.UserID), map[string][]int32{}
		}
		if sought.listeners[user] == nil {
			continue
		}
		if r.List == schemas.ListGeneral {
			tier = strings.Clone(r.Tier)
		}
		name := strings.Clone(r.List)
		lists[name] = append(lists[name], songOf(sought.ids, r.SongID)) // -1, which is never sought, for a song that is gone
	}
	finish()
	if len(cases) == 0 {
		return nil, nil
	}
	ref, err := parquetio.WriteAll(ctx, env.Lake, env.File("day_cases", item.Name, ".parquet"), parquetio.Meta{Table: "day_cases"}, cases)
	return []work.Keyed[lake.FileRef]{{Key: item.Name, Value: ref}}, err
}

// songOf returns the dense index of a song id, -1 when the catalogue has none.
func songOf(ids []string, id string) int32 {
	if i := sort.SearchStrings(ids, id); i < len(ids) && ids[i] == id {
		return int32(i)
	}
	return -1
}

// discovered is what one listener is known to have found.
type discovered struct {
	hash            int64
	history, region string
	songs           []int32
	byList          map[string][]int32
	known           map[int32]bool
}

// sample is the listeners of a release's sample.
type sample struct {
	ids       []string // song ids of tonight
	charts    map[string][]int32
	listeners map[string]*discovered
}

// followed keeps the sample of the running phase.
var followed memo.Last[*sample]

func openFollowed(ctx context.Context, s lake.Store, shared dayShared) (*sample, error) {
	return followed.Of(s.URL()+fmt.Sprint(shared.Truth), func() (*sample, error) {
		out := &sample{listeners: map[string]*discovered{}}
		var err error
		if out.ids, err = readIDs(ctx, s, shared.Songs); err != nil {
			return nil, err
		}
		if out.charts, err = readCharts(ctx, s, shared); err != nil {
			return nil, err
		}
		rows, err := tables.Read[playedSong](ctx, s, shared.Truth)
		for _, r := range rows {
			out.add(r)
		}
		return out, err
	})
}

func (s *sample) add(r playedSong) {
	l := s.listeners[r.UserID]
	if l == nil {
		l = &discovered{hash: r.Hash, history: r.History, region: r.Region, byList: map[string][]int32{}, known: map[int32]bool{}}
		s.listeners[r.UserID] = l
	}
	switch {
	case r.Known:
		l.known[r.Song] = true
		return
	case !slices.Contains(l.songs, r.Song):
		l.songs = append(l.songs, r.Song)
	}
	if r.List != "" {
		l.byList[r.List] = append(l.byList[r.List], r.Song)
	}
}

// measure measures the lists of one listener.
func (s *sample) measure(user, tier string, l *discovered, lists map[string][]int32) dayCase {
	c := dayCase{UserID: user, Hash: l.hash, History: l.history, Region: l.region, Tier: tier, Context: []float64{}}
	general := lists[schemas.ListGeneral]
	c.General, c.Popular = dayMeasure(general, l.songs), dayMeasure(s.chart(l), l.songs)
	var contexts, beside, n float64
	for _, name := range slices.Sorted(maps.Keys(l.byList)) {
		if songs := lists[name]; len(songs) > 0 {
			hidden := l.byList[name]
			contexts += metrics.NDCG(metrics.Hits(songs, hidden), len(hidden), contextDepth)
			beside += metrics.NDCG(metrics.Hits(general, hidden), len(hidden), contextDepth)
			n++
		}
	}
	if n > 0 {
		c.Context = []float64{contexts / n, beside / n}
	}
	return c
}

// chart returns the chart of a listener's region, else the world's, without songs the listener had met.
func (s *sample) chart(l *discovered) (out []int32) {
	songs := s.charts[l.region]
	if len(songs) == 0 {
		songs = s.charts[schemas.World]
	}
	for _, c := range songs {
		if !l.known[c] {
			out = append(out, c)
		}
	}
	return out
}

// dayMeasure returns dayMetrics of one list.
func dayMeasure(list, hidden []int32) []float64 {
	h, n := metrics.Hits(list, hidden), len(hidden)
	return []float64{metrics.NDCG(h, n, 100), metrics.Recall(h, n, 10), metrics.Recall(h, n, 100), metrics.ReciprocalRank(h)}
}

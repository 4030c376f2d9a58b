package charts

import (
	"context"
	"fmt"
	"time"

	"segue/schemas"
	"segue/transforms/algo/chart"
	"segue/transforms/algo/worth"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[recentFn, sumFn, bucket, int64, int64]()
}

// recentFn counts the plays of one bucket that lie in the window of contexts.
type recentFn struct {
	Night string // YYYY-MM-DD
}

// playTime is what the window needs of a play.
type playTime struct {
	StartedAt time.Time `parquet:"started_at,timestamp(microsecond)"`
	Kind      string    `parquet:"kind,dict"`
}

// Do returns one count.
func (f recentFn) Do(ctx context.Context, env *work.Env, item bucket) ([]work.Keyed[int64], error) {
	night, err := time.Parse(time.DateOnly, f.Night)
	if err != nil {
		return nil, fmt.Errorf("parse night: %w", err)
	}
	var n int64
	for p, err := range parquetio.Read[playTime](ctx, env.Lake, item.Plays) {
		if err != nil {
			return nil, err
		}
		if p.Kind == schemas.KindPlay && chart.Window(contextDays).Holds(worth.Age(night, p.StartedAt)) {
			n++
		}
	}
	return []work.Keyed[int64]{{Key: "plays", Value: n}}, nil
}

// sumFn adds counts.
type sumFn struct{}

// Merge returns the sum.
func (sumFn) Merge(_ context.Context, _ *work.Env, _ string, values []int64) (int64, error) {
	var sum int64
	for _, v := range values {
		sum += v
	}
	return sum, nil
}

package recommend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// ErrUnknown is returned for a listener or a song that the night does not know.
var ErrUnknown = errors.New("unknown to the night")

// ErrMadeOtherwise is returned for a run whose lists another version of this program made in another way.
var ErrMadeOtherwise = errors.New("its lists were made in another way than this version makes them")

// Finding says what became of a song on its way into a listener's general list.
type Finding struct {
	Step     string  // one of scoring's steps
	Place    int     // rank in the list, among the candidates by score, or by evidence among songs near the favourites
	Of       int     // how many that is among
	Last     float32 // score of the last row that has its rank by score
	Length   int     // rows of the list
	Reason   string  // of the list
	Other    string  // the version that is in the list
	Country  string  // of the listener
	Evidence float32
	Caps     [2]int // songs of one artist and of one album in a list
	Row      schemas.Recommendation
}

// WhyNot makes a listener's general list of a run again and follows one song. It reads what the stage read: the run's tables and
// working data. attempt names the execution of an item whose file was published.
//
// Errors: ErrUnknown; ErrMadeOtherwise; files of the run that are gone.
// Cost: the shared model, and the files of one user bucket.
func WhyNot(ctx context.Context, s lake.Store, run, attempt string, pair [2]string) (Finding, error) {
	user, song := pair[0], pair[1]
	night, err := readNight(ctx, s, run, attempt)
	if err != nil {
		return Finding{}, fmt.Errorf("read how lists of run %s were made: %w", run, err)
	}
	m, err := readModel(ctx, s, night.Shared)
	if err != nil {
		return Finding{}, err
	}
	at, ok := m.index(song)
	if !ok {
		return Finding{}, fmt.Errorf("follow song %s: %w", song, ErrUnknown)
	}
	if len(night.Items) == 0 {
		return Finding{}, fmt.Errorf("follow song %s for listener %s: %w", song, user, ErrUnknown)
	}
	item := night.Items[schemas.Bucket(user, len(night.Items))]
	made := m.scoring.Calibrated(night.Calibration)
	var found *Finding
	r := m.reader(&work.Env{Run: run, Seed: night.Seed})
	err = r.each(ctx, s, item, func(id string) bool { return id == user }, func(p *person) error {
		found = m.finding(p, made.Trace(&p.listener, made.NewScratch(), at))
		return nil
	})
	if err == nil && found == nil {
		err = fmt.Errorf("follow song %s for listener %s: %w", song, user, ErrUnknown)
	}
	if err != nil {
		return Finding{}, err
	}
	return *found, nil
}

// readNight returns what the execution of the stage kept whose name an item's file begins with.
func readNight(ctx context.Context, s lake.Store, run, attempt string) (Night, error) {
	before := lake.RunKey(run, "work", "recommend", "night-")
	infos, err := s.List(ctx, before)
	if err != nil {
		return Night{}, err
	}
	for _, in := range infos {
		if name := strings.TrimSuffix(strings.TrimPrefix(in.Key, before), ".json"); strings.HasPrefix(attempt, name) {
			if made, _, err := lake.ReadJSON[struct{ MadeBy int }](ctx, s, in.Key); err != nil || made.MadeBy != madeBy {
				return Night{}, cmp.Or(err, ErrMadeOtherwise)
			}
			night, _, err := lake.ReadJSON[Night](ctx, s, in.Key)
			return night, err
		}
	}
	return Night{}, fmt.Errorf("find %s…: %w", before, lake.ErrNotExist)
}

func (m *model) finding(p *person, t scoring.Trace) *Finding {
	f := &Finding{
		Step: t.Step, Place: t.Place, Of: t.Of, Last: t.Last, Length: len(t.List.Rows), Reason: t.List.Reason, Country: p.listener.Region,
		Evidence: t.Evidence, Caps: [2]int{m.scoring.Settings.ArtistCap, m.scoring.Settings.AlbumCap},
	}
	if t.Other >= 0 {
		f.Other = m.ids[t.Other]
	}
	t.List.Rows = []scoring.Row{t.Row}
	f.Row = m.row(p.row.UserID, &t.List, 0)
	return f
}

// AttemptOf returns the execution of the item that wrote a file of table user_recommendations.
func AttemptOf(ref lake.FileRef) string {
	name := strings.TrimSuffix(ref.Key[strings.LastIndex(ref.Key, "/")+1:], ".parquet")
	parts := strings.SplitN(name, "-", 3) // part-<item>-<attempt>
	return parts[len(parts)-1]
}

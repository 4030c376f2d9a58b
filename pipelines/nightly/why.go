package nightly

import (
	"context"
	"errors"
	"fmt"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/recommend"
)

// ErrUnknown is returned for a listener or a song that a night does not know.
var ErrUnknown = recommend.ErrUnknown

// WhyNot says what became of a song on its way into a listener's general list of a published run, from the lake alone.
// Errors: ErrUnknown; a run without lists, or whose working data are gone, or whose lists were made in another way.
func WhyNot(ctx context.Context, s lake.Store, m lake.Manifest, user, song string) (recommend.Finding, error) {
	t, ok := m.Table(schemas.TableUserRecommendations)
	if !ok || len(t.Files) == 0 {
		return recommend.Finding{}, fmt.Errorf("follow song %s: run %s has no table %s", song, m.Run, schemas.TableUserRecommendations)
	}
	f, err := recommend.WhyNot(ctx, s, lake.RunOf(t.Files[0].Key), recommend.AttemptOf(t.Files[0]), [2]string{user, song})
	switch {
	case errors.Is(err, lake.ErrNotExist):
		return f, fmt.Errorf("working data of run %s are gone, and with them how its lists were made: %w", m.Run, err)
	case errors.Is(err, recommend.ErrMadeOtherwise):
		return f, fmt.Errorf("run %s: %w: ask with the version that published it (%s), or make the night again: segue nightly --date %s --from recommend",
			m.Run, recommend.ErrMadeOtherwise, m.Producer, m.Date)
	}
	return f, err
}

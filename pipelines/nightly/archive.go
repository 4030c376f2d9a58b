package nightly

import (
	"context"
	"fmt"
	"time"

	"segue/schemas"
	"segue/transforms/io/archive"
	"segue/transforms/io/lake"
)

// archiveLateness is how long after the end of a day the archive of the live job must reach before the day's night starts:
// the lateness of its plays.
const archiveLateness = 10 * time.Minute

// addArchive joins the plays that the live job archived to the landing plays, where it runs or has run.
//
// Errors: ErrNotReady while a partition's archive does not reach the end of the day and the lateness.
func addArchive(ctx context.Context, s lake.Store, date time.Time, inputs map[string][]lake.FileRef) error {
	partitions, err := archive.Partitions(ctx, s)
	if err != nil {
		return err
	}
	topic, err := archive.TopicPartitions(ctx, s)
	if err != nil {
		return err
	}
	if topic > len(partitions) {
		return fmt.Errorf("%w: of the %d partitions the live job has archived %d: start every instance of segue live", ErrNotReady, topic, len(partitions))
	}
	ready := date.AddDate(0, 0, 1).Add(archiveLateness)
	for _, p := range partitions {
		state, err := archive.ReadState(ctx, s, p)
		if err != nil {
			return err
		}
		if state.Watermark.Before(ready) {
			return fmt.Errorf("%w: the live job has archived partition %d up to %s, the night of %s needs %s: wait, start segue live, or delete %s/ of lake %s if that job is given up",
				ErrNotReady, p, state.Watermark.Format(time.RFC3339), date.Format(time.DateOnly), ready.Format(time.RFC3339), schemas.LiveSnapshots, s.URL())
		}
	}
	log, err := archive.Log(ctx, s)
	if err != nil {
		return err
	}
	if files := archive.PlayFiles(log, date); len(files) > 0 {
		inputs[schemas.LandingPlays] = append(inputs[schemas.LandingPlays], files...)
	}
	return nil
}

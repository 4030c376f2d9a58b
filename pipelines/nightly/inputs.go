package nightly

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
)

// ErrNotReady says that the night's inputs are not there yet: try again later.
var ErrNotReady = errors.New("inputs not ready")

// snapshots are folders of which the newest date counts; increments are folders of which every date counts.
var (
	snapshots  = []string{schemas.LandingPlaylists, schemas.LandingSongs, schemas.LandingUsers}
	increments = []string{schemas.LandingPlays, schemas.LandingRejected}
)

// findInputs lists the landing files of the night of date: newest snapshot ≤ date, all increments ≤ date, and what the live job archived.
// Errors: ErrNotReady when there are neither playlists nor plays.
func findInputs(ctx context.Context, s lake.Store, date time.Time) (map[string][]lake.FileRef, error) {
	inputs := map[string][]lake.FileRef{}
	for _, folder := range append(slices.Clone(snapshots), increments...) {
		infos, err := s.List(ctx, folder+"/")
		if err != nil {
			return nil, fmt.Errorf("list inputs %s: %w", folder, err)
		}
		refs, err := upTo(infos, folder, date)
		if err != nil {
			return nil, err
		}
		if slices.Contains(snapshots, folder) {
			refs = newest(refs, folder)
		}
		if len(refs) > 0 {
			inputs[folder] = refs
		}
	}
	if err := addArchive(ctx, s, date, inputs); err != nil {
		return nil, err
	}
	if len(inputs[schemas.LandingPlaylists]) == 0 && len(inputs[schemas.LandingPlays]) == 0 {
		return nil, fmt.Errorf("%w: lake %s has neither %s nor %s for dates up to %s: run segue import first, or give a later --date",
			ErrNotReady, s.URL(), schemas.LandingPlaylists, schemas.LandingPlays, date.Format(time.DateOnly))
	}
	return inputs, nil
}

// addPrevious pins last night's release: the files of its tables join the inputs, and so the hash of the night.
// It returns the release's run, "" when no earlier date has one.
func addPrevious(ctx context.Context, s lake.Store, day string, inputs map[string][]lake.FileRef) (string, error) {
	m, err := lake.ReleaseBefore(ctx, s, day)
	if errors.Is(err, lake.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	for _, t := range m.Tables {
		inputs[schemas.Previous(t.Name)] = t.Files
	}
	return m.Run, addWeekBefore(ctx, s, day, inputs)
}

// weekBefore are the tables of the release a week before that a night reads.
var weekBefore = []string{schemas.TableUserRecommendations, schemas.TableCharts}

// addWeekBefore pins some tables of the release that counts for the greatest date at least seven days before the night's.
func addWeekBefore(ctx context.Context, s lake.Store, day string, inputs map[string][]lake.FileRef) error {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return err
	}
	m, err := lake.ReleaseBefore(ctx, s, at.AddDate(0, 0, -6).Format(time.DateOnly))
	if errors.Is(err, lake.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, name := range weekBefore {
		if t, ok := m.Table(name); ok {
			inputs[schemas.WeekBefore(name)] = t.Files
		}
	}
	return nil
}

// upTo keeps the files in folders date=D with D ≤ date.
func upTo(infos []lake.Info, folder string, date time.Time) ([]lake.FileRef, error) {
	var refs []lake.FileRef
	for _, in := range infos {
		day, err := time.Parse(time.DateOnly, dateOf(in.Key, folder))
		if err != nil {
			return nil, fmt.Errorf("read landing file %s: it must lie in a folder %s/date=YYYY-MM-DD/", in.Key, folder)
		}
		if !day.After(date) {
			refs = append(refs, lake.FileRef{Key: in.Key, ETag: in.ETag, Size: in.Size})
		}
	}
	return refs, nil
}

func newest(refs []lake.FileRef, folder string) []lake.FileRef {
	last := ""
	for _, r := range refs {
		last = max(last, dateOf(r.Key, folder))
	}
	return slices.DeleteFunc(refs, func(r lake.FileRef) bool { return dateOf(r.Key, folder) != last })
}

// dateOf returns D of <folder>/date=D/….
func dateOf(key, folder string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(key, folder+"/"), "/")
	return strings.TrimPrefix(path.Clean(first), "date=")
}

// hashOf returns the hex SHA-256 of the JSON of its arguments; maps are written in key order.
func hashOf(parts ...any) string {
	b, err := json.Marshal(parts)
	if err != nil {
		panic(fmt.Sprintf("nightly: hash %T: %v", parts, err))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

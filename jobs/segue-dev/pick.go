package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// lastDay returns the newest day of plays in the landing zone, or of playlists where there are no plays.
func lastDay(ctx context.Context, s lake.Store) (string, error) {
	for _, folder := range []string{schemas.LandingPlays, schemas.LandingPlaylists} {
		infos, err := s.List(ctx, folder+"/")
		if err != nil {
			return "", err
		}
		if len(infos) > 0 {
			_, rest, _ := strings.Cut(infos[len(infos)-1].Key, "/date=")
			day, _, _ := strings.Cut(rest, "/")
			return day, nil
		}
	}
	return "", errors.New("find the last day: the landing zone has neither plays nor playlists")
}

// profile is the part of table user_profiles that the choice needs.
type profile struct {
	UserID string `parquet:"user_id,plain"`
	Plays  int64  `parquet:"plays,plain"`
}

// listeners returns up to n listeners spread over the quantiles of their plays, most plays first.
func listeners(ctx context.Context, s lake.Store, m lake.Manifest, n int) ([]string, error) {
	all, err := readTable[profile](ctx, s, m, schemas.TableUserProfiles)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	slices.SortFunc(all, func(a, b profile) int {
		return cmp.Or(cmp.Compare(b.Plays, a.Plays), cmp.Compare(a.UserID, b.UserID))
	})
	var out []string
	n = min(n, len(all))
	for i := range n {
		out = append(out, all[i*len(all)/n].UserID)
	}
	return out, nil
}

// songCounts is the part of table songs that the choice needs.
type songCounts struct {
	SongID    string `parquet:"song_id,plain"`
	Title     string `parquet:"title,plain"`
	Playlists int64  `parquet:"playlists,plain"`
}

// wellKnown returns the titled song of most playlists; "" when no song is in one.
func wellKnown(ctx context.Context, s lake.Store, m lake.Manifest) (string, error) {
	songs, err := readTable[songCounts](ctx, s, m, schemas.TableSongs)
	if err != nil {
		return "", err
	}
	best := songCounts{}
	for _, song := range songs {
		if song.Playlists > 0 && (best.SongID == "" || (song.Title != "") && (best.Title == "" || song.Playlists > best.Playlists)) {
			best = song
		}
	}
	return best.SongID, nil
}

func readTable[T any](ctx context.Context, s lake.Store, m lake.Manifest, name string) ([]T, error) {
	t, _ := m.Table(name)
	var out []T
	for _, ref := range t.Files {
		rows, err := parquetio.ReadAll[T](ctx, s, ref)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

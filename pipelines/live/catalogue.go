package live

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"segue/schemas"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// catalogue is a release in memory: about 300 bytes and the vectors a song and a listener.
type catalogue struct {
	generation int64
	release    string
	songs      map[string]sessions.Track
	tastes     map[string][]float32
}

// Generation rises with every release that becomes current.
func (c *catalogue) Generation() int64 { return c.generation }

// Release is the run id.
func (c *catalogue) Release() string { return c.release }

// Track yields what is known of a song.
func (c *catalogue) Track(song string) sessions.Track { return c.songs[song] }

// Taste yields a listener's taste.
func (c *catalogue) Taste(user string) []float32 { return c.tastes[user] }

// releases are those the workers of this process use, by lake.
type releases struct {
	mu   sync.Mutex
	have map[string]*catalogue
	seen map[string]time.Time
}

var current = releases{have: map[string]*catalogue{}, seen: map[string]time.Time{}}

// of returns the current release of a lake, as it was at most watchEvery ago; nil = none. One that cannot be read leaves the one before.
func (r *releases) of(ctx context.Context, s lake.Store) (*catalogue, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	have := r.have[s.URL()]
	if time.Since(r.seen[s.URL()]) < watchEvery {
		return have, nil
	}
	p, err := lake.ReadPointer(ctx, s)
	if err == nil && (have == nil || p.Run != have.release) {
		var c *catalogue
		if c, err = readCatalogue(ctx, s); err == nil {
			have = c
		}
	}
	if err != nil && !errors.Is(err, lake.ErrNotExist) {
		if have == nil {
			return nil, err
		}
		slog.Warn("the new release cannot be read; the one before stays in use", "error", err)
	}
	r.have[s.URL()], r.seen[s.URL()] = have, time.Now()
	return have, nil
}

// songFacts, songVector and userTaste are the columns live needs.
type (
	songFacts struct {
		SongID    string   `parquet:"song_id,plain"`
		ArtistIDs []string `parquet:"artist_ids,list" parquet-element:"element,dict"`
		Genres    []string `parquet:"genres,list" parquet-element:"element,dict"`
		Moods     []string `parquet:"moods,list" parquet-element:"element,dict"`
		Tempo     *float32 `parquet:"tempo,optional,plain"`
	}
	songVector struct {
		SongID string    `parquet:"song_id,plain"`
		Vector []float32 `parquet:"vector,list,uncompressed" parquet-element:"element,plain"`
	}
	userTaste struct {
		UserID string    `parquet:"user_id,plain"`
		Taste  []float32 `parquet:"taste,list,uncompressed" parquet-element:"element,plain"`
	}
)

// readCatalogue reads the current release.
func readCatalogue(ctx context.Context, s lake.Store) (*catalogue, error) {
	pointer, manifest, err := lake.Current(ctx, s)
	if err != nil {
		return nil, err
	}
	c := &catalogue{generation: pointer.Generation, release: pointer.Run, songs: map[string]sessions.Track{}, tastes: map[string][]float32{}}
	err = each(ctx, s, manifest, schemas.TableSongs, func(r songFacts) {
		c.songs[r.SongID] = sessions.Track{Artist: head(r.ArtistIDs), Mood: head(r.Moods), Genre: head(r.Genres), Tempo: tempoOf(r.Tempo), Known: true}
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, s, manifest, schemas.TableSongVectors, func(r songVector) {
		if t, ok := c.songs[r.SongID]; ok && len(r.Vector) > 0 {
			t.Vector = r.Vector
			c.songs[r.SongID] = t
		}
	})
	if err != nil {
		return nil, err
	}
	return c, each(ctx, s, manifest, schemas.TableUserProfiles, func(r userTaste) {
		if len(r.Taste) > 0 {
			c.tastes[r.UserID] = r.Taste
		}
	})
}

// each hands out the rows of a table; a release may lack it.
func each[T any](ctx context.Context, s lake.Store, m lake.Manifest, table string, got func(T)) error {
	t, ok := m.Table(table)
	if !ok {
		return nil
	}
	for _, ref := range t.Files {
		for row, err := range parquetio.Read[T](ctx, s, ref) {
			if err != nil {
				return err
			}
			got(row)
		}
	}
	return nil
}

func head(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// tempoOf names a tempo in beats a minute; "" = unknown.
func tempoOf(bpm *float32) string {
	switch {
	case bpm == nil || *bpm <= 0:
		return ""
	case *bpm < 95:
		return "slow"
	case *bpm < 125:
		return "medium"
	}
	return "fast"
}

package clean

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/work/worktest"
)

// world is random landing data with repeated ids, bad rows and songs without metadata.
type world struct {
	playlists []schemas.Playlist
	songs     []schemas.Song
	users     []schemas.Listener
	plays     []schemas.Play
}

func randomWorld(r *rand.Rand) (w world) {
	song := func() string { return fmt.Sprint("s", r.IntN(60)) }
	for range 80 {
		p := schemas.Playlist{PlaylistID: fmt.Sprint("p", r.IntN(60)), ModifiedAt: ptr(at("2026-01-01T00:00:00Z").Add(time.Duration(r.IntN(3)) * time.Hour))}
		for range r.IntN(12) {
			p.Songs = append(p.Songs, song())
		}
		w.playlists = append(w.playlists, p)
	}
	for i := range 40 {
		w.songs = append(w.songs, schemas.Song{SongID: song(), Title: fmt.Sprint("title ", i), DurationMs: ptr(int64(r.IntN(300_000) - 1000))})
	}
	for range 30 {
		w.users = append(w.users, schemas.Listener{UserID: fmt.Sprint("u", r.IntN(25)), Country: []string{"SE", "US", ""}[r.IntN(3)]})
	}
	for range 400 {
		p := play(fmt.Sprint("u", r.IntN(30)), song(), "2026-01-04T00:00:00Z")
		p.StartedAt = p.StartedAt.Add(time.Duration(r.IntN(3*24*60)) * time.Minute)
		p.EventID = fmt.Sprint("e", r.IntN(100))
		p.Kind = []string{schemas.KindPlay, schemas.KindPlay, schemas.KindLike, "?"}[r.IntN(4)]
		w.plays = append(w.plays, p)
	}
	return w
}

// result is the content of a stage's output, songs by id, in a fixed order.
type result struct {
	Songs     []schemas.SongRow
	Playlists []schemas.Playlist
	Plays     []schemas.CleanPlay
	Users     []schemas.Listener
	Rejected  []string
}

func runWorld(t *testing.T, w world, perFile int, bytes int64, runner string) (result, *worktest.Night) {
	n := worktest.New(t, day)
	n.Runner = runner
	land(n, schemas.LandingPlaylists, perFile, w.playlists...)
	land(n, schemas.LandingSongs, perFile, w.songs...)
	land(n, schemas.LandingUsers, perFile, w.users...)
	land(n, schemas.LandingPlays, perFile, w.plays...)
	n.MustStage(stageOf(lenient(), 2, bytes))
	res := result{Songs: out[schemas.SongRow](n, schemas.TableSongs), Plays: out[schemas.CleanPlay](n, schemas.WorkPlays), Users: out[schemas.Listener](n, schemas.WorkListeners)}
	for _, p := range out[schemas.CleanPlaylist](n, schemas.WorkPlaylists) {
		q := schemas.Playlist{PlaylistID: p.PlaylistID}
		for _, s := range p.Songs {
			q.Songs = append(q.Songs, res.Songs[s].SongID)
		}
		res.Playlists = append(res.Playlists, q)
	}
	for _, r := range out[schemas.Rejected](n, schemas.TableRejected) {
		res.Rejected = append(res.Rejected, r.Reason+r.Record)
	}
	slices.Sort(res.Rejected)
	slices.SortFunc(res.Playlists, func(a, b schemas.Playlist) int { return cmp.Compare(a.PlaylistID, b.PlaylistID) })
	slices.SortStableFunc(res.Plays, func(a, b schemas.CleanPlay) int { return cmp.Compare(a.UserID, b.UserID) })
	slices.SortFunc(res.Users, func(a, b schemas.Listener) int { return cmp.Compare(a.UserID, b.UserID) })
	return res, n
}

// How rows are cut into files, parts and buckets, and the runner, changes no content; every user bucket has its file; the naive reading agrees.
func TestSplitsAgree(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	w := randomWorld(rand.New(rand.NewPCG(seed, 1)))
	var whole, pieces, sliced, direct result
	t.Run("whole", func(t *testing.T) { whole, _ = runWorld(t, w, 0, bucketBytes, "prism") })
	t.Run("direct", func(t *testing.T) { direct, _ = runWorld(t, w, 9, 2500, "direct") })
	t.Run("slices", func(t *testing.T) { sliced, _ = runWorld(t, w, 0, 600, "prism") }) // of files of several row groups
	t.Run("pieces", func(t *testing.T) {
		var n *worktest.Night
		pieces, n = runWorld(t, w, 9, 2500, "prism")
		if f := n.Files[schemas.WorkPlays]; len(f) < 5 || len(f) != len(n.Files[schemas.WorkListeners]) {
			t.Errorf("%d files of plays, %d of listeners", len(f), len(n.Files[schemas.WorkListeners]))
		}
		for b, f := range n.Files[schemas.WorkPlays] {
			for _, p := range outOf[schemas.CleanPlay](n, f) {
				if schemas.Bucket(p.UserID, len(n.Files[schemas.WorkPlays])) != b {
					t.Fatalf("seed %d: %s is in bucket %d", seed, p.UserID, b)
				}
			}
		}
	})
	if !reflect.DeepEqual(whole, pieces) || !reflect.DeepEqual(whole, sliced) || !reflect.DeepEqual(whole, direct) {
		t.Errorf("seed %d: contents differ", seed)
	}
	inLists := naivePlaylists(t, seed, w, whole)
	naivePlays(t, seed, w, whole, inLists)
}

// naivePlaylists reads the playlists again the obvious way, with one map, and counts the playlists of each song.
func naivePlaylists(t *testing.T, seed uint64, w world, got result) map[string]int64 {
	t.Helper()
	best := map[string]schemas.Playlist{}
	for _, p := range w.playlists {
		if old, ok := best[p.PlaylistID]; len(p.Songs) > 0 && (!ok || p.ModifiedAt.After(*old.ModifiedAt)) {
			best[p.PlaylistID] = p
		}
	}
	inLists := map[string]int64{}
	for _, p := range got.Playlists {
		want := slices.Clone(best[p.PlaylistID].Songs)
		for i := 0; i < len(want); i++ {
			if slices.Contains(want[:i], want[i]) {
				want = slices.Delete(want, i, i+1)
				i--
			}
		}
		if !slices.Equal(p.Songs, want) {
			t.Errorf("seed %d: playlist %s %v, want %v", seed, p.PlaylistID, p.Songs, want)
		}
		for _, s := range p.Songs {
			inLists[s]++
		}
	}
	if len(got.Playlists) != len(best) {
		t.Errorf("seed %d: %d playlists, want %d", seed, len(got.Playlists), len(best))
	}
	return inLists
}

// naivePlays reads the plays again the obvious way, with one map, and checks the counts of table songs.
func naivePlays(t *testing.T, seed uint64, w world, got result, inLists map[string]int64) {
	t.Helper()
	events, heard, plays := map[string]schemas.Play{}, map[string]bool{}, map[string]int64{}
	for _, p := range w.plays {
		key := p.UserID + "/" + p.EventID
		if old, ok := events[key]; p.Kind != "?" && p.StartedAt.Before(at("2026-01-06T00:00:00Z")) && (!ok || p.StartedAt.Before(old.StartedAt)) {
			events[key] = p
		}
	}
	for _, p := range got.Plays {
		want := events[p.UserID+"/"+p.EventID]
		if p.SongID != want.SongID || !p.StartedAt.Equal(want.StartedAt) || p.Kind != want.Kind {
			t.Errorf("seed %d: play %+v, want %+v", seed, p, want)
		}
		if p.Kind == schemas.KindPlay {
			plays[want.SongID]++
			heard[want.SongID+"/"+p.UserID] = true
		}
	}
	listeners := map[string]int64{}
	for k := range heard {
		for _, s := range got.Songs {
			if len(k) > len(s.SongID) && k[:len(s.SongID)+1] == s.SongID+"/" {
				listeners[s.SongID]++
			}
		}
	}
	for _, s := range got.Songs {
		if s.Playlists != inLists[s.SongID] || s.Plays != plays[s.SongID] || s.Listeners != listeners[s.SongID] {
			t.Errorf("seed %d: song %+v, want %d %d %d", seed, s, inLists[s.SongID], plays[s.SongID], listeners[s.SongID])
		}
	}
	if len(got.Plays) != len(events) {
		t.Errorf("seed %d: %d plays, want %d", seed, len(got.Plays), len(events))
	}
}

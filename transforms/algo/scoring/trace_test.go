package scoring

import (
	"reflect"
	"slices"
	"testing"
)

// Every song is either in the list that Make gives, at its place, or lost at a step that the rules confirm; following it leaves no trace.
func TestTraceFollowsEverySong(t *testing.T) {
	steps := map[string]int{}
	eachWorld(t, func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch) {
		list := clone(m.Make(l, s)[0])
		for song := range int32(len(m.LogCount)) {
			x := m.Trace(l, s, song)
			steps[x.Step]++
			checkTrace(t, seed, m, l, x, song)
			if !reflect.DeepEqual(list, clone(x.List)) {
				t.Fatalf("seed %d: song %d was followed in another list than Make gives", seed, song)
			}
		}
		if again := m.Make(l, s)[0]; !reflect.DeepEqual(list, clone(again)) {
			t.Errorf("seed %d: following songs changed the list", seed)
		}
	})
	for _, step := range []string{StepListed, StepUnavailable, StepKnown, StepNotNear, StepNotACandidate, StepOtherVersion, StepArtistFull, StepAlbumFull, StepOutranked} {
		if steps[step] == 0 {
			t.Errorf("no song was lost at %s", step)
		}
	}
}

func checkTrace(t *testing.T, seed uint64, m *Model, l *Listener, x Trace, song int32) {
	t.Helper()
	listed, artist, album := false, 0, 0
	for _, r := range x.List.Rows {
		listed = listed || r.Song == song
		if m.Catalogue.Artist[r.Song] == m.Catalogue.Artist[song] {
			artist++
		}
		if m.Catalogue.Album[r.Song] == m.Catalogue.Album[song] {
			album++
		}
	}
	switch x.Step {
	case StepListed:
		if x.List.Rows[x.Place-1].Song != song {
			t.Errorf("seed %d: song %d is not at %d", seed, song, x.Place)
		}
	case StepOutranked:
		if fresh := m.Settings.Mode != Discovery; !fresh && x.Row.Score > x.Last || len(x.List.Rows) < m.Settings.Length {
			t.Errorf("seed %d: song %d of score %v lost to %v in a list of %d", seed, song, x.Row.Score, x.Last, len(x.List.Rows))
		}
	case StepArtistFull:
		if artist != m.Settings.ArtistCap {
			t.Errorf("seed %d: %d songs of the artist", seed, artist)
		}
	case StepAlbumFull:
		if album != m.Settings.AlbumCap {
			t.Errorf("seed %d: %d songs of the album", seed, album)
		}
	case StepOtherVersion:
		if m.Catalogue.Group[x.Other] != m.Catalogue.Group[song] {
			t.Errorf("seed %d: %d is no version of %d", seed, x.Other, song)
		}
	}
	if listed != (x.Step == StepListed) || x.Step == StepNotNear && !(x.Place <= x.Of && x.Evidence > 0) {
		t.Errorf("seed %d: song %d %+v", seed, song, x.Step)
	}
}

// clone copies a list out of the scratch it was made in.
func clone(l List) List {
	l.Rows = slices.Clone(l.Rows)
	for i := range l.Rows {
		l.Rows[i].Seeds = slices.Clone(l.Rows[i].Seeds)
	}
	return l
}

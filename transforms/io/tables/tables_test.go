package tables_test

import (
	"slices"
	"strings"
	"testing"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/tables"
)

// Moods are found song by song over files; songs out of order are refused.
func TestMoods(t *testing.T) {
	s, err := lake.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	table, _ := schemas.FindTable(schemas.TableSongMoods)
	write := func(key string, rows ...schemas.SongMood) lake.FileRef {
		ref, err := parquetio.WriteAll(t.Context(), s, key, parquetio.MetaFor(table, "r"), rows)
		if err != nil {
			t.Fatal(err)
		}
		return ref
	}
	first := write("first", schemas.SongMood{SongID: "b", Mood: "calm"}, schemas.SongMood{SongID: "b", Mood: "sad"})
	second := write("second", schemas.SongMood{SongID: "d", Mood: "happy"})
	m, err := tables.ReadMoods(t.Context(), s, []lake.FileRef{first, second})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		song  string
		moods []string
	}{{"a", nil}, {"b", []string{"calm", "sad"}}, {"b", []string{"calm", "sad"}}, {"c", nil}, {"d", []string{"happy"}}, {"e", nil}} {
		if got := m.Of(x.song); !slices.Equal(got, x.moods) {
			t.Errorf("moods of %s: %v, want %v", x.song, got, x.moods)
		}
	}
	if _, err := tables.ReadMoods(t.Context(), s, []lake.FileRef{second, first}); err == nil || !strings.Contains(err.Error(), `"b" stands behind "d"`) {
		t.Errorf("songs out of order: %v", err)
	}
}

package main

import (
	"slices"
	"testing"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// Listeners are shown once each, the busiest first, spread over all; where there are fewer than asked for, all of them.
func TestListeners(t *testing.T) {
	s, err := lake.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	rows := []profile{{UserID: "a", Plays: 1}, {UserID: "b", Plays: 9}, {UserID: "c", Plays: 5}, {UserID: "d", Plays: 3}}
	for _, c := range []struct {
		of   int
		want []string
	}{{0, nil}, {1, []string{"a"}}, {2, []string{"b", "a"}}, {3, []string{"b", "c", "a"}}, {4, []string{"b", "c", "d"}}} {
		ref, err := parquetio.WriteAll(t.Context(), s, "profiles-"+string(rune('0'+c.of)), parquetio.Meta{Table: schemas.TableUserProfiles}, rows[:c.of])
		if err != nil {
			t.Fatal(err)
		}
		m := lake.Manifest{Tables: []lake.Table{{Name: schemas.TableUserProfiles, Files: []lake.FileRef{ref}}}}
		if got, err := listeners(t.Context(), s, m, 3); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("of %d listeners %q are shown, %v; want %q", c.of, got, err, c.want)
		}
	}
}

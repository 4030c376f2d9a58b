package clean

import (
	"slices"
	"strings"
	"testing"

	"segue/schemas"
	"segue/transforms/io/lake"
)

// Parts follow the size of the data; a large file is a part alone; no part names too many files.
func TestParts(t *testing.T) {
	var files []lake.FileRef
	for _, size := range []int64{4, 4, 4, 30, 1} {
		files = append(files, lake.FileRef{Size: size})
	}
	got := parts(files, 10)
	var shape []int
	for i, p := range got {
		if p.Number != i {
			t.Errorf("part %d has number %d", i, p.Number)
		}
		shape = append(shape, len(p.Files))
	}
	if len(shape) != 4 || shape[0] != 2 || shape[1] != 1 || shape[2] != 1 || shape[3] != 1 {
		t.Errorf("files by part %v, want [2 1 1 1]", shape)
	}
	if many := parts(make([]lake.FileRef, maxPartFiles+1), 10); len(many) != 2 {
		t.Errorf("%d parts of empty files, want 2", len(many))
	}
	if len(parts(nil, 10)) != 0 {
		t.Error("no files have parts")
	}
}

// A large file of playlists is several parts, each row group of one of them; files that share a part, and small ones, stay whole.
func TestSliced(t *testing.T) {
	var files []lake.FileRef
	for _, size := range []int64{4, 4, 30, 1, 900} {
		files = append(files, lake.FileRef{Size: size})
	}
	got := sliced(parts(files, 10), 10)
	var shape []int
	for i, p := range got {
		if p.Number != i {
			t.Errorf("part %d has number %d", i, p.Number)
		}
		shape = append(shape, p.Slices)
	}
	if want := []int{0, 3, 3, 3, 0, 4, 4, 4, 4}; !slices.Equal(shape, want) {
		t.Fatalf("slices by part %v, want %v", shape, want)
	}
	for groups := 1; groups < 12; groups++ {
		for index := range groups {
			held := 0
			for _, p := range got[5:] {
				if p.holds(index, groups) {
					held++
				}
			}
			if held != 1 || !got[0].holds(index, groups) {
				t.Errorf("row group %d of %d is of %d slices", index, groups, held)
			}
		}
	}
}

// Buckets follow the size of the data within bounds.
func TestBuckets(t *testing.T) {
	for size, want := range map[int64]int{0: 1, 1: 1, 10: 1, 11: 2, 1 << 40: maxBuckets} {
		if got := buckets(size, 10); got != want {
			t.Errorf("buckets(%d) = %d, want %d", size, got, want)
		}
	}
}

// The text of a record names its columns, leaves empty ones out, is valid UTF-8 and at most 1 KiB.
func TestRecordText(t *testing.T) {
	if got := recordText(schemas.Play{UserID: "u\xff", StartedAt: at("1842-12-07T20:00:00Z")}); got != `{"user_id":"u\ufffd","started_at":"1842-12-07T20:00:00Z"}` {
		t.Errorf("record %s", got)
	}
	long := recordText(schemas.Song{Title: strings.Repeat("é", 1000)})
	if len(long) > maxRecord || len(long) < maxRecord-4 || !strings.HasSuffix(long, "é") {
		t.Errorf("long record has %d bytes and ends %q", len(long), long[len(long)-4:])
	}
}

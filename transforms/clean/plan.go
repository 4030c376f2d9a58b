package clean

import (
	"fmt"
	"math/bits"
	"strings"
	"time"

	"segue/transforms/io/lake"
)

// bucketBytes is the landing data, compressed, that one bucket or part holds: a hundred MB or two in memory.
const bucketBytes = 8 << 20

const (
	maxBuckets   = 256
	maxPartFiles = 1000 // a part's references are one element of Beam
)

// part is one work item of a split: neighbouring landing files, or some row groups of a large one.
type part struct {
	Number int
	Day    string `json:",omitempty"` // of plays: date of the folder
	Files  []lake.FileRef
	Slice  int       `json:",omitempty"` // of playlists: number among so many parts of its file
	Slices int       `json:",omitempty"` // 0 = one
	Until  time.Time // of plays: those that start at or after are broken clocks
}

// holds reports whether a row group, the index of so many, is of the part.
func (p part) holds(index, groups int) bool { return p.Slices == 0 || index*p.Slices/groups == p.Slice }

// MemoryBytes returns what segments hold of the part, about.
func (p part) MemoryBytes() int64 { return 8 * sizeOf(p.Files) / int64(max(p.Slices, 1)) }

func (p part) name() string { return fmt.Sprintf("part-%04d", p.Number) }

// Identity returns what decides the result of a part.
func (p part) Identity() any {
	p.Number = 0
	return p
}

// playParts packs the files of each folder by itself, so that a part stays what it is when other days are added, and
// dates it by the folder; files outside of folders date=D are of the night.
func playParts(files []lake.FileRef, night time.Time, bytes int64) []part {
	var out []part
	for len(files) > 0 {
		date, n := dateOf(files[0].Key), 1
		for n < len(files) && dateOf(files[n].Key) == date {
			n++
		}
		day, err := time.Parse(time.DateOnly, date)
		if err != nil {
			day = night
		}
		for _, p := range parts(files[:n], bytes) {
			p.Number, p.Day, p.Until = len(out), date, day.Add(farFuture)
			out = append(out, p)
		}
		files = files[n:]
	}
	return out
}

// dateOf returns D of …/date=D/…, "" without.
func dateOf(key string) string {
	_, rest, _ := strings.Cut(key, "/date=")
	date, _, _ := strings.Cut(rest, "/")
	return date
}

// parts packs files, in order, into parts of about the given bytes; a larger file is a part of its own.
func parts(files []lake.FileRef, bytes int64) []part {
	var out []part
	var size int64
	for _, f := range files {
		n := len(out) - 1
		if n < 0 || size+f.Size > bytes || len(out[n].Files) == maxPartFiles {
			out = append(out, part{Number: n + 1})
			n, size = n+1, 0
		}
		out[n].Files = append(out[n].Files, f)
		size += f.Size
	}
	return out
}

// maxSlices bounds the parts of a file: each numbers the songs it meets by itself, and a popular one is met by all.
const maxSlices = 4

// sliced cuts the parts that are one file of more than bytes, so that they need not wait for one core.
func sliced(in []part, bytes int64) []part {
	var out []part
	for _, p := range in {
		slices := min(sizeOf(p.Files)/bytes, maxSlices)
		if len(p.Files) > 1 || slices < 2 {
			p.Number = len(out)
			out = append(out, p)
			continue
		}
		for slice := range int(slices) {
			p.Number, p.Slice, p.Slices = len(out), slice, int(slices)
			out = append(out, p)
		}
	}
	return out
}

// buckets returns the power of two from size / bytes upwards within [1, maxBuckets]: it stays while the data grow by a day,
// and so do the segments of the days before.
func buckets(size, bytes int64) int {
	n := min(max((size+bytes-1)/bytes, 1), maxBuckets)
	return 1 << bits.Len64(uint64(n-1))
}

func sizeOf(files []lake.FileRef) (n int64) {
	for _, f := range files {
		n += f.Size
	}
	return n
}

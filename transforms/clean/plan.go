package clean

import (
	"fmt"

	"segue/transforms/io/lake"
)

// bucketBytes is the landing data, compressed, that one bucket or part holds: a hundred MB or two in memory.
const bucketBytes = 8 << 20

const (
	maxBuckets   = 256
	maxPartFiles = 1000 // a part's references are one element of Beam
)

// part is one work item of a split: neighbouring landing files.
type part struct {
	Number int
	Files  []lake.FileRef
}

func (p part) name() string { return fmt.Sprintf("part-%04d", p.Number) }

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

// buckets returns ceil(size / bytes) within [1, maxBuckets].
func buckets(size, bytes int64) int {
	return int(min(max((size+bytes-1)/bytes, 1), maxBuckets))
}

func sizeOf(files []lake.FileRef) (n int64) {
	for _, f := range files {
		n += f.Size
	}
	return n
}

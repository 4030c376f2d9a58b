package ops

import (
	"crypto/rand"
	"encoding/hex"
	"path/filepath"
	"strings"
	"time"

	"segue/transforms/io/lake"
)

// Night is what is known of one execution of the night. Manifest and Stages are empty as long as there are none.
type Night struct {
	ID        string // of the execution, by NewID
	Lake      string // URL
	Date      time.Time
	Producer  string // program and version
	StartedAt time.Time
	EndedAt   time.Time // zero while it runs
	Err       error     // nil = done
	Stopped   bool      // by a signal
	Manifest  lake.Manifest
	Stages    []lake.StageRecord
}

// NewID returns a UUID of version 7: by time, then random.
func NewID(at time.Time) string {
	var b [16]byte
	rand.Read(b[:])
	ms := at.UnixMilli()
	for i := range 6 {
		b[i] = byte(ms >> (8 * (5 - i)))
	}
	b[6], b[8] = b[6]&0x0f|0x70, b[8]&0x3f|0x80
	text := hex.EncodeToString(b[:])
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}

// datasetOf returns the OpenLineage namespace of a lake, and the name of a folder in it.
func datasetOf(url, folder string) (namespace, name string) {
	scheme, rest, remote := strings.Cut(url, "://")
	if !remote {
		abs, err := filepath.Abs(url)
		if err != nil {
			abs = url
		}
		return "file", filepath.ToSlash(filepath.Join(abs, folder))
	}
	bucket, prefix, _ := strings.Cut(strings.TrimSuffix(rest, "/"), "/")
	return scheme + "://" + bucket, strings.TrimPrefix(prefix+"/"+folder, "/")
}

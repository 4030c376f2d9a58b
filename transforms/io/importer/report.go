package importer

import (
	"slices"
	"time"
)

// Report says what an import read and wrote.
type Report struct {
	Date      time.Time    // 00:00 UTC of the logical date used
	Kinds     []KindReport // playlists, songs, users, plays: those that were read or derived
	Unmatched []Unmatched  // by kind, then column
}

// KindReport counts one kind: In = Out + Rejected + Ignored.
type KindReport struct {
	Kind     string        // playlists, songs, users or plays
	Files    int           // input files
	In       int64         // records read
	Out      int64         // rows for the landing zone
	Rejected int64         // records with a reason in landing/rejected
	Ignored  int64         // records that are sound but no plays of songs, such as podcasts
	Carried  int64         // songs of the former snapshot that a derived one repeats; beside In and Out
	Reasons  []ReasonCount // of Rejected, by reason
	Written  []string      // keys of new objects
	Existing []string      // keys that stood already, from the same import before
	Deleted  []string      // keys of the snapshot that was replaced
}

// ReasonCount is a count of one reason.
type ReasonCount struct {
	Reason string
	Count  int64
}

// Unmatched is an input column no field has an alias for: it was not used.
type Unmatched struct {
	Kind   string
	Column string
	File   string // the first that has it
}

// Kind returns the report of one kind; its zero value where that was not read.
func (r Report) Kind(kind string) KindReport {
	for _, k := range r.Kinds {
		if k.Kind == kind {
			return k
		}
	}
	return KindReport{Kind: kind}
}

// Landed reports whether any record became a row of the landing zone.
func (r Report) Landed() bool {
	return slices.ContainsFunc(r.Kinds, func(k KindReport) bool { return k.Out > 0 })
}

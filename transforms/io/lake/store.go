// Package lake keeps objects in a directory, an S3-compatible bucket or memory, and runs, manifests and the current
// pointer on top of them. It knows nothing of Beam.
//
//	store.go     the Store contract and its errors
//	open.go      Open: a lake by its URL
//	key.go       which keys every store can hold
//	dir.go       a directory, reading; dirwrite.go: create = temp, fsync, link, fsync dir; swap under flock
//	etag.go      ETag = sha256 of a file, read once
//	s3.go        a bucket by minio-go: conditional PUTs; s3env.go: settings and credentials, from the environment only;
//	             s3retry.go: what is tried again, what errors mean; s3body.go, s3object.go: what is sent and read
//	web.go       one file behind an http(s) address, only read; remote.go: ranges of remote objects, small ones read ahead
//	mem.go       in memory, for tests; overlay.go: a lake that is read, with what is written in memory
//	stream.go    copying exactly what was announced
//	wait.go      WithWait: what waits for a disk lends its core
//	file.go      File: an object written piece by piece, visible when committed; writeback_*.go: the disk begins before
//	json.go      objects that are JSON
//	mapping.go   Map: a read-only memory map of an object; copies.go: local copies of remote ones, OpenFile by reference; fetch.go: small ones, side by side
//	run.go       run ids and claims; stage.go: stage records
//	manifest.go  Manifest: what a run published; pointer.go: Pointer, Publish, Promote, Rollback, Current
//	override.go  Override: who promoted a candidate despite failed rules
//	verify.go    Verify: whether a release is whole
//	retain.go    Retention: which runs are kept; collect.go: Collect deletes the others, by survey.go and sweep.go
//	probe.go     Probe: what publishing needs of a store
package lake

import (
	"context"
	"errors"
	"io"
	"time"
)

// Errors of Store, to be tested with errors.Is; each is wrapped with the operation and the key.
var (
	ErrNotExist    = errors.New("no such object")
	ErrExists      = errors.New("object exists already")            // Create lost
	ErrConflict    = errors.New("object changed since it was read") // Swap lost
	ErrDenied      = errors.New("store refused the credentials")    // wrong or missing keys
	ErrNoBucket    = errors.New("bucket does not exist")
	ErrUnreachable = errors.New("store cannot be reached")
	ErrUnfit       = errors.New("store lacks what publishing needs")
	ErrHeld        = errors.New("run is a candidate: rules of its gate failed") // Publish, Rollback
	ErrCollected   = errors.New("run was collected by segue gc")
	ErrDamaged     = errors.New("object is damaged") // it is there, and not what it should be
)

// Info describes an object. ETag changes whenever the content does; it is opaque.
type Info struct {
	Key        string    `json:"key"`
	Size       int64     `json:"size"`
	ETag       string    `json:"etag"`
	ModifiedAt time.Time `json:"modified_at"`
}

// Object is an open object, read at random. It must be closed.
type Object interface {
	io.ReaderAt
	io.Closer
	Info() Info
}

// Store is one lake: objects under slash-separated keys, each written whole or not visible.
// All methods are safe for concurrent use, return the errors above, and respect ctx.
type Store interface {
	// URL names the lake as given to Open, without credentials; Open(URL()) in another process yields the same lake.
	URL() string
	// Open opens an object for random reading.
	Open(ctx context.Context, key string) (Object, error)
	// Get reads a whole object.
	Get(ctx context.Context, key string) ([]byte, Info, error)
	// Stat describes an object.
	Stat(ctx context.Context, key string) (Info, error)
	// List describes the objects whose key starts with prefix, by key ascending. A missing folder lists nothing.
	List(ctx context.Context, prefix string) ([]Info, error)
	// Create writes a new object of the given size from r; ErrExists when the key is taken. Only one of many concurrent creators wins.
	Create(ctx context.Context, key string, r io.Reader, size int64) (Info, error)
	// Swap replaces the object if its ETag still is etag ("" = it must not exist); ErrConflict otherwise.
	Swap(ctx context.Context, key string, data []byte, etag string) (Info, error)
	// Delete removes an object; a missing one is no error.
	Delete(ctx context.Context, key string) error
}

// FileRef names one immutable data file and what a reader may rely on.
type FileRef struct {
	Key    string `json:"key"`
	ETag   string `json:"etag"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`        // hex
	Rows   int64  `json:"rows"`          // rows, or the first dimension of a matrix
	Min    string `json:"min,omitempty"` // smallest value of the first sort column
	Max    string `json:"max,omitempty"` // largest
}

// Names reports whether an object is the one the reference was made of. The ETag of a directory is the sha256, so that a lake
// copied from a bucket into a directory is read as it is.
func (r FileRef) Names(in Info) bool {
	return r.ETag == "" || in.ETag == r.ETag || in.ETag == r.SHA256
}

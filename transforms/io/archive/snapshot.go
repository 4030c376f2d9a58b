package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
)

const pointerFile = "current.json"

// State is where a partition stands: what its pointer says.
type State struct {
	Epoch     int64     `json:"epoch"`     // of the owner
	Offset    int64     `json:"offset"`    // the snapshot holds everything up to it
	Watermark time.Time `json:"watermark"` // plays that started before are archived, but for late ones
	Snapshot  string    `json:"snapshot"`  // key of the state's bytes; "" = none yet
	ETag      string    `json:"etag"`
	Holder    string    `json:"holder,omitempty"` // name of the owner
	Until     time.Time `json:"until,omitzero"`   // when another may claim the partition
	Mark      *Mark     `json:"mark,omitempty"`   // of the newest record that was applied; nil = none yet
}

// Mark tells a record that was read from one that stands in its place in a topic made anew.
type Mark struct {
	Offset     int64 `json:"offset"`
	ProducedMs int64 `json:"produced_ms"`
}

// Owner owns a partition: until another claims it, what it saves is what a restart loads. Not safe for concurrent use.
type Owner struct {
	lake      lake.Store
	partition int32
	state     State
	lease     Lease
	etag      string // of the pointer
	saves     int
	old       []string // snapshots that go once the pointer names another
}

// ErrGone says that the pointer of a partition is not where its owner wrote it.
var ErrGone = errors.New("the partition's pointer is gone: was the lake's folder removed or replaced?")

func pointerKey(partition int32) string {
	return fmt.Sprintf("%s/%s/%s", schemas.LiveSnapshots, partitionName(partition), pointerFile)
}

// ReadState returns where a partition stands.
//
// Errors: lake.ErrNotExist when nobody has owned it.
func ReadState(ctx context.Context, s lake.Store, partition int32) (State, error) {
	state, _, err := lake.ReadJSON[State](ctx, s, pointerKey(partition))
	return state, err
}

// Claim makes the caller the owner of a partition, in the next epoch. A partition nobody has owned starts after the given offset.
//
// Errors: ErrHeld when a process of another name holds it; ErrFenced when another claims it at the same time.
func Claim(ctx context.Context, s lake.Store, partition int32, startAfter int64, lease Lease) (*Owner, error) {
	o := &Owner{lake: s, partition: partition, lease: lease}
	state, info, err := lake.ReadJSON[State](ctx, s, pointerKey(partition))
	switch {
	case errors.Is(err, lake.ErrNotExist):
		state.Offset = startAfter
	case err != nil:
		return nil, fmt.Errorf("claim partition %d: %w", partition, err)
	}
	now := time.Now()
	if err := lease.free(state, partition, now); err != nil {
		return nil, err
	}
	state.Epoch++
	state.Holder, state.Until = lease.Holder, lease.until(now)
	o.etag = info.ETag
	if err := o.swap(ctx, state); err != nil {
		return nil, fmt.Errorf("claim partition %d: %w", partition, err)
	}
	return o, o.sweep(ctx)
}

// sweep removes the snapshots that no pointer names: left by those who stopped between a snapshot and its pointer. Those of an
// owner to come are none of them: the pointer is read after they are listed.
func (o *Owner) sweep(ctx context.Context) error {
	infos, err := o.lake.List(ctx, path.Dir(pointerKey(o.partition))+"/")
	if err != nil {
		return fmt.Errorf("list snapshots of partition %d: %w", o.partition, err)
	}
	now, err := ReadState(ctx, o.lake, o.partition)
	if err != nil {
		return fmt.Errorf("list snapshots of partition %d: %w", o.partition, err)
	}
	if now.Epoch != o.state.Epoch {
		return fmt.Errorf("claim partition %d in epoch %d: %w: it is in epoch %d", o.partition, o.state.Epoch, ErrFenced, now.Epoch)
	}
	for _, in := range infos {
		if in.Key == o.state.Snapshot || in.Key == pointerKey(o.partition) {
			continue
		}
		if err := o.lake.Delete(ctx, in.Key); err != nil {
			return fmt.Errorf("remove snapshot of partition %d: %w", o.partition, err)
		}
	}
	return nil
}

// State returns where the partition stands.
func (o *Owner) State() State { return o.state }

// Note makes a record the mark of what is saved from now on.
func (o *Owner) Note(m Mark) { o.state.Mark = &m }

// Load returns the bytes saved last; nil when there are none.
func (o *Owner) Load(ctx context.Context) ([]byte, error) {
	if o.state.Snapshot == "" {
		return nil, nil
	}
	b, info, err := o.lake.Get(ctx, o.state.Snapshot)
	if err != nil {
		return nil, fmt.Errorf("load snapshot of partition %d: %w", o.partition, err)
	}
	if info.ETag != o.state.ETag {
		return nil, fmt.Errorf("load snapshot of partition %d: %s was changed", o.partition, o.state.Snapshot)
	}
	return b, nil
}

// Save makes bytes the state of the partition up to an offset. Everything up to the offset must be archived before. The snapshot before
// the last one is removed. That of a fenced owner stays until the next claim: the pointer it could not write may be its own, written
// without an answer, and the owner now may start from it.
//
// Errors: ErrFenced when another process has claimed the partition, ErrGone when its pointer was removed. After another it can be called again.
func (o *Owner) Save(ctx context.Context, offset int64, watermark time.Time, snapshot []byte) error {
	o.saves++
	key := fmt.Sprintf("%s/%s/%019d-e%d.%d.bin", schemas.LiveSnapshots, partitionName(o.partition), offset+1, o.state.Epoch, o.saves)
	o.old = append(o.old, o.state.Snapshot, key)
	info, err := o.lake.Create(ctx, key, bytes.NewReader(snapshot), int64(len(snapshot)))
	if err != nil {
		return fmt.Errorf("save snapshot of partition %d: %w", o.partition, err)
	}
	next := State{Epoch: o.state.Epoch, Offset: offset, Watermark: watermark.UTC(), Snapshot: key, ETag: info.ETag, Holder: o.lease.Holder, Until: o.lease.until(time.Now()), Mark: o.state.Mark}
	if err := o.swap(ctx, next); err != nil {
		return fmt.Errorf("save snapshot of partition %d: %w", o.partition, err)
	}
	return o.removeOld(ctx)
}

// removeOld removes the snapshots that the pointer named, or might have; those that are left go after the next one.
func (o *Owner) removeOld(ctx context.Context) error {
	var all []error
	o.old = slices.DeleteFunc(o.old, func(key string) bool {
		if key == "" || key == o.state.Snapshot {
			return true
		}
		err := o.lake.Delete(ctx, key)
		if err != nil {
			all = append(all, fmt.Errorf("remove old snapshot of partition %d: %w", o.partition, err))
		}
		return err == nil
	})
	return errors.Join(all...)
}

// swap replaces the pointer if it is still the one this owner wrote, whether it was told so or not: nobody else writes its epoch.
func (o *Owner) swap(ctx context.Context, next State) error {
	b, err := json.Marshal(next)
	if err != nil {
		return err
	}
	info, err := o.lake.Swap(ctx, pointerKey(o.partition), b, o.etag)
	if errors.Is(err, lake.ErrConflict) && o.etag != "" {
		there, in, readErr := lake.ReadJSON[State](ctx, o.lake, pointerKey(o.partition))
		switch {
		case errors.Is(readErr, lake.ErrNotExist):
			return fmt.Errorf("%w: %w", ErrGone, readErr)
		case readErr != nil:
			return readErr
		case there.Epoch == o.state.Epoch:
			info, err = o.lake.Swap(ctx, pointerKey(o.partition), b, in.ETag)
		}
	}
	if errors.Is(err, lake.ErrConflict) {
		return fmt.Errorf("%w: %w", ErrFenced, err)
	}
	if err != nil {
		return err
	}
	o.state, o.etag = next, info.ETag
	return nil
}

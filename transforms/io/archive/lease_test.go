package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"segue/transforms/io/lake"
)

// A held partition is refused to other names until the lease ends or is yielded; one of the same name takes it over and fences
// the one before.
func TestLease(t *testing.T) {
	ctx := t.Context()
	s, err := lake.Open(ctx, fmt.Sprintf("mem://%s-%d", t.Name(), time.Now().UnixNano()))
	if err != nil {
		t.Fatal(err)
	}
	a := Lease{"a", time.Hour}
	first, err := Claim(ctx, s, 0, -1, a)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Claim(ctx, s, 0, -1, Lease{"b", time.Hour}); !errors.Is(err, ErrHeld) {
		t.Errorf("another holder: %v", err)
	}
	second, err := Claim(ctx, s, 0, -1, a)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Save(ctx, 0, time.Now(), []byte("x")); !errors.Is(err, ErrFenced) {
		t.Errorf("the owner before saves: %v", err)
	}
	second.Yield()
	if err := second.Save(ctx, 0, time.Now(), []byte("x")); err != nil {
		t.Fatal(err)
	}
	third, err := Claim(ctx, s, 0, -1, Lease{"b", time.Nanosecond})
	if err != nil || third.State().Epoch != 3 || third.State().Offset != 0 {
		t.Fatalf("%+v, error %v", third, err)
	}
	if _, err := Claim(ctx, s, 0, -1, a); err != nil {
		t.Errorf("a lease that has ended: %v", err)
	}
	for _, n := range []int{8, 9} {
		if got, err := FixPartitions(ctx, s, n); got != 8 || err != nil {
			t.Errorf("%d partitions, error %v", got, err)
		}
	}
}

// overtaken is a store in which another process claims partition 0 and saves, right after this one's pointer is written or
// before its snapshots are listed.
type overtaken struct {
	lake.Store
	swapped, listing func()
}

func (o overtaken) Swap(ctx context.Context, key string, data []byte, etag string) (lake.Info, error) {
	in, err := o.Store.Swap(ctx, key, data, etag)
	if err == nil && o.swapped != nil {
		o.swapped()
		return lake.Info{}, lake.ErrConflict // what a client is told that asks again after the answer was lost
	}
	return in, err
}

func (o overtaken) List(ctx context.Context, prefix string) ([]lake.Info, error) {
	if o.listing != nil {
		o.listing()
	}
	return o.Store.List(ctx, prefix)
}

// claimed claims partition 0.
func claimed(t *testing.T, s lake.Store) *Owner {
	t.Helper()
	o, err := Claim(t.Context(), s, 0, -1, Lease{})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// loads fails a test in which an owner does not load what was saved.
func loads(t *testing.T, o *Owner, want string) {
	t.Helper()
	if got, err := o.Load(t.Context()); err != nil || !bytes.Equal(got, []byte(want)) {
		t.Errorf("loads %q, %v; want %q", got, err, want)
	}
}

// A snapshot whose owner was not told that the pointer names it, and that was overtaken then, is what the next owner loads.
func TestOvertakenSave(t *testing.T) {
	s := open(t)
	old := claimed(t, s)
	var next *Owner
	old.lake = overtaken{Store: s, swapped: func() { next = claimed(t, s) }}
	if err := old.Save(t.Context(), 1, noon, []byte("x")); !errors.Is(err, ErrFenced) {
		t.Errorf("Save: %v", err)
	}
	loads(t, next, "x")
}

// A claim that was overtaken removes nothing of the owner that has the partition now.
func TestOvertakenClaim(t *testing.T) {
	s := open(t)
	var next *Owner
	late := overtaken{Store: s, listing: func() {
		next = claimed(t, s)
		if err := next.Save(t.Context(), 1, noon, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}}
	if _, err := Claim(t.Context(), late, 0, -1, Lease{}); !errors.Is(err, ErrFenced) {
		t.Errorf("Claim: %v", err)
	}
	loads(t, next, "x")
}

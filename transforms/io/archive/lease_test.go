package archive

import (
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

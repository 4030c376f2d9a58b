package lake

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Check is one thing publishing needs of a store.
type Check struct {
	Name    string  `json:"name"`
	OK      bool    `json:"ok"`
	Why     string  `json:"why"` // what was seen
	Seconds float64 `json:"seconds"`
}

// probe is one run of the checks, in a folder of its own.
type probe struct {
	s      Store
	folder string
}

// Probe tries what publishing needs of a store: run it before the first night on any new one. It writes about 25 MiB under
// probe/ and removes it.
func Probe(ctx context.Context, s Store) []Check {
	p := probe{s, path.Join("probe", rand.Text())}
	defer p.clean(context.WithoutCancel(ctx))
	checks := []struct {
		name string
		run  func(context.Context) (string, error)
	}{
		{"one of 16 writers creates a key", p.createRace},
		{"swap loses no update", p.swapCounter},
		{"a stale swap is refused", p.staleSwap},
		{"12 MiB read back unchanged", p.readBack},
		{"ranges read exactly", p.ranges},
		{"keys with special characters are listed in order", p.listing},
	}
	var out []Check
	for _, c := range checks {
		start := time.Now()
		why, err := c.run(ctx)
		if err != nil {
			why = err.Error()
		}
		out = append(out, Check{c.name, err == nil, why, time.Since(start).Seconds()})
	}
	return out
}

func (p probe) key(name string) string { return path.Join(p.folder, name) }

func (p probe) clean(ctx context.Context) {
	infos, err := p.s.List(ctx, p.folder+"/")
	if err != nil {
		return
	}
	for _, in := range infos {
		p.s.Delete(ctx, in.Key)
	}
}

func (p probe) create(ctx context.Context, name string, data []byte) (Info, error) {
	return p.s.Create(ctx, p.key(name), bytes.NewReader(data), int64(len(data)))
}

func (p probe) createRace(ctx context.Context) (string, error) {
	var wins, others atomic.Int64
	var winner atomic.Value
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			data := fmt.Sprintf("writer %d", i)
			_, err := p.create(ctx, "race", []byte(data))
			switch {
			case err == nil:
				wins.Add(1)
				winner.Store(data)
			case !errors.Is(err, ErrExists):
				others.Add(1)
				winner.CompareAndSwap(nil, err.Error())
			}
		})
	}
	wg.Wait()
	if wins.Load() != 1 || others.Load() != 0 {
		return "", fmt.Errorf("%d winners and %d other errors, want one winner (%v)", wins.Load(), others.Load(), winner.Load())
	}
	got, _, err := p.s.Get(ctx, p.key("race"))
	if err != nil || string(got) != winner.Load() {
		return "", fmt.Errorf("read %q, the winner wrote %q: %w", got, winner.Load(), err)
	}
	return "one winner, 15 refused", nil
}

func (p probe) swapCounter(ctx context.Context) (string, error) {
	const writers, each = 8, 5
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for range each {
				errs[i] = errors.Join(errs[i], update(ctx, p.s, p.key("counter"), func(old []byte) ([]byte, error) {
					n, _ := strconv.Atoi(string(old))
					return strconv.AppendInt(nil, int64(n+1), 10), nil
				}))
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return "", err
	}
	got, _, err := p.s.Get(ctx, p.key("counter"))
	if err == nil && string(got) != strconv.Itoa(writers*each) {
		err = fmt.Errorf("counted %s of %d increments: swaps were lost", got, writers*each)
	}
	return "40 increments by 8 writers", err
}

func (p probe) staleSwap(ctx context.Context) (string, error) {
	first, err := p.s.Swap(ctx, p.key("pointer"), []byte("1"), "")
	if err != nil {
		return "", err
	}
	if _, err := p.s.Swap(ctx, p.key("pointer"), []byte("2"), first.ETag); err != nil {
		return "", err
	}
	for _, etag := range []string{first.ETag, ""} {
		if _, err := p.s.Swap(ctx, p.key("pointer"), []byte("3"), etag); !errors.Is(err, ErrConflict) {
			return "", fmt.Errorf("a swap with the old etag %q was answered with %v, want a conflict", etag, err)
		}
	}
	return "refused", nil
}

// big is 12 MiB whose every 8 bytes differ.
func big() []byte {
	b := make([]byte, 0, 12<<20)
	for i := 0; len(b) < 12<<20; i++ {
		b = fmt.Appendf(b, "%08x", i)
	}
	return b
}

func (p probe) readBack(ctx context.Context) (string, error) {
	want := big()
	if _, err := p.create(ctx, "big", want); err != nil {
		return "", err
	}
	got, in, err := p.s.Get(ctx, p.key("big"))
	if err == nil && (!bytes.Equal(got, want) || in.Size != int64(len(want))) {
		err = fmt.Errorf("read %d bytes, described as %d, that are not the %d written", len(got), in.Size, len(want))
	}
	return "equal", err
}

func (p probe) ranges(ctx context.Context) (string, error) {
	want := big()
	if _, err := p.create(ctx, "ranges", want); err != nil {
		return "", err
	}
	o, err := p.s.Open(ctx, p.key("ranges"))
	if err != nil {
		return "", err
	}
	defer o.Close()
	size := len(want)
	for _, r := range [][2]int{{0, 4}, {size - 8, 8}, {5<<20 - 3, 300_000}, {1, 1}, {size - 4, 8}} {
		got := make([]byte, r[1])
		n, err := o.ReadAt(got, int64(r[0]))
		end := min(r[0]+r[1], size)
		if short := end-r[0] < r[1]; err != nil && !(short && errors.Is(err, io.EOF)) {
			return "", err
		}
		if !bytes.Equal(got[:n], want[r[0]:end]) {
			return "", fmt.Errorf("bytes %d to %d are not those written", r[0], end)
		}
	}
	return "head, tail, middle, past the end", nil
}

func (p probe) listing(ctx context.Context) (string, error) {
	names := []string{"list/a b", "list/a%20b", "list/a+b", "list/date=2026-01-02/x", "list/é"} // in byte order
	for i := len(names) - 1; i >= 0; i-- {
		if _, err := p.create(ctx, names[i], []byte(names[i])); err != nil {
			return "", err
		}
	}
	infos, err := p.s.List(ctx, p.key("list")+"/")
	if err != nil {
		return "", err
	}
	for i, in := range infos {
		if i >= len(names) || in.Key != p.key(names[i]) {
			return "", fmt.Errorf("listed %q at place %d", in.Key, i)
		}
	}
	if len(infos) != len(names) {
		return "", fmt.Errorf("listed %d of %d keys", len(infos), len(names))
	}
	return "space, %, +, =, é", nil
}

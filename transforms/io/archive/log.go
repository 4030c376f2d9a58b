package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"segue/schemas"
	"segue/transforms/io/lake"
)

// Errors of the archive, to be tested with errors.Is.
var (
	ErrFenced = errors.New("another process owns the partition") // Flush, Save
	ErrGap    = errors.New("offsets are missing")                // reading
)

// File is one file of an entry.
type File struct {
	Ref  lake.FileRef `json:"ref"`
	Hour time.Time    `json:"hour"` // of started_at, UTC
}

// Entry says which files hold the offsets (Previous, Last] of a partition.
type Entry struct {
	Number    int64  `json:"number"`            // from 0 in each partition
	Through   int64  `json:"through,omitempty"` // of a merged entry: the number of the last one it replaces
	Partition int32  `json:"partition"`
	Previous  int64  `json:"previous"`
	Last      int64  `json:"last"`
	Epoch     int64  `json:"epoch"` // of the owner that wrote it
	Plays     []File `json:"plays,omitempty"`
	Sessions  []File `json:"sessions,omitempty"`
}

func partitionName(p int32) string { return fmt.Sprintf("p%04d", p) }

func entryKey(partition int32, number int64) string {
	return fmt.Sprintf("%s/%s/%010d.json", schemas.LiveLog, partitionName(partition), number)
}

// parallelReads is how many entries are read at a time.
const parallelReads = 16

// Log returns the entries of every partition, by partition, then number; merged ones instead of those they replace.
//
// Errors: ErrGap when an entry does not follow the one before it.
func Log(ctx context.Context, s lake.Store) ([]Entry, error) {
	log, _, err := readLog(ctx, s)
	return log, err
}

// replaced is an entry that a merged one stands for.
type replaced struct{ info, by lake.Info }

// readLog returns the log, and those of its entries that merged ones replace.
func readLog(ctx context.Context, s lake.Store) (out []Entry, covered []replaced, err error) {
	merged, mergedInfos, err := entries(ctx, s, schemas.LiveMerged, func(lake.Info) bool { return true })
	if err != nil {
		return nil, nil, err
	}
	by := map[string]lake.Info{} // merged entry by the key of one it replaces
	for i, e := range merged {
		for n := e.Number; n <= e.Through; n++ {
			by[entryKey(e.Partition, n)] = mergedInfos[i]
		}
	}
	out, _, err = entries(ctx, s, schemas.LiveLog, func(in lake.Info) bool {
		m, ok := by[in.Key]
		if ok {
			covered = append(covered, replaced{in, m})
		}
		return !ok
	})
	if err != nil {
		return nil, nil, err
	}
	out = append(out, merged...)
	slices.SortFunc(out, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Number, b.Number))
	})
	for i := 1; i < len(out); i++ {
		if a, b := out[i-1], out[i]; a.Partition == b.Partition && (a.Last != b.Previous || a.through()+1 != b.Number) {
			return nil, nil, fmt.Errorf("read the archive's log of partition %d: %w: one entry ends at %d, the next starts after %d", a.Partition, ErrGap, a.Last, b.Previous)
		}
	}
	return out, covered, nil
}

// entries reads the wanted entries of a folder.
func entries(ctx context.Context, s lake.Store, folder string, want func(lake.Info) bool) ([]Entry, []lake.Info, error) {
	infos, err := s.List(ctx, folder+"/")
	if err != nil {
		return nil, nil, fmt.Errorf("list the archive's log: %w", err)
	}
	infos = slices.DeleteFunc(infos, func(in lake.Info) bool { return !want(in) })
	out := make([]Entry, len(infos))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallelReads)
	for i, in := range infos {
		g.Go(func() (err error) {
			out[i], _, err = lake.ReadJSON[Entry](ctx, s, in.Key)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, fmt.Errorf("read the archive's log: %w", err)
	}
	return out, infos, nil
}

// lastOf returns the last entry of a partition; found is false when there is none.
func lastOf(ctx context.Context, s lake.Store, partition int32) (last Entry, found bool, err error) {
	prefix := schemas.LiveLog + "/" + partitionName(partition) + "/"
	infos, err := s.List(ctx, prefix)
	if err != nil {
		return Entry{}, false, fmt.Errorf("list the archive's log: %w", err)
	}
	if len(infos) == 0 {
		return Entry{}, false, nil
	}
	last, _, err = lake.ReadJSON[Entry](ctx, s, infos[len(infos)-1].Key)
	if err != nil {
		return Entry{}, false, fmt.Errorf("read the archive's log: %w", err)
	}
	return last, true, nil
}

// Partitions returns the partitions that have snapshots, ascending: those the live job has owned.
func Partitions(ctx context.Context, s lake.Store) ([]int32, error) {
	infos, err := s.List(ctx, schemas.LiveSnapshots+"/")
	if err != nil {
		return nil, fmt.Errorf("list snapshots: %w", err)
	}
	var out []int32
	for _, in := range infos {
		folder, file := path.Split(strings.TrimPrefix(in.Key, schemas.LiveSnapshots+"/"))
		if file != pointerFile {
			continue
		}
		n, err := strconv.ParseInt(strings.Trim(folder, "p/"), 10, 32)
		if err != nil {
			return nil, fmt.Errorf("read snapshot pointer %s: its folder is no partition", in.Key)
		}
		out = append(out, int32(n))
	}
	slices.Sort(out)
	return out, nil
}

package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"segue/schemas"
	"segue/transforms/io/archive"
	"segue/transforms/io/lake"
)

// Share is the part of the topic's partitions a process reads: those whose number leaves Instance when divided by Instances, or those of a
// list. The zero value is all of them.
type Share struct {
	Instance, Instances int

	listed string // as ParsePartitions reads it; "" = by instance
}

// ParseShare reads a share written as 3/8: the fourth of eight.
func ParseShare(text string) (Share, error) {
	a, b, ok := strings.Cut(text, "/")
	i, err1 := strconv.Atoi(a)
	n, err2 := strconv.Atoi(b)
	if !ok || err1 != nil || err2 != nil || i < 0 || n < 1 || i >= n {
		return Share{}, fmt.Errorf("%q is no share: write instance/instances, counted from 0, such as 3/8", text)
	}
	return Share{Instance: i, Instances: n}, nil
}

// ParsePartitions reads a share written as partitions and ranges of them, such as 0-7,12.
func ParsePartitions(text string) (Share, error) {
	all, err := ranges(text)
	if err != nil {
		return Share{}, err
	}
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.first, b.first) })
	var out []string
	for i, r := range all {
		if i > 0 && r.first <= all[i-1].last {
			return Share{}, fmt.Errorf("%q is no list of partitions: partition %d is in it twice", text, r.first)
		}
		out = append(out, r.String())
	}
	return Share{listed: strings.Join(out, ",")}, nil
}

// span is the partitions from first to last.
type span struct{ first, last int32 }

// String is as ranges reads it.
func (r span) String() string {
	if r.first == r.last {
		return fmt.Sprint(r.first)
	}
	return fmt.Sprintf("%d-%d", r.first, r.last)
}

func ranges(text string) ([]span, error) {
	var out []span
	for part := range strings.SplitSeq(text, ",") {
		a, b, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			b = a
		}
		first, err1 := strconv.ParseUint(a, 10, 31)
		last, err2 := strconv.ParseUint(b, 10, 31)
		if err1 != nil || err2 != nil || first > last {
			return nil, fmt.Errorf("%q is no list of partitions: write numbers and ranges, counted from 0, such as 0-7,12", text)
		}
		out = append(out, span{int32(first), int32(last)})
	}
	return out, nil
}

// String names the share: what others are told who ask for its partitions.
func (s Share) String() string {
	if s.listed != "" {
		return "partitions " + s.listed
	}
	return fmt.Sprintf("instance %d/%d", s.Instance, max(s.Instances, 1))
}

// ErrShare says that the topic does not have the partitions of a share.
var ErrShare = errors.New("cannot be read")

// owns reports whether a partition is of the share.
func (s Share) owns(partition int32) bool {
	if s.listed == "" {
		return s.Instances <= 1 || int(partition)%s.Instances == s.Instance
	}
	all, _ := ranges(s.listed) // that was read before
	return slices.ContainsFunc(all, func(r span) bool { return r.first <= partition && partition <= r.last })
}

// within reports whether a topic of n partitions has some for the share, and all that it lists.
func (s Share) within(n int) bool {
	if s.listed == "" {
		return s.Instance < n
	}
	all, _ := ranges(s.listed)
	return int(all[len(all)-1].last) < n
}

// checkPartitions compares the topic's number of partitions with what the lake knows, and remembers it the first time.
//
// Errors: ErrGrew; ErrShare: a share without a partition, or of some that are not there.
func (s Share) checkPartitions(ctx context.Context, l lake.Store, n int) error {
	if !s.within(n) {
		return fmt.Errorf("%s %w: topic %s has %d partitions, counted from 0", s, ErrShare, schemas.TopicPlays, n)
	}
	before, err := archive.TopicPartitions(ctx, l)
	if err != nil {
		return err
	}
	if before == 0 { // a lake of a program that read all partitions at once and left no word
		known, err := archive.Partitions(ctx, l)
		if err != nil {
			return err
		}
		before = len(known)
	}
	if before == 0 || before == n {
		before, err = archive.FixPartitions(ctx, l, n)
	}
	if err != nil || before == n {
		return err
	}
	return fmt.Errorf("topic %s has %d partitions, the snapshots in the lake are of %d: %w; listeners' keys are elsewhere now: drain the topic and start with another lake folder, or restore the number",
		schemas.TopicPlays, n, before, ErrGrew)
}

// lane returns that of a partition of the share.
func (j *Job) lane(partition int32) *lane {
	for _, l := range j.lanes {
		if l.partition == partition {
			return l
		}
	}
	return nil
}

package listenio

import (
	"fmt"

	"segue/transforms/io/lake"
)

// Group is one work item: user buckets with their listens.
type Group struct {
	Number  int
	Buckets []lake.FileRef
}

// Name is the group's number, of five digits.
func (g Group) Name() string { return fmt.Sprintf("%05d", g.Number) }

// MemoryBytes returns what counting the group needs, about.
func (g Group) MemoryBytes() int64 {
	var size int64
	for _, b := range g.Buckets {
		size += b.Size
	}
	return memoryOfByte * size
}

// memoryOfByte is the memory that sums of listens take, by byte of their file.
const memoryOfByte = 24

// Groups cuts buckets into runs of about bytes, in their order.
func Groups(buckets []lake.FileRef, bytes int64) []Group {
	var groups []Group
	var size int64
	for _, ref := range buckets {
		if len(groups) == 0 || size+ref.Size > bytes {
			groups, size = append(groups, Group{Number: len(groups)}), 0
		}
		last := &groups[len(groups)-1]
		last.Buckets = append(last.Buckets, ref)
		size += ref.Size
	}
	return groups
}

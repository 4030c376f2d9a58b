package charts

import (
	"context"
	"fmt"
	"slices"

	"segue/transforms/algo/cells"
	"segue/transforms/algo/chart"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

// partitions are runs of parts of a chart.Spread; their number changes no row.
const (
	partitions     = 8
	partsPartition = chart.Parts / partitions
)

// Columns of segments, int64 each.
const (
	chartWidth = 1 + 3*len(chart.Windows) // key, and by window listeners, listeners before, weight
	heardWidth = 3                        // key, listeners, weight
)

// segment is the counts of one item for one partition of songs, part after part.
type segment struct {
	Cells       lake.FileRef // cell by number; the same for all partitions
	Charts      lake.FileRef // .npy int64 [n × chartWidth]
	Heard       lake.FileRef // .npy int64 [n × heardWidth]
	ChartStarts []int        // [partsPartition+1]: first row of each part
	HeardStarts []int
}

// writeSegments writes the counts of an item by partition; rows of a part are in the order of counting.
func writeSegments(ctx context.Context, env *work.Env, item string, c *counter) ([partitions]segment, error) {
	var out [partitions]segment
	meta := parquetio.Meta{RunID: env.Run, Table: "charts_cells", SchemaVersion: 1}
	names, err := parquetio.WriteAll(ctx, env.Scratch, env.File("cells", item, ".parquet"), meta, c.index.Values())
	if err != nil {
		return out, err
	}
	var charts, heard []int64
	for i := range out {
		seg := &out[i]
		seg.Cells = names
		name := fmt.Sprintf("%s-%02d", item, i)
		charts, heard = chartFile(charts, c, i, seg), heardFile(heard, c, i, seg)
		if seg.Charts, err = npy.Write(ctx, env.Scratch, env.File("charts", name, ".npy"), charts, len(charts)/chartWidth, chartWidth); err != nil {
			return out, err
		}
		if seg.Heard, err = npy.Write(ctx, env.Scratch, env.File("heard", name, ".npy"), heard, len(heard)/heardWidth, heardWidth); err != nil {
			return out, err
		}
	}
	return out, nil
}

func chartFile(into []int64, c *counter, partition int, seg *segment) []int64 {
	into, seg.ChartStarts = flat(into, c.charts, partition, chartWidth, func(row []int64, v chart.Counts) {
		for w := range chart.Windows {
			row[3*w], row[3*w+1], row[3*w+2] = int64(v.Now[w]), int64(v.Before[w]), v.Weight[w]
		}
	})
	return into
}

func heardFile(into []int64, c *counter, partition int, seg *segment) []int64 {
	into, seg.HeardStarts = flat(into, c.heard, partition, heardWidth, func(row []int64, v chart.Heard) {
		row[0], row[1] = int64(v.Listeners), v.Weight
	})
	return into
}

// flat returns the rows of a partition, key first, in the memory of into, and where each part starts.
func flat[V cells.Value[V]](into []int64, s *chart.Spread[V], partition, width int, encode func([]int64, V)) (out []int64, starts []int) {
	starts = []int{0}
	n := 0
	for p := range partsPartition {
		n += s.Table(partition*partsPartition + p).Len()
		starts = append(starts, n)
	}
	out = slices.Grow(into[:0], n*width)[:n*width]
	at := out
	for p := range partsPartition {
		for _, r := range s.Table(partition*partsPartition + p).Rows() {
			at[0] = int64(r.Key)
			encode(at[1:width], r.Value)
			at = at[width:]
		}
	}
	return out, starts
}

// opened is a segment in memory, its cells under the numbers of a merge.
type opened struct {
	seg           segment
	numbers       []int32
	charts, heard []int64
}

// merge is the segments of one partition, summed part by part.
type merge struct {
	index  cells.Index[cell]
	arrays npy.Arrays
	items  []opened
	charts cells.Table[chart.Counts]
	heard  cells.Table[chart.Heard]
}

func (m *merge) open(ctx context.Context, s lake.Store, seg segment) error {
	names, err := parquetio.ReadAll[cell](ctx, s, seg.Cells)
	if err != nil {
		return err
	}
	o := opened{seg: seg, numbers: make([]int32, len(names))}
	for i, c := range names {
		o.numbers[i] = m.index.Of(c)
	}
	charts, heard := npy.LoadTable[int64](ctx, &m.arrays, s, seg.Charts), npy.LoadTable[int64](ctx, &m.arrays, s, seg.Heard)
	if err := m.arrays.Err(); err != nil {
		return err
	}
	o.charts, o.heard = charts.Data, heard.Data
	m.items = append(m.items, o)
	return nil
}

// sum sums one part of all segments into charts and heard.
func (m *merge) sum(part int) {
	m.charts.Reset()
	m.heard.Reset()
	for _, o := range m.items {
		for i := o.seg.ChartStarts[part]; i < o.seg.ChartStarts[part+1]; i++ {
			row := o.charts[i*chartWidth : (i+1)*chartWidth]
			at := m.charts.At(o.key(row[0]))
			for w := range chart.Windows {
				at.Now[w] += int32(row[3*w+1])
				at.Before[w] += int32(row[3*w+2])
				at.Weight[w] += row[3*w+3]
			}
		}
		for i := o.seg.HeardStarts[part]; i < o.seg.HeardStarts[part+1]; i++ {
			row := o.heard[i*heardWidth : (i+1)*heardWidth]
			at := m.heard.At(o.key(row[0]))
			at.Listeners, at.Weight = at.Listeners+int32(row[1]), at.Weight+row[2]
		}
	}
}

func (o opened) key(k int64) cells.Key {
	key := cells.Key(k)
	return cells.KeyOf(o.numbers[key.Cell()], key.Member())
}

package preferences

import (
	"cmp"

	"segue/schemas"
	"segue/transforms/algo/cells"
	"segue/transforms/algo/within"
	"segue/transforms/algo/worth"
	"segue/transforms/io/listenio"
)

// Dimensions of table device_preferences.
const (
	DimensionDevice = "device"
	DimensionPlace  = "place"
)

// situation is a device or a place.
type situation struct {
	Dimension string `parquet:"dimension,dict"`
	Name      string `parquet:"name,dict"`
}

func compareSituations(a, b situation) int {
	return cmp.Or(cmp.Compare(a.Dimension, b.Dimension), cmp.Compare(a.Name, b.Name))
}

// situations compares what each listener hears in situations with the mix of the same listener over all known ones of the
// dimension. Unknown devices and places are no situations; a listener in fewer than two is not compared.
type situations struct {
	songs *songTable
	index cells.Index[situation]
	of    [][2]int32 // by number of the reader's cell: its device and place, -1 = unknown

	own   cells.Gather    // (situation, class)
	mix   [2]cells.Gather // (0, class) over all situations of a dimension
	total []int64         // by situation and kind: weight of the listener's classes
	met   []int32         // situations with a total
	sums  cells.Table[within.Sums]
}

func newSituations(songs *songTable) *situations {
	return &situations{songs: songs}
}

func (s *situations) meet(c listenio.Cell) {
	device, place := int32(-1), int32(-1)
	if c.Device != "" && c.Device != schemas.Unknown {
		device = s.no(situation{DimensionDevice, c.Device})
	}
	if c.Place != "" && c.Place != schemas.Unknown {
		place = s.no(situation{DimensionPlace, c.Place})
	}
	s.of = append(s.of, [2]int32{device, place})
}

func (s *situations) no(x situation) int32 {
	n := s.index.Of(x)
	for len(s.total) < s.index.Len()*len(kinds) {
		s.total = append(s.total, 0)
	}
	return n
}

// add counts one listen of decayed weight w.
func (s *situations) add(x *listenio.Listen, classes []int32, w int64) {
	if w <= 0 {
		return
	}
	for dimension, n := range s.of[x.Cell] {
		if n < 0 {
			continue
		}
		if s.total[int(n)*len(kinds)] == 0 { // every song has a class of each kind
			s.met = append(s.met, n)
		}
		for _, k := range classes {
			s.own.Add(cells.KeyOf(n, k), int64(x.Plays), 0, w)
			s.mix[dimension].Add(cells.KeyOf(0, k), 0, 0, w)
			s.total[int(n)*len(kinds)+int(s.songs.kind[k])] += w
		}
	}
}

// fold adds the listener to the sums and forgets him.
func (s *situations) fold() {
	for dimension := range s.mix {
		s.compare(dimension)
		s.mix[dimension].Reset()
	}
	s.own.Reset()
	for _, n := range s.met {
		clear(s.total[int(n)*len(kinds) : (int(n)+1)*len(kinds)])
	}
	s.met = s.met[:0]
}

// compare adds the comparison of one listener along a dimension: for each of his situations every class of his mix, also
// those he does not hear there, and under class number + kind the listener himself.
func (s *situations) compare(dimension int) {
	var in []int32
	var all [3]int64
	for _, n := range s.met {
		if s.index.Values()[n].Dimension != [2]string{DimensionDevice, DimensionPlace}[dimension] {
			continue
		}
		in = append(in, n)
		for k := range kinds {
			all[k] += s.total[int(n)*len(kinds)+k]
		}
	}
	if len(in) < 2 {
		return
	}
	classes := int32(len(s.songs.names))
	for _, n := range in {
		for k := range kinds {
			here := s.total[int(n)*len(kinds)+k]
			a := within.Weight(float64(here) / float64(worth.One))
			s.sums.Add(cells.KeyOf(n, classes+int32(k)), within.Of(0, a, 1, 1))
		}
		for _, o := range s.mix[dimension].Rows() {
			class := o.Key.Member()
			k := s.songs.kind[class]
			here := s.total[int(n)*len(kinds)+int(k)]
			a := within.Weight(float64(here) / float64(worth.One))
			own := s.own.Of(cells.KeyOf(n, class))
			s.sums.Add(cells.KeyOf(n, class), within.Of(own.Plays, a, float64(own.Weight)/float64(here), float64(o.Weight)/float64(all[k])))
		}
	}
}

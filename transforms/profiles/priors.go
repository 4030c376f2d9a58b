package profiles

import (
	"cmp"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/worth"
)

// pull is how many decayed plays a prior counts for, in every mix.
const pull = 20

// MixSums is a mix over many listeners: places that are not 0, ascending, and their sums.
type MixSums struct {
	Places []int32
	Plays  []int64
}

// gathered sums mixes by place.
type gathered map[int32]int64

func (g gathered) add(places []int32, plays []int64) {
	for i, at := range places {
		g[at] += plays[i]
	}
}

func (g gathered) sums() (out MixSums) {
	for at := range g {
		out.Places = append(out.Places, at)
	}
	slices.Sort(out.Places)
	for _, at := range out.Places {
		out.Plays = append(out.Plays, g[at])
	}
	return out
}

// shrunkMix is the shares of classes in each day part, shrunk to a prior; nil is no prior.
type shrunkMix struct {
	classes int
	shares  []float64 // [5 × classes]
	best    [unknownPart][]int32
}

// shrunk returns the mix of some listeners, drawn to up.
func (s MixSums) shrunk(classes int, names []string, up *shrunkMix) *shrunkMix {
	m := &shrunkMix{classes: classes, shares: make([]float64, unknownPart*classes)}
	var total [unknownPart + 1]float64
	plays := make([]float64, (unknownPart+1)*classes)
	for i, at := range s.Places {
		plays[at] = float64(s.Plays[i]) / float64(worth.One)
		total[int(at)/classes] += plays[at]
	}
	for part := range unknownPart {
		order := make([]int32, classes)
		for class := range order {
			order[class] = int32(class)
			at := part*classes + class
			m.shares[at] = up.shrink(plays[at], total[part], part, int32(class))
		}
		slices.SortFunc(order, func(a, b int32) int {
			return cmp.Or(cmp.Compare(m.share(part, b), m.share(part, a)), cmp.Compare(names[a], names[b]))
		})
		m.best[part] = order[:min(len(order), maxClasses)]
	}
	return m
}

func (m *shrunkMix) share(part int, class int32) float64 { return m.shares[part*m.classes+int(class)] }

// first returns the classes of largest share, ties by name; it must not be changed.
func (m *shrunkMix) first(part int) []int32 {
	if m == nil {
		return nil
	}
	return m.best[part]
}

// shrink returns (own + pull·share)/(n + pull): the share of a class with own of n plays; own/n without a prior.
func (m *shrunkMix) shrink(own, n float64, part int, class int32) float64 {
	switch {
	case m != nil:
		return (own + pull*m.share(part, class)) / (n + pull)
	case n > 0:
		return own / n
	}
	return 0
}

// byClass sums a mix over day parts, unknown local time included.
func (s MixSums) byClass(classes int) (plays []float64, total float64) {
	plays = make([]float64, classes)
	for i, at := range s.Places {
		plays[int(at)%classes] += float64(s.Plays[i]) / float64(worth.One)
	}
	for _, n := range plays {
		total += n
	}
	return plays, total
}

// byPart sums a mix over classes, by day part.
func (s MixSums) byPart(classes int) (plays []float64, total float64) {
	plays = make([]float64, unknownPart)
	for i, at := range s.Places {
		if part := int(at) / classes; part < unknownPart {
			plays[part] += float64(s.Plays[i]) / float64(worth.One)
			total += float64(s.Plays[i]) / float64(worth.One)
		}
	}
	return plays, total
}

// lifts returns how much more of each class there is among own plays than among all; classes nobody heard are left out.
func lifts(own []float64, ownTotal float64, all []float64, allTotal float64, names []string) []schemas.ClassLift {
	var out []schemas.ClassLift
	for class, name := range names {
		if all[class] == 0 || name == schemas.Unknown {
			continue
		}
		world := all[class] / allTotal
		share := (own[class] + pull*world) / (ownTotal + pull)
		out = append(out, schemas.ClassLift{Class: name, Share: float32(share), Lift: float32(share / world)})
	}
	slices.SortFunc(out, func(a, b schemas.ClassLift) int {
		return cmp.Or(cmp.Compare(distinction(b), distinction(a)), cmp.Compare(a.Class, b.Class))
	})
	return out
}

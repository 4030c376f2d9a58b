package shrink

// Smooth returns the weights of each node of a ring of hours with factor times those of the hour before and after added:
// a kernel (factor, 1, factor) around the clock. ring holds node indices in order, -1 where an hour has no node.
//
// Half weights stay as they are: strengths are estimated before smoothing. n stays too, because the same listeners are
// heard in neighbouring hours.
func Smooth(nodes []Node, ring []int32, factor float64) {
	smoothed := make([]Node, len(ring))
	for h, i := range ring {
		if i < 0 {
			continue
		}
		out := nodes[i]
		out.Weight = append([]float64(nil), out.Weight...)
		for _, other := range []int32{ring[(h+len(ring)-1)%len(ring)], ring[(h+1)%len(ring)]} {
			if other >= 0 && other != i {
				out.add(&nodes[other], factor)
			}
		}
		smoothed[h] = out
	}
	for h, i := range ring {
		if i >= 0 {
			nodes[i] = smoothed[h]
		}
	}
}

// add adds factor times the weights of o, keeping classes ascending.
func (n *Node) add(o *Node, factor float64) {
	var class []int32
	var weight, half []float64
	for i, j := 0, 0; i < len(n.Class) || j < len(o.Class); {
		switch {
		case j == len(o.Class) || i < len(n.Class) && n.Class[i] < o.Class[j]:
			class, weight, half = append(class, n.Class[i]), append(weight, n.Weight[i]), append(half, n.Half[i])
			i++
		case i == len(n.Class) || o.Class[j] < n.Class[i]:
			class, weight, half = append(class, o.Class[j]), append(weight, factor*o.Weight[j]), append(half, 0)
			j++
		default:
			class, weight, half = append(class, n.Class[i]), append(weight, n.Weight[i]+factor*o.Weight[j]), append(half, n.Half[i])
			i, j = i+1, j+1
		}
	}
	n.Class, n.Weight, n.Half = class, weight, half
}

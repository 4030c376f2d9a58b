package cells

// Index numbers values in the order they come first; the zero value is empty.
type Index[K comparable] struct {
	values  []K
	numbers map[K]int32
	last    int32 // number asked for last
}

// Of returns the number of v, the next one for a new value.
func (x *Index[K]) Of(v K) int32 {
	if int(x.last) < len(x.values) && x.values[x.last] == v {
		return x.last
	}
	n, ok := x.numbers[v]
	if !ok {
		if x.numbers == nil {
			x.numbers = map[K]int32{}
		}
		n = int32(len(x.values))
		x.numbers[v], x.values = n, append(x.values, v)
	}
	x.last = n
	return n
}

// Len returns how many values have a number.
func (x *Index[K]) Len() int { return len(x.values) }

// Values returns the values by number; it must not be changed.
func (x *Index[K]) Values() []K { return x.values }

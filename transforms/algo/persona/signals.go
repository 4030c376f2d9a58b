package persona

import "math"

// Signals tells personas from little: naive Bayes over named signals such as country=SE or genre=rock.
type Signals struct {
	Members []int64            // listeners of each persona
	Counts  map[string][]int64 // of those, with the signal
}

// NewSignals returns Signals of k personas that have seen nobody.
func NewSignals(k int) Signals {
	return Signals{make([]int64, k), map[string][]int64{}}
}

// Add counts one listener of a persona with its signals, each once.
func (s Signals) Add(persona int32, signals []string) {
	s.Members[persona]++
	for _, name := range signals {
		if s.Counts[name] == nil {
			s.Counts[name] = make([]int64, len(s.Members))
		}
		s.Counts[name][persona]++
	}
}

// Guess returns the persona of largest log P(persona) + Σ log P(signal | persona), the first of equals; None without personas
// that have members, or without a signal that anybody had: then nothing is known.
//
// P(signal | persona) = (count + 10·P(signal)) / (members + 10): rare signals of small personas are drawn to the
// share of all listeners who have them. Signals of one listener are taken in the order given.
func (s Signals) Guess(signals []string) int32 {
	var all int64
	for _, n := range s.Members {
		all += n
	}
	score, known := make([]float64, len(s.Members)), false
	for p, n := range s.Members {
		score[p] = math.Log(float64(n) / float64(max(all, 1)))
	}
	for _, name := range signals {
		counts := s.Counts[name]
		if counts == nil {
			continue
		}
		known = true
		var having int64
		for _, n := range counts {
			having += n
		}
		share := float64(having) / float64(all)
		for p, n := range counts {
			score[p] += math.Log((float64(n) + 10*share) / (float64(s.Members[p]) + 10))
		}
	}
	best := None
	for p := range score {
		if s.Members[p] > 0 && (best == None || score[p] > score[best]) {
			best = int32(p)
		}
	}
	if !known {
		return None
	}
	return best
}

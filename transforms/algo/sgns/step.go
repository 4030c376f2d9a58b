package sgns

import "segue/transforms/algo/simd"

// maxNegatives bounds the negatives of a step.
const maxNegatives = 64

// padded returns the length of a row of dim numbers: one that the kernels know.
func padded(dim int) int {
	switch {
	case dim <= 64:
		return 64
	case dim <= 112:
		return 112
	}
	return 128
}

// step is the scratch of one centre, its contexts and its outputs: the centre and the negatives.
type step struct {
	t      *training
	x, y   []float32 // contexts [B×width] and outputs [N×width], as they were before the step
	logits []float32 // [B×N]
	labels []float32 // 1 for the first of every N
	outs   []int32   // rows: centre, negatives
	next   []int32   // those of the next centre, in the racing mode
}

// newStep returns scratch for up to contexts contexts.
func newStep(t *training, contexts int) *step {
	n := t.p.Negatives + 1
	s := &step{t: t, x: make([]float32, contexts*t.width), y: make([]float32, n*t.width), outs: make([]int32, n), next: make([]int32, n)}
	s.logits, s.labels = make([]float32, contexts*n), make([]float32, contexts*n)
	for i := 0; i < len(s.labels); i += n {
		s.labels[i] = 1
	}
	return s
}

// negatives draws the outputs of a centre from a block whose first row is given.
func (s *step) negatives(r *random, from noise, first, centre int32) {
	s.draw(s.outs, r, from, first, centre)
}

func (*step) draw(outs []int32, r *random, from noise, first, centre int32) {
	outs[0] = centre
	for j := 1; j < len(outs); j++ {
		outs[j] = first + from.besides(r, centre-first)
	}
}

// update moves the input rows of the contexts and the output rows of outs along the gradient of
// Σ_b log σ(v_b·o_0) + Σ_b Σ_{j>0} log σ(-v_b·o_j), from the values all of them had before.
func (s *step) update(contexts []int32, rate float32) {
	width, b, n := s.t.width, len(contexts), len(s.outs)
	x, logits := s.x[:b*width], s.logits[:b*n]
	simd.GatherRows(x, s.t.in, contexts, width)
	simd.GatherRows(s.y, s.t.out, s.outs, width)
	simd.Dots(logits, x, s.y, width)
	simd.Grad(logits, s.labels[:b*n], rate)
	simd.UpdateT(s.t.out, s.outs, x, logits, width)
	simd.Update(s.t.in, contexts, s.y, logits, width)
}

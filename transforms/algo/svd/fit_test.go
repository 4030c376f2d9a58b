package svd

import (
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/vec"
)

// world returns playlists over songs in communities, each playlist mostly from one.
func world(seed uint64, songs, lists, communities int) *csr.Playlists {
	r := rand.New(rand.NewPCG(seed, 1))
	all := make([][]int32, lists)
	for i := range all {
		c := r.IntN(communities)
		for range 3 + r.IntN(15) {
			s := r.IntN(songs)
			if r.IntN(10) > 0 {
				s = s/communities*communities + c
			}
			all[i] = append(all[i], int32(min(s, songs-1)))
		}
	}
	return csr.Build([]csr.Matrix{csr.FromLists(all)}, songs)
}

func keysOf(n int) []uint64 {
	keys := make([]uint64, n)
	for i := range keys {
		keys[i] = mix(uint64(i) + 77)
	}
	return keys
}

// exact is the oracle: singular values and right vectors of the dense normalised matrix, by the eigenvectors of X'X.
// gonum's own SVD is off by 1e-5 on such matrices: its squared values do not add up to |X|².
func exact(t *testing.T, m *csr.Playlists, p Params) (values []float64, v *mat.Dense) {
	t.Helper()
	n := m.Counts()
	fit := csr.AtLeast(n, p.MinCount)
	x := mat.NewDense(m.Rows.Rows(), fit, nil)
	for r := range m.Rows.Rows() {
		row := m.Rows.Prefix(r, int32(fit))
		if len(row) < 2 {
			continue
		}
		for _, i := range row {
			x.Set(r, int(i), math.Pow(float64(len(row)), -p.LengthExponent/2)/math.Sqrt(float64(n[i])+p.Shrink))
		}
	}
	var gram mat.Dense
	gram.Mul(x.T(), x)
	sym := mat.NewSymDense(fit, nil)
	for i := range fit {
		for j := i; j < fit; j++ {
			sym.SetSym(i, j, gram.At(i, j))
		}
	}
	var d mat.EigenSym
	if !d.Factorize(sym, true) {
		t.Fatal("dense decomposition failed")
	}
	var ascending mat.Dense
	d.VectorsTo(&ascending)
	v, values = mat.NewDense(fit, fit, nil), make([]float64, fit)
	for k, w := range d.Values(nil) {
		values[fit-1-k] = math.Sqrt(max(w, 0))
		v.SetCol(fit-1-k, mat.Col(nil, k, &ascending))
	}
	return values, v
}

// With room for the whole space, values and cosines are those of the dense decomposition, up to float32 rounding.
func TestFitAgainstDense(t *testing.T) {
	for seed := range uint64(4) {
		m := world(seed, 60, 150, 5)
		p := Default()
		p.Dim, p.Oversample = 12, 60
		got, err := Fit(m, keysOf(len(m.Columns)), p)
		if err != nil {
			t.Fatal(err)
		}
		values, v := exact(t, m, p)
		for k, s := range got.Values {
			if math.Abs(s-values[k]) > 2e-6*values[0] {
				t.Errorf("seed %d: value %d is %v, want %v", seed, k, s, values[k])
			}
		}
		for i := range got.Fitted {
			for j := range i {
				want := cosine(v, values, i, j, p)
				if c := float64(vec.Dot(row(got, i), row(got, j))); math.Abs(c-want) > 1e-3 {
					t.Fatalf("seed %d: cosine of %d and %d is %v, want %v", seed, i, j, c, want)
				}
			}
		}
	}
}

func row(e *Embedding, i int) []float32 { return e.Vectors[i*e.Dim : (i+1)*e.Dim] }

func cosine(v *mat.Dense, values []float64, i, j int, p Params) float64 {
	var ij, ii, jj float64
	for k := range p.Dim {
		w := math.Pow(values[k], 2*p.Power)
		ij += w * v.At(i, k) * v.At(j, k)
		ii += w * v.At(i, k) * v.At(i, k)
		jj += w * v.At(j, k) * v.At(j, k)
	}
	return ij / math.Sqrt(ii*jj)
}

// A few passes with l well below the rank capture almost what the best subspace of l captures, and never less than before.
func TestFitConverges(t *testing.T) {
	const seed = 9
	m := world(seed, 400, 1500, 8)
	p := Default()
	p.Dim, p.Oversample, p.Iterations = 8, 16, 6
	got, err := Fit(m, keysOf(len(m.Columns)), p)
	if err != nil {
		t.Fatal(err)
	}
	values, _ := exact(t, m, p)
	if !slices.IsSorted(got.Captured) {
		t.Errorf("seed %d: captured shares fall: %v", seed, got.Captured)
	}
	var best, all float64
	for k, s := range values {
		all += s * s
		if k < p.Dim+p.Oversample {
			best += s * s
		}
	}
	if last := got.Captured[len(got.Captured)-1]; last > best/all+1e-6 || last < .95*best/all {
		t.Errorf("seed %d: captured %v, best %v", seed, last, best/all)
	}
	for k, s := range got.Values {
		if s > values[k]*(1+1e-6) || s < values[k]*.97 {
			t.Errorf("seed %d: value %d is %v, want %v", seed, k, s, values[k])
		}
	}
}

// Parts of any size give the same bits, over several blocks too, and so do ranges of any size.
func TestGatherIsIndependentOfParts(t *testing.T) {
	const seed, l = 4, 11
	m := world(seed, 300, vec.BlockRows+500, 6)
	s := NewScales(m.Rows, m.Counts(), Default())
	b := make([]float32, s.Fit*l)
	Start{Keys: keysOf(s.Fit)}.Fill(b, 0, l)
	w := Weighted{m.Rows, int32(s.Fit), s.Row, s.Col}
	by := b[:l*l]
	n := m.Rows.Rows()
	want := make([]float32, n*l)
	w.GatherMul(want, 0, whole(l, b), by)
	for _, shift := range []uint{0, 3, 14} {
		var parts [][]float32
		for rest := b; len(rest) > 0; rest = rest[min(l<<shift, len(rest)):] {
			parts = append(parts, rest[:min(l<<shift, len(rest))])
		}
		for _, rows := range []int{1, 1000, n} {
			got := make([]float32, n*l)
			for lo := 0; lo < n; lo += rows {
				w.GatherMul(got[lo*l:min(lo+rows, n)*l], lo, NewTall(l, shift, parts...), by)
			}
			if !slices.Equal(got, want) {
				t.Errorf("parts of %d rows, read in ranges of %d, change the product", 1<<shift, rows)
			}
		}
	}
}

// Any number of cores gives the same bits.
func TestFitIsIndependentOfCores(t *testing.T) {
	m := world(4, 300, 2*vec.BlockRows+500, 6)
	p := Default()
	p.Dim, p.Oversample, p.Iterations = 6, 4, 2
	keys := keysOf(len(m.Columns))
	var want *Embedding
	for _, procs := range []int{1, 2, 5} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		got, err := Fit(m, keys, p)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if !slices.Equal(got.Vectors, want.Vectors) || !reflect.DeepEqual(got.Progress, want.Progress) {
			t.Errorf("%d cores change the vectors", procs)
		}
	}
}

// A song too rare to be fitted gets X'·U·S^(p-1) for its row of the dense matrix.
func TestFoldAgainstDense(t *testing.T) {
	const seed = 2
	m := world(seed, 90, 120, 4)
	p := Default()
	p.Dim, p.Oversample, p.MinCount = 5, 90, 12
	got, err := Fit(m, keysOf(len(m.Columns)), p)
	if err != nil {
		t.Fatal(err)
	}
	if got.Fitted == 0 || got.Fitted == len(m.Columns) {
		t.Fatalf("seed %d: %d of %d songs fitted: nothing to test", seed, got.Fitted, len(m.Columns))
	}
	values, v := exact(t, m, p)
	for i := got.Fitted; i < len(m.Columns); i++ {
		want := make([]float64, p.Dim)
		for _, r := range m.Cols.Row(i) {
			playlist := m.Rows.Prefix(int(r), int32(got.Fitted))
			for _, j := range playlist {
				x := math.Pow(float64(len(playlist)), -p.LengthExponent) / math.Sqrt(float64(m.Counts()[j])+p.Shrink)
				for k := range want {
					want[k] += x * v.At(int(j), k) * math.Pow(values[k], p.Power-2)
				}
			}
		}
		if c := math.Abs(cosineTo(row(got, i), want, v, got, p.Dim)); c < .999 {
			t.Errorf("seed %d: song %d: cosine to the oracle %v", seed, i, c)
		}
	}
}

// cosineTo compares up to the signs of the columns, which it takes from fitted song 0 and its like.
func cosineTo(x []float32, want []float64, v *mat.Dense, got *Embedding, d int) float64 {
	var dot, norm float64
	for k := range d {
		sign, most := 1.0, 0.0
		for i := range got.Fitted {
			if a := v.At(i, k); math.Abs(a) > math.Abs(most) {
				most = a
				sign = math.Copysign(1, a) * math.Copysign(1, float64(row(got, i)[k]))
			}
		}
		dot += sign * float64(x[k]) * want[k]
		norm += want[k] * want[k]
	}
	return dot / math.Sqrt(norm)
}

// Degenerate inputs end without NaN, and every vector has length 1 or 0.
func TestFitDegenerate(t *testing.T) {
	long := make([]int32, 10000)
	for i := range long {
		long[i] = int32(i)
	}
	repeat := func(l []int32, n int) [][]int32 { return slices.Repeat([][]int32{l}, n) }
	for name, lists := range map[string][][]int32{
		"nothing":         nil,
		"one song":        repeat([]int32{0}, 7),
		"one playlist":    {{0, 1, 2}},
		"identical":       repeat([]int32{0, 1, 2, 3}, 9),
		"two communities": append(repeat([]int32{0, 1, 2}, 6), repeat([]int32{3, 4, 5, 6}, 6)...),
		"long":            append(repeat([]int32{1, 2, 3}, 8), long),
	} {
		m := csr.Build([]csr.Matrix{csr.FromLists(lists)}, 10000)
		got, err := Fit(m, keysOf(len(m.Columns)), Default())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i := range m.Columns {
			n := vec.SquaredNorm(row(got, i))
			if n != 0 && !(math.Abs(n-1) < 1e-5) {
				t.Errorf("%s: song %d has squared length %v", name, i, n)
			}
			if n == 0 && got.Fitted > i && name != "one song" {
				t.Errorf("%s: fitted song %d has no vector", name, i)
			}
		}
		for _, s := range got.Values {
			if !(s >= 0) || math.IsInf(s, 0) {
				t.Errorf("%s: singular value %v", name, s)
			}
		}
	}
}

// Singular vectors are orthonormal to float32 rounding, for flat and for steep spectra, after few passes and many.
func TestVectorsAreOrthonormal(t *testing.T) {
	for seed := range uint64(3) {
		for _, iterations := range []int{1, 4, 20} {
			m := world(seed, 900, 4000, 3+int(seed)*40)
			p := Default()
			p.Dim, p.Oversample, p.Power, p.Iterations = 40, 24, 0, iterations
			f := NewFitting(m.Rows, m.Cols, NewScales(m.Rows, m.Counts(), p), p)
			if err := f.Run(Start{Keys: keysOf(f.s.Fit)}); err != nil {
				t.Fatal(err)
			}
			v := make([]float32, f.s.Fit*p.Dim)
			f.Raw(v, 0)
			for i, at, g := 0, 0, Gram(v, p.Dim, nil); i < p.Dim; i++ {
				for j := i; j < p.Dim; j++ {
					want := 0.0
					if i == j {
						want = 1
					}
					if math.Abs(g[at]-want) > 3e-6 {
						t.Fatalf("seed %d, %d passes: product of vectors %d and %d is %v", seed, iterations, i, j, g[at])
					}
					at++
				}
			}
		}
	}
}

// Columns after two rounds are orthonormal; zero columns stay zero, a dependent one is zero or what rounding left of it.
func TestOrthonormaliser(t *testing.T) {
	const seed, n, l = 6, 40, 7
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]float32, n*l)
	for i := range n {
		for k := range l {
			b[i*l+k] = float32(r.NormFloat64())
		}
		b[i*l+2] = 0
		b[i*l+5] = b[i*l+1] - 2*b[i*l+3]
	}
	q := make([]float32, n*l)
	Multiply(q, b, Single(Orthonormaliser(Gram(b, l, nil), l)), l)
	Multiply(q, q, Single(Polisher(Gram(q, l, nil), l)), l)
	g := Gram(q, l, nil)
	for i, at := 0, 0; i < l; i++ {
		for j := i; j < l; j++ {
			want := 0.0
			if i == j && i != 2 {
				want = 1
			}
			dropped := i == 5 && g[at] == 0
			if math.Abs(g[at]-want) > 1e-5 && !dropped {
				t.Errorf("seed %d: product of columns %d and %d is %v, want %v", seed, i, j, g[at], want)
			}
			at++
		}
	}
}

func TestValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	if err := (Params{Dim: 500, Power: math.NaN()}).Validate(); err == nil {
		t.Error("nonsense passed")
	}
}

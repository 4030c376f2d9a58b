package simd

// block is a product of TileRows×TileCols: element (i,k) of a stands at a[i·rs+k·cs], element (k,j) of b at b[k·ldb+j].
type block struct {
	a, b        []float32
	rs, cs, ldb int
	k           int
}

// Mul computes out [n×w] = a [n×k]·b [k×w], all by rows; n and w follow from the lengths. out overlaps neither a nor b.
//
// Each element is one chain of k terms from k = 0 on: at most k·2⁻²³·Σ|terms| from the exact one; avx2 and avx512 give the same bits, and a row of
// out depends on its row of a alone. Cost: 2·n·k·w flops at the speed of the tile.
// Panics unless the lengths are multiples of k that fit.
func Mul(out, a, b []float32, k int) {
	if k <= 0 || len(a)%k != 0 || len(b)%k != 0 || len(out) != len(a)/k*(len(b)/k) {
		wrong("Mul: %d = %d·%d over %d", len(out), len(a), len(b), k)
	}
	n, w := len(a)/k, len(b)/k
	if len(out) == 0 {
		return
	}
	tail := padCols(b, w, k)
	padA, padC := make([]float32, TileRows*k), make([]float32, TileRows*TileCols)
	for i := 0; i < n; i += TileRows {
		rows := a[i*k:]
		if n-i < TileRows {
			copy(padA, rows)
			rows = padA
		}
		for j := 0; j < w; j += TileCols {
			p := block{a: rows, rs: k, cs: 1, b: b[j:], ldb: w, k: k}
			if w-j < TileCols {
				p.b, p.ldb = tail, TileCols
			}
			if n-i >= TileRows && w-j >= TileCols {
				mulBlock(p, out[i*w+j:], w)
				continue
			}
			mulBlock(p, padC, TileCols)
			for r := range min(TileRows, n-i) {
				copy(out[(i+r)*w+j:(i+r+1)*w], padC[r*TileCols:(r+1)*TileCols])
			}
		}
	}
}

// padCols returns the last columns of b [k×w], fewer than TileCols, filled up with zeros; nil if there are none.
func padCols(b []float32, w, k int) []float32 {
	from := w / TileCols * TileCols
	if from == w {
		return nil
	}
	tail := make([]float32, k*TileCols)
	for r := range k {
		copy(tail[r*TileCols:(r+1)*TileCols], b[r*w+from:(r+1)*w])
	}
	return tail
}

// gramRows is how many rows Gram sums in float32 before it adds to float64.
const gramRows = 256

// Gram adds xᵀ·x to g [l×l], symmetric, for the rows of x, each of l floats.
//
// Sums run over 256 rows in float32, from the first row of x on, then in float64: at most 2⁻¹⁵·Σ|terms| (256·2⁻²³), in practice near 2⁻²²,
// from the exact one. avx2 and avx512 give the same bits. Cost: rows·l² flops at the speed of the tile.
// Panics unless len(g) = l² and len(x) is a multiple of l.
func Gram(g []float64, x []float32, l int) {
	if l <= 0 || len(g) != l*l || len(x)%l != 0 {
		wrong("Gram: %d numbers for rows of %d, %d floats", len(g), l, len(x))
	}
	width := (l + TileCols - 1) / TileCols * TileCols
	var pad []float32
	if width != l {
		pad = make([]float32, gramRows*width)
	}
	sums := make([]float32, TileRows*TileCols)
	for len(x) > 0 {
		n := min(gramRows, len(x)/l)
		rows := x[:n*l]
		if pad != nil {
			for r := range n {
				copy(pad[r*width:], rows[r*l:(r+1)*l])
			}
			rows = pad[:n*width]
		}
		gramBlock(g, rows, sums, l, width)
		x = x[n*l:]
	}
	for i := range l {
		for j := range i {
			g[i*l+j] = g[j*l+i]
		}
	}
}

// gramBlock adds the product of some rows of the padded width to the upper triangle of g.
func gramBlock(g []float64, rows, sums []float32, l, width int) {
	for i := 0; i < l; i += TileRows {
		from := min(i, width-TileRows) // the last rows may repeat some of the tile before
		for j := i / TileCols * TileCols; j < l; j += TileCols {
			mulBlock(block{a: rows[from:], rs: 1, cs: width, b: rows[j:], ldb: width, k: len(rows) / width}, sums, TileCols)
			for r := i; r < min(i+TileRows, l); r++ {
				lo := max(j, r)
				if lo >= j+TileCols {
					continue
				}
				at := sums[(r-from)*TileCols+lo-j : (r-from+1)*TileCols]
				for c, v := range at[:min(len(at), l-lo)] {
					g[r*l+lo+c] += float64(v)
				}
			}
		}
	}
}

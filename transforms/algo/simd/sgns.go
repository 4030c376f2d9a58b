package simd

// Grad turns logits into gradients: x[i] = (label[i] - 1/(1+e^-x[i]))·lr. NaN stays NaN.
//
// Error: the logistic is within 2⁻²¹ of the exact one at any x; avx2 and avx512 give the same bits.
func Grad(x, label []float32, lr float32) {
	if len(x) != len(label) {
		wrong("Grad: %d logits, %d labels", len(x), len(label))
	}
	if len(x) > 0 {
		gradient(x, label, lr)
	}
}

// GatherRows copies the named rows of base [·×width] to dst, one after another.
func GatherRows(dst, base []float32, rows []int32, width int) {
	if len(dst) != len(rows)*width {
		wrong("GatherRows: %d floats for %d rows of %d", len(dst), len(rows), width)
	}
	checkRows("GatherRows", rows, base, width)
	if len(dst) > 0 {
		gatherRows(dst, base, rows, width)
	}
}

// FetchRows asks the processor to bring the named rows of base [·×width] near before they are read. It changes nothing; tiers without a
// kernel for the width do not ask.
func FetchRows(base []float32, rows []int32, width int) {
	checkRows("FetchRows", rows, base, width)
	if len(rows) > 0 {
		fetchRows(base, rows, width)
	}
}

// Dots computes out [m×n] = a [m×width]·bᵀ [width×n]. The order of each sum differs by tier, as that of Dot.
// Widths 64, 112 and 128 are the fast ones.
func Dots(out, a, b []float32, width int) {
	if width <= 0 || len(a)%width != 0 || len(b)%width != 0 || len(out) != len(a)/width*(len(b)/width) {
		wrong("Dots: %d = %d·%d over width %d", len(out), len(a), len(b), width)
	}
	if len(out) > 0 {
		dots(out, a, b, width)
	}
}

// Update adds to row rows[r] of base [·×width] the sum over m of g[r][m]·x[m], for g [rows×m] and x [m×width]: rows one after another, so that a
// row named twice takes both. Each sum begins at 0 and follows m; the row is added last.
func Update(base []float32, rows []int32, x, g []float32, width int) {
	updateRows("Update", base, rows, coefficients{x, g, width, 0, 1})
}

// UpdateT is Update with g [m×rows]: the sum over m of g[m][r]·x[m].
func UpdateT(base []float32, rows []int32, x, g []float32, width int) {
	updateRows("UpdateT", base, rows, coefficients{x, g, width, 1, len(rows)})
}

// coefficients are g, of strides byRow and byTerm, and the vectors x they belong to.
type coefficients struct {
	x, g          []float32
	width         int
	byRow, byTerm int
}

func updateRows(name string, base []float32, rows []int32, c coefficients) {
	if c.width <= 0 || len(c.x)%c.width != 0 || len(c.g) != len(rows)*(len(c.x)/c.width) {
		wrong("%s: %d coefficients for %d rows and %d floats of width %d", name, len(c.g), len(rows), len(c.x), c.width)
	}
	checkRows(name, rows, base, c.width)
	if len(c.g) == 0 {
		return
	}
	if c.byRow == 0 {
		c.byRow = len(c.x) / c.width
	}
	update(base, rows, c)
}

func checkRows(name string, rows []int32, base []float32, width int) {
	if width <= 0 {
		wrong("%s: width %d", name, width)
	}
	n := len(base) / width
	for _, r := range rows {
		if uint(r) >= uint(n) {
			wrong("%s: row %d of %d", name, r, n)
		}
	}
}

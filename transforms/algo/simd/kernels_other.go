//go:build !amd64 || purego

package simd

func dot(a, b []float32) float32 { return dotGo(a, b) }

func axpy(alpha float32, x, y []float32) { axpyGo(alpha, x, y) }

func scale(alpha float32, x []float32) { scaleGo(alpha, x) }

func gatherAxpy(y []float32, items []int32, w []float32, rows Rows) { gatherAxpyGo(y, items, w, rows) }

func tile(a, b []float32, rows *[TileRows]float32, h *Hits) bool { return tileGo(a, b, rows, h) }

func tileSym(a, b []float32, rows *[TileRows]float32, cols *[TileCols]float32, h *Hits) bool {
	return tileSymGo(a, b, rows, cols, h)
}

func tileI8(a []uint8, b []int8, e *EdgesI8, h *Hits) bool {
	return tileI8Go(a, b, e, h)
}

func tileI8Sym(a []uint8, b []int8, e *EdgesI8, h *Hits) bool {
	return tileI8SymGo(a, b, e, h)
}

func packFourI8(dst []uint8, rows *[4][]int8) { packFourI8Go(dst, rows) }

func mulBlock(p block, c []float32, ldc int) { mulBlockGo(p, c, ldc) }

func gradient(x, label []float32, lr float32) { gradientGo(x, label, lr) }

func fetchRows([]float32, []int32, int) {}

func gatherRows(dst, base []float32, rows []int32, width int) { gatherRowsGo(dst, base, rows, width) }

func dotsI8(out []int32, base []int8, rows []int32, b []int16, width int) {
	dotsI8Go(out, base, rows, b, width)
}

func dotRows(out, base []float32, rows []int32, x []float32) { dotRowsGo(out, base, rows, x) }

func sumRows(sums []float64, base []float32, rows []int32) { sumRowsGo(sums, base, rows) }

func addCounts(sums []float64, counts []uint8, weight float64) { addCountsGo(sums, counts, weight) }

func atLeast(marks []uint64, counts []uint8, least uint8) { atLeastGo(marks, counts, least) }

func reaching(marks []uint64, sums, scale []float64, least float64) {
	reachingGo(marks, sums, scale, least)
}

func split(keys []uint64, pivot uint64) int { return splitGo(keys, pivot) }

func ask(*byte, int) {}

func askEach(*byte, []int32, int) {}

func addAt(sum []float32, at []int32, x []float32, w float32, fresh []int32) int {
	return addAtGo(sum, at, x, w, fresh)
}

func keepAt(sum []float32, at []int32, least uint32, kept []int32) int {
	return keepAtGo(sum, at, least, kept)
}

func clearAt(sum []float32, at []int32) int { return clearAtGo(sum, at) }

func dots(out, a, b []float32, width int) { dotsBy(out, a, b, width) }

func update(base []float32, rows []int32, c coefficients) { updateBy(base, rows, c) }

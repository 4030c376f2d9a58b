package simd

// scoresGo sums every score of two panels in the order of their elements.
func scoresGo(scores *[TileRows * TileCols]float32, a, b []float32) {
	clear(scores[:])
	for ; len(a) > 0; a, b = a[TileRows:], b[TileCols:] {
		cols := (*[TileCols]float32)(b)
		for i, v := range (*[TileRows]float32)(a) {
			row := (*[TileCols]float32)(scores[i*TileCols:])
			for j, u := range cols {
				row[j] += float32(v * u)
			}
		}
	}
}

// scoresI8Go sums in integers and leaves the sums as floats.
func scoresI8Go(scores *[TileRows * TileCols]float32, a []uint8, b []int8, bias *[TileCols]int32) {
	var sums [TileRows * TileCols]int32
	for i := range TileRows {
		copy(sums[i*TileCols:], bias[:])
	}
	for ; len(a) > 0; a, b = a[TileRows*TileGroup:], b[TileCols*TileGroup:] {
		for i := range TileRows {
			u := (*[TileGroup]uint8)(a[i*TileGroup:])
			row := (*[TileCols]int32)(sums[i*TileCols:])
			for j := range row {
				v := (*[TileGroup]int8)(b[j*TileGroup:])
				row[j] += int32(u[0])*int32(v[0]) + int32(u[1])*int32(v[1]) + int32(u[2])*int32(v[2]) + int32(u[3])*int32(v[3])
			}
		}
	}
	for i, s := range sums {
		scores[i] = float32(s)
	}
}

// rowMasks sets the bits of scores above the threshold of their row and reports whether there are any.
func rowMasks(masks *[TileRows]uint32, scores *[TileRows * TileCols]float32, rows *[TileRows]float32) bool {
	all := uint32(0)
	for i, above := range rows {
		m := uint32(0)
		for j, s := range scores[i*TileCols : (i+1)*TileCols] {
			if s > above {
				m |= 1 << j
			}
		}
		masks[i] = m
		all |= m
	}
	return all != 0
}

// colMasks does the same with a threshold for every column.
func colMasks(masks *[TileRows]uint32, scores *[TileRows * TileCols]float32, cols *[TileCols]float32) bool {
	all := uint32(0)
	for i := range masks {
		m := uint32(0)
		for j, s := range scores[i*TileCols : (i+1)*TileCols] {
			if s > cols[j] {
				m |= 1 << j
			}
		}
		masks[i] = m
		all |= m
	}
	return all != 0
}

func tileGo(a, b []float32, rows *[TileRows]float32, h *Hits) bool {
	scoresGo(&h.Scores, a, b)
	return rowMasks(&h.Rows, &h.Scores, rows)
}

func tileSymGo(a, b []float32, rows *[TileRows]float32, cols *[TileCols]float32, h *Hits) bool {
	row := tileGo(a, b, rows, h)
	return colMasks(&h.Cols, &h.Scores, cols) || row
}

func tileI8Go(a []uint8, b []int8, e *EdgesI8, h *Hits) bool {
	scoresI8Go(&h.Scores, a, b, e.ColBias)
	all := uint32(0)
	for i, above := range e.RowAbove {
		m := uint32(0)
		for j, s := range h.Scores[i*TileCols : (i+1)*TileCols] {
			if s*e.ColScale[j] > above {
				m |= 1 << j
			}
		}
		h.Rows[i] = m
		all |= m
	}
	return all != 0
}

func tileI8SymGo(a []uint8, b []int8, e *EdgesI8, h *Hits) bool {
	row := tileI8Go(a, b, e, h)
	all := uint32(0)
	for i, scale := range e.RowScale {
		m := uint32(0)
		for j, s := range h.Scores[i*TileCols : (i+1)*TileCols] {
			if s*scale > e.ColAbove[j] {
				m |= 1 << j
			}
		}
		h.Cols[i] = m
		all |= m
	}
	return row || all != 0
}

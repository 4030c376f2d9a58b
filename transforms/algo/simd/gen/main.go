// Command gen writes the assembly of package simd with avo. It is a module of its own: nothing that runs depends on avo.
//
//	main.go    the list of kernels
//	lanes.go   registers of both widths
//	sums.go    dot, axpy, scale, gather-axpy
//	tile.go    score tiles with thresholds
//	pack.go    rows in the order that tiles read them
//	mul.go     blocks of matrix products
//	sgns.go    steps of skip-gram with negative sampling
//	sparse.go  sums at places here and there
//	rows.go    products with rows and sums of rows here and there, and asking for what will be read
//	counts.go  sums of counts in bytes
//	keys.go    keys above another one in front
//	peak.go    what the processor can do, to measure kernels by
//
// The order of everything it writes is fixed: two runs give the same bytes.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	ConstraintExpr("amd64,!purego")
	for _, w := range []width{zmm, ymm} {
		dot(w)
		axpy(w)
		scale(w)
		for n := 1; n <= w.strip(); n++ {
			gatherAxpy(w, n)
		}
		gatherTail(w)
	}
	tileZ("tileZ", false)
	tileZ("tileSymZ", true)
	tileI8("tileI8Z", false)
	tileI8("tileI8SymZ", true)
	packFourI8()
	tileY("tileY", false)
	tileY("tileSymY", true)
	mulTile(zmm)
	mulTile(ymm)
	constants := gradConstants()
	grad(zmm, constants)
	grad(ymm, constants)
	for _, n := range []int{4, 7, 8} {
		gatherRows(n)
		fetchRows(n)
		dots(n)
		update(n)
	}
	rows()
	counts()
	split()
	sparse()
	peaks()
	Generate()
}

// Package simd holds the kernels the night spends its time in, in assembly where the processor has it.
//
//	tier.go            which instructions are used; detect_*.go what the processor has
//	sums.go            dot products and sums of scaled rows
//	tile.go, tilei8.go scores of 12 rows against 32 columns, compared with thresholds before they are stored
//	pack.go            panels the tiles read
//	mul.go             tall matrix times small one, Gram matrices
//	sgns.go            the steps of skip-gram with negative sampling
//	rows.go            products with rows and sums of rows here and there; asking for what will be read
//	counts.go          sums of counts in bytes
//	keys.go            keys above another one in front
//	sparse.go          sums at places here and there
//	plain*.go          every kernel in Go: the tier "go", and the oracle of the tests
//	kernels_*.go       from the exported functions to the tier's code
//	asm_amd64.*        written by gen, a module of its own, with avo
//
// Exported functions check lengths and indices and panic before any assembly reads memory.
//
// # Same arguments, same bits?
//
// Within one tier always: the order of every sum is fixed. Between avx512 and avx2 also, except for Dot, DotRows and Dots, whose lanes
// are summed in another order: all others give each output element one chain of fused multiply-adds in the order of
// its terms. The tier "go" (other processors, build tag purego) rounds products before it adds them: it differs from the others by at most
// n·2⁻²³·Σ|terms| for n terms. TileI8, TileI8Sym and DotsI8 are integers and the same everywhere; AddCounts, too, adds one rounded product to each sum, SumRows one number of each row, and Reaching
// compares one rounded product. The sign and payload of a NaN are not promised.
package simd

//go:generate go run -C gen . -out ../asm_amd64.s -stubs ../asm_amd64.go -pkg simd

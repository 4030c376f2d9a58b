// Package svd embeds songs by a truncated singular value decomposition of the normalised playlist × song matrix.
//
//	X[p,i] = R[p,i] · L_p^(-a/2) · (n_i + s)^(-1/2),   X = U S V',   u_i = V[i,:]·S^p scaled to length 1
//
// R [P×V] says which playlist p holds which song i, n_i counts the playlists of i, L_p the songs of p that are fitted.
// The d largest singular triples are found by block subspace iteration with l = d + oversampling columns; songs too rare
// to be fitted are projected: u_i = Σ_p X[p,i]·Y[p,:]·E·S^(p-2).
//
//	params.go    Params, and when a fit is done
//	weights.go   sizes, L_p and the scales of rows and columns
//	tall.go      Tall: a matrix of many rows, whole or in parts
//	pass.go      rows of a pass: start, gather Y = X(BT) or B = X'Y, product with a small matrix
//	gram.go      Gram matrices, packed
//	orth.go      Cholesky factors for orthonormal columns
//	spectrum.go  the small eigenproblem, final vectors and their signs
//	fit.go       Fitting, Fit: all of it in memory
//
// A pass has B as it was gathered, with its Gram matrix; the factor T that makes B orthonormal is applied to the rows of XB
// while they lie in cache, so B·T is never written. Only the last basis is orthonormalised twice: once is enough for a basis
// that is only to span, and the rounding of once is what the second round takes out (TestVectorsAreOrthonormal: 3e-6).
//
// Order: columns of the matrix are songs by playlists falling, so fitted songs are a prefix; Gram matrices are float32 over 256
// rows, then float64, over fixed blocks of vec.BlockRows rows, pairwise over blocks; cutting the rows into work items or over
// cores changes no bit. avx2 and avx512 give the same bits, plain Go others (see algo/simd).
// Source: Halko, Martinsson, Tropp 2011, algorithm 4.4; shifted Cholesky-QR after Fukaya et al. 2020. Deviations: one Gram
// matrix a pass, of B alone; columns that depend on others (l above the rank) become zero, or keep what rounding left of
// them, which holds nothing of X.
package svd

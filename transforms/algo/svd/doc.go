// Package svd embeds songs by a truncated singular value decomposition of the normalised playlist × song matrix.
//
//	X[p,i] = R[p,i] · L_p^(-a/2) · (n_i + s)^(-1/2),   X = U S V',   u_i = V[i,:]·S^p scaled to length 1
//
// R [P×V] says which playlist p holds which song i, n_i counts the playlists of i, L_p the songs of p that are fitted.
// The d largest singular triples are found by block subspace iteration with l = d + oversampling columns; songs too rare
// to be fitted are projected: u_i = Σ_p X[p,i]·Y[p,:]·E·S^(p-2).
//
//	params.go    Params
//	weights.go   sizes, L_p and the scales of rows and columns
//	pass.go      one block of a pass: start, gather Y = XB or B = X'Y, product with a small matrix
//	gram.go      Gram matrices in float64, packed
//	orth.go      Cholesky factors for orthonormal columns
//	spectrum.go  the small eigenproblem, final vectors and their signs
//	fit.go       Fit: all of it in memory
//
// Order: columns of the matrix are songs by playlists falling, so fitted songs are a prefix; sums run over fixed blocks of
// vec.BlockRows rows, pairwise over blocks; cutting the rows into work items changes no bit.
// Source: Halko, Martinsson, Tropp 2011, algorithm 4.4; Cholesky-QR twice after Yamamoto et al. 2015. Deviation: columns
// that depend on others (l above the rank) become zero instead of random.
package svd

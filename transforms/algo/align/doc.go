// Package align keeps song vectors comparable from night to night, and tells how healthy their space is.
//
//	procrustes.go   Cross, Rotation: the rotation of tonight's space onto last night's
//	health.go       Quantile, Correlation, Hubness, Churn
//
// A decomposition leaves its space free up to rotation: two nights of nearly equal playlists may differ by any orthogonal
// matrix, and vectors stored last night are useless beside tonight's until it is taken out. Cosines within a night do not
// notice: the rotation keeps them.
//
// Source: Schönemann 1966 (orthogonal Procrustes); Radovanović et al. 2010 (hubness as skewness of k-occurrences).
package align

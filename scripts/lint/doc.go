// Package lint holds the rules of the repository as tests: go test ./scripts/lint names every place that breaks one.
//
//	tree_test.go     the parsed repository, walked once
//	imports_test.go  which folder may import which
//	rows_test.go     what a row struct may hold
//	style_test.go    lengths, comments, names and left-over words
//	maps_test.go     package comments that list the files of a package
//	beam_test.go     state, timers and sources that every engine has
//	rules_test.go    the rules find what they should, on small samples
package lint

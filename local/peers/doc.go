// Package peers holds no Go code beside its tests: it measures Segue's methods beside other programs, on the same data in
// one run.
//
//	aggregate_test.go  plays by hour, device and mood: generates the file, compares figures and CPU seconds
//	aggregate.py       the same with DuckDB and Polars
package peers

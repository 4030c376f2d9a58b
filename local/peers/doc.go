// Package peers holds no Go code beside its tests: it measures Segue's methods beside other programs, on the same data in
// one run.
//
//	aggregate_test.go  plays by hour, device and mood: generates the file, compares figures and CPU seconds
//	aggregate.py       the same with DuckDB and Polars
//	contests_test.go   TestPeers: which methods meet which other programs; every side in a process of its own
//	inputs_test.go     vectors and playlists as files that both sides read
//	methods_test.go    TestMethod: Segue's methods, measured
//	methods.py         those of FAISS, gensim, implicit, scikit-learn and OpenBLAS; als is for transforms/recommend
//	report_test.go     BENCHMARKS.md
//	live_test.go       TestLive: the live job on a real broker;  liveload_test.go the load and those who watch
//	night_test.go      TestNight: nights by size, stage by stage
//	nightpeers_test.go TestNightPeers: a night beside night_python.py and night_spark.py;  nightquality_test.go their measures;
//	                   nightreport_test.go the section;  tree_test.go what a program and its children cost
//	requirements.txt   the other programs, pinned
package peers

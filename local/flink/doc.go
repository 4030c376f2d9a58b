// Package flink holds no Go code: what starts a real Apache Flink on one machine, for tests.
//
//	flink.sh       JobManager and TaskManager from PyPI packages, RocksDB, checkpoints on disk; the job server where there is one
//	job-server.sh  finds Beam's job server, which is what takes Beam pipelines to Flink
//	Counts.java    a streaming job with state, for tests of what is said to a running cluster
package flink

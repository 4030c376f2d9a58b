// Package flink holds no Go code: what starts a real Apache Flink on one machine, for tests.
//
//	flink.sh       JobManager and TaskManager from PyPI packages, RocksDB, checkpoints on disk, and Beam's job server; or that alone, Flink embedded
//	job-server.sh  finds Beam's job server, which is what takes Beam pipelines to Flink
//	pom.xml        its parts in Maven's repository
//	Counts.java    a streaming job with state, for tests of what is said to a running cluster
package flink

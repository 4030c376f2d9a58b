// Package engine takes pipelines to an execution engine that speaks Beam's job service: Apache Flink behind its job
// server, Beam's Python job service, prism as a server of its own.
//
//	settings.go  where the engine is and how its workers start
//	options.go   options of the engine, typed
//	submit.go    pipeline → job: prepare, stage, run
//	job.go       wait for a job, its metrics, cancel
//	cause.go     the one line of an engine's error that tells what happened
//	boot.go      this binary as its own worker
//	pool.go      a pool of worker processes on a host, for the environment external
//	flink.go     jobs and savepoints through Flink's REST interface
//
// What travels to an engine are names: of the lake, the run, registered functions. Credentials never do: workers take
// them from their own environment, as this process does.
package engine

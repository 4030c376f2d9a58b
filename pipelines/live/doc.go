// Package live is the live job: session features of listeners as they listen, from the topic of plays.
//
//	live.go       Open, Run: from the last snapshot to a graceful stop
//	graph.go      the graph: Read → Listen → counts
//	engine.go     BuildOnEngine: the graph for engines, Read → Partition → Cell → counts;  cell.go lanes with the engine's state
//	recycle.go    execute: one pipeline after another, where memory passes a bound
//	lane.go       lane: one partition's accumulator, in the order of the topic;  save.go its archive and snapshots;  anew.go whether the topic is still the one;  store.go how long a store is waited for
//	catalogue.go  a release as the accumulator sees it, renewed when a night is published
//	share.go      which partitions a process reads
//	status.go     Status: what metrics and the status line show
//	version.go    which of two records of a listener is the newer
//
// A partition is a lane: its listeners' accumulators live in this process, batches are applied in the order of the topic, and
// what they give is acknowledged by the brokers before the lane goes on. Every SaveEvery a lane archives the plays it has seen
// and saves a snapshot; a restart loads it and reads on behind its offset. So after a crash features are written again, the same
// ones under the same versions, and nothing is lost: readers keep the highest version.
//
// Two processes on one topic: whoever claims a partition last owns it; the other fails at its next save.
package live

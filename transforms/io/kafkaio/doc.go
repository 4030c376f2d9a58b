// Package kafkaio reads and writes Kafka topics from Beam pipelines in Go: no Java, no expansion service, no cgo.
//
//	batch.go     Batch, Record, Header: the element, and its coder
//	cluster.go   Cluster: brokers, TLS, SASL
//	await.go     Await: brokers that are not there yet
//	span.go      Position, Spans: what of a topic is to be read
//	read.go      Read: the splittable source;  tracker.go its offsets;  clock.go its event time
//	reader.go    one partition's connection, kept between bundles
//	fetch.go     Fetch: bounded reading without a pipeline
//	lag.go       Lags: how far this process has read
//	commit.go    Commit, FetchCommitted: offsets under a group id
//	write.go     Write: the sink
//	producer.go  Producer: sending without a pipeline
//	letter.go    Dead, ParseDead: records nobody can use
//	topic.go     CreateTopic
//
// An element is a Batch: all records of one partition between two offsets. An element a record would cost ten times the
// CPU of the rest of a pipeline.
//
// A pipeline is planned, then built: Spans asks the brokers where to start and to stop, and fails within seconds when it
// cannot; Read has the answer in its graph. A job with checkpoints of its own gives their offsets (Offsets).
//
// Limits, of the client underneath: transactions are not understood (records of aborted ones are read; their markers are
// dropped), topics with LogAppendTime report the producer's time, empty keys and values are read as missing ones.
// Partitions added while a job runs are not read: Partitions tells.
//
// Counters: kafkaio/read_records, read_batches, read_errors, lost_offsets, written_records; gauge kafkaio/lag.
package kafkaio

// Package kafkaio reads and writes Kafka topics from Beam pipelines in Go: no Java, no expansion service, no cgo.
//
//	batch.go  Batch, Record, Header: the element, and its coder
//
// An element is a Batch: all records of one partition between two offsets. An element a record would cost ten times the
// CPU of the rest of a pipeline.
package kafkaio

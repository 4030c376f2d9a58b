// Package ops tells other systems about a night: Prometheus figures, OpenLineage events and OpenTelemetry traces.
//
//	night.go    Night: what is told of one night
//	metrics.go  figures in Prometheus' text format: a file for the node exporter, or a push to a gateway
//	lineage.go  OpenLineage 2-0-2 events: appended to a file, or posted to a collector
//	trace.go    OpenTelemetry spans of the night, its stages and their batches of work items, by OTLP over HTTP
//	send.go     what both need of HTTP
//
// Telling never changes a night: callers report an error and go on. No address with its password, no token and no listener
// is told to anybody; errors name addresses without credentials. The text format is written here because the official
// client is a registry for twenty lines, and could not carry the last success over a failed night.
package ops

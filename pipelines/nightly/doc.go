// Package nightly is the night: which stages it has and in which order, and how one is run, resumed and recorded.
//
//	stages.go  the stages, one line each, and their parameters
//	night.go   Run: inputs, run id, stages, result
//	inputs.go  which landing files a night reads, and their hash
//	archive.go plays that the live job archived, and how long to wait for them
//	forecast.go what a night will take, by an earlier one
//	typical.go  the same of a first night, by rates.go
//	phases.go  how long the phases of a stage take
//	resume.go  which finished stages may be kept
//	protocol.go quality on playlists alone;  tune.go: the search for better parameters
//	evaluate.go two nights on the same cases
//	why.go      what became of a song on its way into a list
//	scratch.go the temporary folder of a night
//	usage.go   memory and CPU of a stage
//
// A night lists its inputs once and remembers their ETags; a stage writes its record last; the release is the manifest
// that stage publish writes, and readers follow current.json to it.
package nightly

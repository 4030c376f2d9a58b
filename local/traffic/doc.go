// Package traffic plays a generated world as events of topic plays: in event time, with stated shares of disorder, repetition,
// late and broken records, the same for the same seed.
//
//	plan.go    Params, New, Plan: which records are sent in which order, and what a live job must make of them
//	value.go   plays as JSON by the event contract
//	damage.go  the ways a record can be broken
//	pace.go    Send: records at a rate or at a multiple of the world's clock
package traffic

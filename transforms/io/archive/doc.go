// Package archive keeps the plays and finished sessions of the live job in the lake, and the snapshots it restarts from.
//
//	writer.go    Writer: plays and sessions of one partition → files and log entries
//	buffer.go    Buffer: plays that wait, in little memory
//	row.go       events and sessions ↔ rows
//	log.go       Entry, Log: which files count, in order, without gap
//	read.go      Plays, Sessions, PlayFiles: reading what counts
//	merge.go     Merge: many small files of an hour become one;  Sweep: what was replaced goes
//	snapshot.go  Owner: claim a partition, save and load its state
//	lease.go     Lease: who holds a partition for how long; the topic's number of partitions
//
// The plays of offsets (Previous, Last] of a partition are written as one file an hour of started_at, under names made of hour,
// partition, offsets, epoch and attempt:
//
//	live/plays/date=2026-03-01/hour=12/p0003-<previous>-<last>-e<epoch>.<attempt>.parquet
//	live/log/p0003/<number>.json   created after them: Previous, Last, the files
//
// Only one entry can follow another, so the entries of a partition form a chain: no record is missing and none is there
// twice, whoever crashed or wrote beside whom. Files that no entry names are left-overs. Those who read the files without the log
// drop a (partition, offset) they have seen.
//
// A night merges the entries of its day, hour by hour, before it reads them: files, then an entry in live/merged that names those of the
// log it replaces. What is replaced stays for the grace period of collections, since nights that have begun read it.
//
// Order of a flush: files, entry, then the snapshot that starts after it. A restart reads the snapshot, replays from its offset,
// and the writer drops what its log has.
package archive

// Package parquetio writes and reads tables as Parquet, one Go struct a row, with settings every reader knows.
//
//	meta.go   Meta: what a file says of itself, and how it is cut
//	write.go  Writer, WriteAll: immutable files in a lake
//	groups.go where row groups end between listeners
//	open.go   the one way to open a file: replaced, cut and damaged ones are named
//	foreign.go what other writers make: columns that the decoder would read wrong, timestamps in INT96
//	read.go   Read, ReadAll: rows of a struct, checked against the file's columns
//	merge.go  Merge: sorted files → one sorted stream
//	ahead.go  Ahead: rows made by another core meanwhile
//	columns.go Groups: single flat columns of a row group, texts by dictionary
//	reallists.go Lists: columns of lists of numbers
//	textlists.go TextLists: columns of lists of texts by dictionary; RowsOf: the rows of a row group
//	lookup.go Lookup: the row groups that may hold a value, one range request each
//	content.go ContentOf: one hash of a table, however it is cut into files
//	drain.go  the columns of the order lead, the others follow side by side
//	leaf.go   leaf: a column some rows at a time, as the bytes that are hashed
//	sums.go   sums: the hashes of the columns of a table
//	contract.go Breaches: columns beside those a table promises
//	inspect.go OpenFile: what the footer of any file says
//	where.go  Where: rows that fulfil conditions; pick.go: Pick, Values: rows by position, values of a column
//	head.go   Head, Stats: first rows of any file, columns over many
//
// Every setting is explicit: zstd at its fastest level (snappy for working data and floats of recommendations), data page version 1, statistics and page index, declared sort
// order, no delta encodings. A file is visible when Close has succeeded, whole, and never before.
package parquetio

// Package importer turns files people have (JSON lines, CSV, Parquet, Million Playlist Dataset slices, ListenBrainz
// dumps, Spotify account exports) into the landing zone of a lake.
//
//	importer.go   Import: what to read, in which order; nothing is written before everything was read
//	report.go     Report: counts by kind, unmatched columns, files written
//	expand.go     files, globs and folders; an ending decides the parser
//	open.go       opening, decompressing and hashing one file
//	layout.go     which columns a kind has, their aliases, which are needed
//	record.go     one record of any format as cells by field
//	value.go      texts to times, offsets, numbers and lists
//	parser.go     one file by its format; jsonl.go, array.go, csv.go, parquet.go: the formats
//	mpd.go        slices of the Million Playlist Dataset
//	rows.go, play.go                         record → landing row, or the reason why not
//	run.go        one import: files → rows → sinks, and the books of every kind
//	order.go      how rows are sorted and what they weigh
//	sink.go       rows sorted and staged as Parquet parts in a scratch folder
//	folder.go     which date=D folder a play goes to
//	derive.go     songs that came with playlists or plays, united with the lake's snapshot
//	commit.go     checks, then staged parts → lake
//
// Records in = rows out + rejected + ignored, by kind. A record that cannot be used becomes a row of landing/rejected with
// file, position and reason; a file that cannot be read fails the import, and nothing is written.
//
// Plays lie in landing/plays/date=D/ by the UTC day they started on. Days more than 90 days older than the import's newest
// play are coarsened to the first day of their month, those more than 730 days older to the first day of their year: thus
// a folder holds plays that started on its date or later, and a night, which reads the folders up to its date and drops
// what started after it, sees exactly the plays before its end, whichever night it is.
package importer

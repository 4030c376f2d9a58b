// Package shred writes rows of a struct as a Parquet file, column by column, straight from where they lie in memory, and reads them.
//
//	writer.go Writer: batches of rows → row groups, page index, footer
//	shape.go  shape: where the values of a column lie in rows
//	column.go column: values → pages: levels, encoding, compression
//	pages.go  pages: those of a row group, until it is written
//	series.go Series: values that are given by column, without rows
//	words.go  words: the dictionaries of a column of texts
//	vocabulary.go Vocabulary: texts that many rows hold
//	bounds.go least and greatest values of pages and chunks
//	reader.go Reader: pages → rows
//	stored.go values of a page, to where they lie in rows
//
// Data pages of version 1 of about 256 KiB with levels and codes in runs and bits, dictionaries for texts tagged dict, plain values else,
// bounds for all but texts in lists. What is written follows from rows and how they are cut into row groups and calls of Add, not
// from hashes, which are seeded.
//
// Rejected: parquet-go's writer: it looks every text up by its content, in a map, and goes through all values for levels, bounds and statistics
// one page after the other. Its encodings of runs and bits, its codecs and its pages serve here, too.
package shred

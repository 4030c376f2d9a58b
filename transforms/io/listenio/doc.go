// Package listenio writes and reads listens: what each listener did with each song on each day.
//
//	listen.go  Cell, Listen, Day, Listener
//	book.go    Book: events of one bucket → listens, and their file
//	code.go    the bytes of a listener's days, and of the names of songs and cells
//	read.go    Reader: the files of one bucket → listeners, one after the other
//	group.go   Group: buckets that are counted together
//
// A file stands by itself: it names its songs, so that a file of an earlier night is read under tonight's song index. Files
// of one bucket may hold different days, or the same listeners on any days; a reader merges them by listener and day.
// A listener is one value of bytes, since decoding lists of Parquet value by value cost more than all that counts them.
package listenio

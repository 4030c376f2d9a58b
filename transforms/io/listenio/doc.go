// Package listenio writes and reads listens: what each listener did with each song on each day, in a few flat columns.
//
//	listen.go  Cell, Listen, Day, Listener
//	book.go    Book: events of one bucket → listens, and their file
//	read.go    Reader: the files of one bucket → listeners, one after the other
//
// A file stands by itself: it names its songs, so that a file of an earlier night is read under tonight's song index. Files
// of one bucket may hold different days, or the same listeners on any days; a reader merges them by listener and day.
// Stages that look at days and songs, not at instants, read listens: about a sixth of the time that plays take.
package listenio

// Package schemas holds every row Segue reads or writes: one Go struct is the Parquet schema, the event and the contract.
//
// # Glossary: one word a concept, in code, columns, flags and documents
//
//	song        a recording, named by song_id (inputs may call it a track)
//	play        one event of a listener with a song: a play, like, unlike or save
//	listener    a person or account, named by user_id
//	playlist    an ordered list of songs somebody made
//	session     plays of one listener with no gap over the session gap
//	mood        a class of songs such as "calm"; unknown is "unknown", never a default
//	region      an ISO 3166 country code, or World
//	weekpart    weekday or weekend, by the listener's local date
//	day part    morning, day, evening, night or late_night, by the listener's local hour
//	night       one run of all stages for one logical date
//	release     a published night: manifest plus pointer
//	hold-out    playlists kept away from training, to evaluate with
//
// # Files
//
//	landing.go   what users give: Playlist, Song, Listener, Play, and Rejected for what could not be read
//	tables.go    what a night publishes, one struct a table
//	charts.go    charts and popular lists
//	profiles.go  what listeners like;  preferences.go: when, where and on what;  gate.go: what a night is judged by
//	event.go     the event contract of the live job, its topics, reasons; archived plays and sessions
//	work.go      rows that pass between stages inside a run
//	datasets.go  the list of published tables with keys and orders; names of working data; lake paths;  optional.go: tables that only some nights have
//	hash.go      the one stable hash behind buckets and hold-outs
//	contracts/   one ODCS contract a table
//
// Rules of rows: exported fields only; no maps, no any; optional is a pointer; times are UTC in whole microseconds;
// dict encoding for ids and enumerations, plain for the rest; no delta encodings, so that every reader opens them.
package schemas

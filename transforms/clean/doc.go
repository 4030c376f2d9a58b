// Package clean turns landing files into what every later stage reads: checked, deduplicated, bucketed, with dense song indices.
//
//	params.go     Params, Stage
//	stage.go      the phases in order
//	night.go      what the phases share: books, rejected files, the first error
//	plan.go       parts of landing files and bucket counts, from the size of the data alone
//	split.go      phase 1 of each kind: check every record, cut by bucket into segment files
//	lists.go      phase 1 of playlists, whose songs it numbers; numbers → the dense song index
//	segments.go   one file a bucket, written side by side
//	rules.go      what makes a song or listener acceptable
//	playrules.go  what makes a play acceptable, and what it turns into
//	bucket.go     phase 2: read the segments of a bucket, drop repeated ids
//	songs.go      phase 2 of song metadata, by song
//	index.go      song ids of all inputs → the dense song index
//	playlists.go  phase 2 of playlists: order, dense songs, hold-out
//	heads.go      phase 2 of plays: what each bucket and folder has for the others; the phases after it in order
//	listeners.go  phase 3: repeated events, listeners and durations that days need; phase 5: listeners
//	heard.go      who played what: counts of songs
//	plays.go      phase 4 of plays: order, quarantine, local time
//	bursts.go     what no person does, taken out
//	table.go      table songs
//	rejected.go   table rejected
//	books.go      in = out + rejected + later; the share of bad records
//	rows.go       files between the phases
//
// Counters: clean/<kind>_in, _out, _rejected for kind = playlists, songs, users, plays; clean/plays_later (started on a
// later day: not this night's); clean/playlists_cut (kept, the tail is gone); clean/songs_empty (playlist entries without
// id, dropped); clean/rejected_<reason>; clean/rejected_import (rejected before, at import);
// clean/plays_country_unknown, clean/users_country_unknown (used, without the country they give: it is no ISO code);
// clean/device_other/<name> (plays on a device of no known class, as the input calls it; names beyond 200 a part under (more)).
//
// Which plays are the night's: started at or after 1800-01-01 (concert programmes are that old) and before the end of the
// logical day in UTC. Plays after that belong to later nights and are counted as later; plays over 400 days after the date of
// their landing folder are broken clocks: ReasonFutureTime. Of an event that several folders have, the first folder's stays,
// within one the earliest. Of a listener, days of more events than a person has and plays at once are quarantined: ReasonTooMany,
// ReasonOverlap; a folder, which holds a UTC day, is judged by itself. Repeated ids are rejected but say nothing of the quality of an
// input that was delivered twice: they do not count towards max_rejected_share, and neither do cuts and quarantine.
//
// Incremental. What is made of the plays of a folder is kept: segments by bucket, heads (hashes of events, and what plays ask of
// listeners and songs) and clean plays. A night reads the landing plays of folders that are new or corrected; of the others it
// reads heads, and of clean plays who played what. A day is cleaned again when its facts change: an event that an earlier folder
// has now, a zone, country or duration its plays lack, the end of the night among its plays. Clean plays name songs by id, so that
// new songs change nothing. Numbers of buckets are powers of two, so that they change, and everything is read again, only when the
// data have doubled. A night after others has the bytes of one alone.
//
// A song id in any accepted record enters the index, even when that record then loses to another of the same id or is
// of a later night; such a song has zero counts.
package clean

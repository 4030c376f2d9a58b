// Package world generates a synthetic listening world with planted truth: songs in communities, playlists drawn from
// them, listeners in several time zones whose moods follow their local hour.
//
//	world.go      Params, Generate
//	catalogue.go  artists, songs, moods, versions
//	people.go     listeners: place, zone, tastes, habits
//	playlists.go  playlists by length, style and noise
//	plays.go      sessions and plays
//	habit.go      hours and devices of a listener's own, where a world has them
//	blocks.go     rows made on all cores, used in order
//	draw.go       seeded streams and distributions
//	write.go      files: Parquet or JSON lines
//	truth.go      truth.json: what was planted
//	planted.go    Planted: a small world whose shares of moods are known exactly
//
// Every song, playlist and listener draws from a stream of its own, seeded by its number: the same seed gives the same
// world in any order. Shapes: playlist lengths are lognormal with median 49 and mean 66, cut to [5, 376] as in the
// Million Playlist Dataset; popularity falls as rank^-0.8, or, in the shape mpd, so that song counts have its long tail
// and playlists come back to artists they have as its do.
package world

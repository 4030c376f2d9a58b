package clean

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// Kinds of landing rows, as counters and phases name them.
const (
	playlists = "playlists"
	songs     = "songs"
	users     = "users"
	plays     = "plays"
)

// runner is the stage with its parameters.
type runner struct {
	p       Params
	holdOut int
	bytes   int64 // of a part and of a bucket
}

// landed are the landing files of a night, and the buckets their size asks for.
type landed struct {
	playlists, songs, users, plays, rejected  []lake.FileRef
	playlistBuckets, songBuckets, userBuckets int
}

func (r runner) landed(sc *work.Context) landed {
	sorted := func(folder string) []lake.FileRef {
		refs := slices.Clone(sc.Landing(folder))
		slices.SortFunc(refs, func(a, b lake.FileRef) int { return cmp.Compare(a.Key, b.Key) })
		return refs
	}
	l := landed{
		playlists: sorted(schemas.LandingPlaylists), songs: sorted(schemas.LandingSongs), users: sorted(schemas.LandingUsers),
		plays: sorted(schemas.LandingPlays), rejected: sorted(schemas.LandingRejected),
	}
	l.playlistBuckets = buckets(sizeOf(l.playlists), r.bytes)
	l.songBuckets = buckets(sizeOf(l.songs)+(sizeOf(l.playlists)+sizeOf(l.plays))/8, r.bytes)
	l.userBuckets = buckets(sizeOf(l.plays)+sizeOf(l.users), r.bytes)
	return l
}

// run is the stage: split every kind by bucket, make the index, finish every bucket, write the tables.
func (r runner) run(_ context.Context, sc *work.Context) error {
	defer indexes.Drop()
	in := r.landed(sc)
	night := newNight(sc)
	lists := split(night, playlists, sliced(r.parts(in.playlists), r.bytes), playlistsSplitFn{r.p.MaxPlaylistSongs, in.playlistBuckets, in.songBuckets})
	metadata := split(night, songs, r.parts(in.songs), splitFn[schemas.Song, songRules]{songs, songRules{}, in.songBuckets, in.songBuckets})
	listeners := split(night, users, r.parts(in.users), splitFn[schemas.Listener, listenerRules]{users, listenerRules{}, in.userBuckets, in.songBuckets})
	events := split(night, plays, playParts(in.plays, sc.Date(), r.bytes), playsSplitFn{splitFn[schemas.Play, playRules]{plays, playRules{}, in.userBuckets, in.songBuckets}})
	night.importRejected(r.parts(in.rejected))
	night.gate(r.p.MaxRejectedShare)

	songParts := night.finish(songs, items(metadata.rows, join2(lists.songs, events.songs), lake.FileRef{}), songsFn{})
	index := night.index(songParts)
	listParts := night.finish(playlists, night.numbered(lists, index), playlistsFn{r.holdOut})
	userParts := night.plays(foldersOf(in.plays), events, listeners, index, playsFn{Limits: limits{r.p.MaxEventsADay, r.p.MaxAtOnce}})
	night.tables(index, songParts, slices.Concat(listParts, userParts))
	night.handOver(listParts, userParts)
	return night.close()
}

func (r runner) parts(files []lake.FileRef) []part { return parts(files, r.bytes) }

// cut are the segments of one kind.
type cut struct {
	rows, songs [][]lake.FileRef            // by bucket
	words       [][]lake.FileRef            // of each of rows, of playlists
	days        []map[string][]lake.FileRef // rows by bucket and day of the folder
}

// splitting is the Doer of a first phase.
type splitting interface {
	work.Doer[part, splitOut]
	buckets() (rows, songs int)
}

// split runs the first phase of one kind.
func split(n *night, kind string, items []part, f splitting) cut {
	rows, ids := f.buckets()
	c := cut{rows: make([][]lake.FileRef, rows), songs: make([][]lake.FileRef, ids), words: make([][]lake.FileRef, rows), days: make([]map[string][]lake.FileRef, rows)}
	for b := range c.days {
		c.days[b] = map[string][]lake.FileRef{}
	}
	if n.err != nil {
		return c
	}
	groups, err := work.Run(n.sc, kind+"-split", items, f, groupFn{})
	n.err = err
	for _, g := range groups {
		n.rejected = append(n.rejected, g.Rejected...)
		name, rest, _ := strings.Cut(g.Key, "/")
		number, day, _ := strings.Cut(rest, "/")
		b, _ := strconv.Atoi(number)
		switch name {
		case "bucket":
			c.rows[b], c.words[b] = append(c.rows[b], g.Segments...), append(c.words[b], g.Words...)
			c.days[b][day] = g.Segments
		case "songs":
			c.songs[b] = g.Segments
		default:
			n.split.add(kind, g.Tally)
		}
	}
	return c
}

// items returns one work item a bucket, also of buckets without rows: file i of a bucketed dataset is bucket i.
func items(segments, others [][]lake.FileRef, index lake.FileRef) []bucketItem {
	out := make([]bucketItem, len(segments))
	for b := range out {
		out[b] = bucketItem{Bucket: b, Segments: segments[b], Index: index}
		if others != nil {
			out[b].Others = others[b]
		}
	}
	return out
}

func join2(a, b [][]lake.FileRef) [][]lake.FileRef {
	out := make([][]lake.FileRef, len(a))
	for i := range out {
		out[i] = slices.Concat(a[i], b[i])
	}
	return out
}

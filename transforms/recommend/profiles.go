package recommend

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/parquetio"
)

// profile is what lists need of a row of user_profiles; the zero value is that of a listener without one.
type profile struct {
	region, history string
	persona         *int32 // nil = none
	plays, days     int64
	lastDay         *int32              // UTC day of the last play; nil = none
	taste, recent   []float32           // empty = no song with a vector
	clusters        []float32           // one vector after the other; empty = taste stands for them
	favourites      []scoring.Favourite // songs that the night knows
	artists         []int32             // that the night knows
	places          []string
	moods, genres   []schemas.ClassShare // valid until the next profile, as contexts are
	contexts        []schemas.ContextShare
}

// profiles reads table user_profiles of a bucket beside its listeners, in columns: rows would cost ten times as much.
type profiles struct {
	m    *model
	next func() (*parquetio.Group, error, bool)
	stop func()
	in   columns
	row  int // the next one of in

	moods, genres []schemas.ClassShare
	contexts      []schemas.ContextShare
}

// columns are those of one row group; slices of profiles lie in them.
type columns struct {
	rows                                              int
	user, region, history, persona, plays, days, last parquetio.Values
	taste, recent, clusters, weight                   parquetio.Lists     // weight: of favourites
	song, artist, place                               parquetio.TextLists // song: of favourites
	moods, genres                                     classColumns
	weekpart, dayPart, device                         parquetio.TextLists // of contexts
	share                                             parquetio.Lists

	favourites []scoring.Favourite
	artists    []int32
	ends       [2][]int // of each row's favourites and artists
}

// classColumns hold lists of schemas.ClassShare.
type classColumns struct {
	dayPart, class parquetio.TextLists
	share          parquetio.Lists
}

// openProfiles begins to read a file; nil is one without rows.
func (m *model) openProfiles(ctx context.Context, s lake.Store, ref *lake.FileRef) *profiles {
	p := &profiles{m: m, next: func() (*parquetio.Group, error, bool) { return nil, nil, false }, stop: func() {}}
	if ref != nil {
		p.next, p.stop = iter.Pull2(parquetio.Groups(ctx, s, *ref))
	}
	return p
}

// of returns the profile of a listener, zero without one; those of listeners before are passed over.
func (p *profiles) of(ctx context.Context, user string) (out profile, err error) {
	for {
		for ; p.row < p.in.rows; p.row++ {
			switch cmp.Compare(p.in.user.Text(p.row), user) {
			case 0:
				return p.profile(p.row), nil
			case 1:
				return out, nil
			}
		}
		g, err, more := p.next()
		if !more || err != nil {
			return out, err
		}
		p.in, p.row = columns{}, 0
		if err := p.in.load(ctx, g); err != nil {
			return out, err
		}
		p.in.know(p.m)
	}
}

// profile makes the profile of a row.
func (p *profiles) profile(row int) profile {
	c := &p.in
	p.moods, p.genres = c.moods.row(p.moods[:0], row), c.genres.row(p.genres[:0], row)
	p.contexts = p.contexts[:0]
	for i := c.share.Start[row]; i < c.share.Start[row+1]; i++ {
		p.contexts = append(p.contexts, schemas.ContextShare{Weekpart: c.weekpart.Text(i), DayPart: c.dayPart.Text(i), Device: c.device.Text(i), Share: c.share.Reals[i]})
	}
	out := profile{
		region: c.region.Text(row), history: c.history.Text(row), plays: c.plays.Ints[row], days: c.days.Ints[row],
		taste: c.taste.Row(row), recent: c.recent.Row(row), clusters: c.clusters.Row(row),
		favourites: slices.Clip(c.favourites[c.ends[0][row]:c.ends[0][row+1]]), artists: slices.Clip(c.artists[c.ends[1][row]:c.ends[1][row+1]]),
		moods: p.moods, genres: p.genres, contexts: p.contexts,
	}
	for i := c.place.Start[row]; i < c.place.Start[row+1]; i++ {
		out.places = append(out.places, c.place.Text(i))
	}
	if c.persona.Has(row) {
		n := int32(c.persona.Ints[row])
		out.persona = &n
	}
	if c.last.Has(row) {
		day := listenio.DayOf(time.UnixMicro(c.last.Ints[row]))
		out.lastDay = &day
	}
	return out
}

// row appends the shares of a row.
func (c *classColumns) row(to []schemas.ClassShare, row int) []schemas.ClassShare {
	for i := c.share.Start[row]; i < c.share.Start[row+1]; i++ {
		to = append(to, schemas.ClassShare{DayPart: c.dayPart.Text(i), Class: c.class.Text(i), Share: c.share.Reals[i]})
	}
	return to
}

// load reads the columns of a row group.
func (c *columns) load(ctx context.Context, g *parquetio.Group) error {
	c.rows = g.Rows()
	flat := []*parquetio.Values{&c.user, &c.region, &c.history, &c.persona, &c.plays, &c.days, &c.last}
	for i, name := range []string{"user_id", "region", "history", "persona", "plays", "days", "last_play_at"} {
		if err := g.Load(ctx, name, flat[i]); err != nil {
			return err
		}
	}
	if err := c.loadShares(ctx, g); err != nil {
		return err
	}
	return c.loadTexts(ctx, g)
}

func (c *columns) loadShares(ctx context.Context, g *parquetio.Group) error {
	for _, l := range []struct {
		name string
		to   *parquetio.Lists
	}{
		{"taste", &c.taste},
		{"recent", &c.recent},
		{"cluster_vectors", &c.clusters},
		{"favourites.weight", &c.weight},
		{"moods.share", &c.moods.share},
		{"genres.share", &c.genres.share},
		{"contexts.share", &c.share},
	} {
		if err := g.LoadLists(ctx, l.name, l.to); err != nil {
			return err
		}
	}
	return nil
}

func (c *columns) loadTexts(ctx context.Context, g *parquetio.Group) error {
	for _, l := range []struct {
		name string
		to   *parquetio.TextLists
	}{
		{"favourites.song_id", &c.song},
		{"artists.name", &c.artist},
		{"places.name", &c.place},
		{"moods.day_part", &c.moods.dayPart},
		{"moods.class", &c.moods.class},
		{"genres.day_part", &c.genres.dayPart},
		{"genres.class", &c.genres.class},
		{"contexts.weekpart", &c.weekpart},
		{"contexts.day_part", &c.dayPart},
		{"contexts.device", &c.device},
	} {
		if err := g.LoadTextLists(ctx, l.name, l.to); err != nil {
			return err
		}
	}
	return nil
}

// know numbers favourites of weight above 0 and artists, each text of a dictionary once, and leaves out those the night does not know.
func (c *columns) know(m *model) {
	numbers := func(names []string, of func(string) (int32, bool)) []int32 {
		out := make([]int32, len(names))
		for i, name := range names {
			n, ok := of(name)
			if out[i] = n; !ok {
				out[i] = -1
			}
		}
		return out
	}
	songs := numbers(c.song.Names, m.index)
	artists := numbers(c.artist.Names, func(name string) (int32, bool) { n, ok := m.artists[name]; return n, ok })
	c.ends = [2][]int{{0}, {0}}
	for row := range c.rows {
		for i := c.song.Start[row]; i < c.song.Start[row+1]; i++ {
			if song := songs[c.song.Codes[i]]; song >= 0 && c.weight.Reals[i] > 0 {
				c.favourites = append(c.favourites, scoring.Favourite{Song: song, Weight: c.weight.Reals[i]})
			}
		}
		for i := c.artist.Start[row]; i < c.artist.Start[row+1]; i++ {
			if n := artists[c.artist.Codes[i]]; n >= 0 {
				c.artists = append(c.artists, n)
			}
		}
		c.ends[0], c.ends[1] = append(c.ends[0], len(c.favourites)), append(c.ends[1], len(c.artists))
	}
}

package world

import (
	"fmt"
	"math/rand/v2"

	"segue/schemas"
)

// moods of the world; each has a tempo range and hours it is heard at (truth.go).
var moods = []string{"calm", "energetic", "focus", "happy", "romantic", "sad"}

var genres = []string{
	"pop", "rock", "hip hop", "electronic", "jazz", "classical", "folk", "metal", "soul", "country", "reggae", "latin",
	"blues", "punk", "ambient", "funk",
}

// song is one recording and where it belongs.
type song struct {
	id, title string
	artist    int
	genre     int
	style     int
	mood      string // what is played by; "" = none planted
	tagged    bool   // whether the songs file tells the mood
	listed    bool   // whether the songs file has it
	live      bool
	versionOf int // -1 = none
	tempo     float32
	ms        int64
	year      int
	countries []string
}

// catalogue is all songs, by number, and how they are drawn.
type catalogue struct {
	songs   []song
	styles  [][]int // songs of each style, most popular first
	genreOf []int   // of each style
	byStyle wheel   // styles by popularity; empty = all alike
	inStyle []wheel
	all     wheel // over all songs, by popularity
	artists int
	by      [][]int // songs of each artist, most popular first; nil where playlists do not keep to artists
	again   float64 // see shape
}

func newCatalogue(p Params) *catalogue {
	artists := p.Artists
	if artists == 0 {
		artists = max(1, p.Songs/6)
	}
	shape := shapes[p.Shape]
	styles := max(2, p.Songs/shape.songsPerStyle)
	c := &catalogue{artists: artists, songs: make([]song, p.Songs), styles: make([][]int, styles), genreOf: make([]int, styles)}
	for s := range c.genreOf {
		c.genreOf[s] = s % len(genres)
	}
	if c.again = shape.again; c.again > 0 {
		c.by = make([][]int, artists)
	}
	popularity := make([]float64, p.Songs)
	byPopularity := mandelbrot(p.Songs, shape.song).weights()
	order := stream(p.Seed, "popularity", 0).Perm(p.Songs)
	for rank, i := range order { // most popular first, so that styles are sorted
		c.songs[i] = c.newSong(stream(p.Seed, "song", i), i)
		c.styles[c.songs[i].style] = append(c.styles[c.songs[i].style], i)
		if c.by != nil {
			c.by[c.songs[i].artist] = append(c.by[c.songs[i].artist], i)
		}
		popularity[i] = byPopularity[rank]
	}
	c.addVersions()
	c.all = newWheel(popularity)
	if shape.style.exponent > 0 {
		c.byStyle = mandelbrot(styles, shape.style)
	}
	for s, songs := range c.styles {
		if len(songs) == 0 {
			c.styles[s] = []int{order[s%len(order)]}
		}
		c.inStyle = append(c.inStyle, mandelbrot(len(c.styles[s]), shape.inStyle))
	}
	return c
}

// weights returns the weight of each index.
func (w wheel) weights() []float64 {
	out := make([]float64, len(w.upTo))
	before := 0.0
	for i, x := range w.upTo {
		out[i], before = x-before, x
	}
	return out
}

func (c *catalogue) newSong(r *rand.Rand, i int) song {
	s := song{id: fmt.Sprintf("s%07d", i), title: title(r), versionOf: -1, listed: r.Float64() >= 0.02}
	s.artist = int(float64(c.artists) * r.Float64() * r.Float64()) // some artists have many songs
	s.style = s.artist % len(c.styles)                             // an artist stays within a style
	s.genre = c.genreOf[s.style]
	s.mood = moods[(s.genre+pick(r, []float64{.5, .3, .2}))%len(moods)]
	s.tagged = r.Float64() < 0.9
	s.tempo = float32(60 + 20*(s.genre%3) + r.IntN(60))
	if s.mood == "energetic" || s.mood == "happy" {
		s.tempo += 40
	}
	s.ms = int64(min(max(lognormal(r, 215_000, 0.3), 60_000), 900_000))
	s.year = 1960 + r.IntN(66)
	if r.Float64() < 0.02 {
		s.countries = []string{"US", "GB"}
	}
	s.live = r.Float64() < 0.03
	return s
}

// addVersions makes live songs versions of the first other song of their artist.
func (c *catalogue) addVersions() {
	first := map[int]int{}
	for i, s := range c.songs {
		if _, ok := first[s.artist]; !ok && !s.live {
			first[s.artist] = i
		}
	}
	for i := range c.songs {
		s := &c.songs[i]
		if original, ok := first[s.artist]; ok && s.live {
			s.versionOf, s.title = original, c.songs[original].title+" (Live)"
		}
	}
}

// drawStyle draws the style a playlist begins with.
func (c *catalogue) drawStyle(r *rand.Rand) int {
	if len(c.byStyle.upTo) == 0 {
		return r.IntN(len(c.styles))
	}
	return c.byStyle.draw(r)
}

func pick(r *rand.Rand, weights []float64) int { return newWheel(weights).draw(r) }

var (
	firstWords  = []string{"Silver", "Midnight", "Paper", "Golden", "Broken", "Electric", "Quiet", "Summer", "Northern", "Velvet", "Lonely", "Burning", "Distant", "Hidden", "Crystal", "Wild"}
	secondWords = []string{"River", "Heart", "Lights", "Road", "Dreams", "Garden", "Window", "Train", "Ocean", "Fire", "Mirror", "Letters", "Shadow", "Morning", "Station", "Harbour"}
)

func title(r *rand.Rand) string {
	return fmt.Sprintf("%s %s %d", firstWords[r.IntN(len(firstWords))], secondWords[r.IntN(len(secondWords))], 1+r.IntN(99))
}

func artistName(n int) string {
	return fmt.Sprintf("The %s %s %d", firstWords[n%len(firstWords)], secondWords[(n/len(firstWords))%len(secondWords)], n)
}

// rows returns the rows of the songs [from, to) in the songs file.
func (c *catalogue) rows(from, to int) []schemas.Song {
	var out []schemas.Song
	for i := from; i < to; i++ {
		s := &c.songs[i]
		if !s.listed {
			continue
		}
		row := schemas.Song{
			SongID: s.id, Title: s.title, Artists: []string{artistName(s.artist)}, ArtistIDs: []string{fmt.Sprintf("a%06d", s.artist)},
			Album: fmt.Sprintf("%s %d", genres[s.genre], s.year), Genres: []string{genres[s.genre]}, Moods: []string{}, Tempo: &s.tempo,
			DurationMs: &s.ms, ReleaseDate: fmt.Sprint(s.year), Countries: s.countries,
		}
		if s.tagged {
			row.Moods = []string{s.mood}
		}
		if s.versionOf >= 0 {
			row.VersionOf = c.songs[s.versionOf].id
		}
		out = append(out, row)
	}
	return out
}

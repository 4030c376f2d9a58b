package world

import (
	"fmt"
	"time"

	"segue/schemas"
)

// home is a country with one of its time zones and how many listeners it has.
type home struct {
	country, zone string
	share         float64
	genre         int // heard more there
}

var homes = []home{
	{"US", "America/New_York", .22, 2},
	{"US", "America/Los_Angeles", .15, 9},
	{"GB", "Europe/London", .15, 13},
	{"DE", "Europe/Berlin", .13, 3},
	{"SE", "Europe/Stockholm", .1, 7},
	{"BR", "America/Sao_Paulo", .12, 11},
	{"JP", "Asia/Tokyo", .08, 0},
	{"AU", "Australia/Sydney", .05, 1},
}

// listener is one person.
type listener struct {
	id         string
	home       int
	zone       *time.Location
	styles     []int
	sessions   float64 // a day
	tellsZone  bool    // whether plays carry the offset
	likesShare float64
}

type people struct{ all []listener }

func userID(i int) string { return fmt.Sprintf("u%06d", i) }

func newPeople(p Params, c *catalogue) *people {
	zones := make([]*time.Location, len(homes))
	shares := make([]float64, len(homes))
	for i, h := range homes {
		loc, err := time.LoadLocation(h.zone)
		if err != nil {
			panic(fmt.Sprintf("world: load zone %s: %v", h.zone, err)) // the zones are linked into the program
		}
		zones[i], shares[i] = loc, h.share
	}
	where := newWheel(shares)
	out := &people{all: make([]listener, p.Users)}
	for i := range out.all {
		r := stream(p.Seed, "listener", i)
		l := listener{id: userID(i), home: where.draw(r), tellsZone: r.Float64() < 0.9, likesShare: 0.01 + 0.04*r.Float64()}
		l.zone = zones[l.home]
		l.sessions = min(lognormal(r, 1.0, 0.8), 8) * p.pace()
		if r.Float64() < 0.02 {
			l.sessions = 0 // signed up, never played
		}
		for range 1 + r.IntN(4) {
			l.styles = append(l.styles, homeStyle(c, l.home, c.drawStyle(r), r.Float64()))
		}
		out.all[i] = l
	}
	return out
}

// homeStyle moves a third of the tastes to the genre of the country.
func homeStyle(c *catalogue, home, style int, x float64) int {
	if x > 1.0/3 {
		return style
	}
	for s := range c.styles {
		at := (style + s) % len(c.styles)
		if c.genreOf[at] == homes[home].genre {
			return at
		}
	}
	return style
}

// rows returns the rows [from, to) of the users file.
func (p *people) rows(from, to int) []schemas.Listener {
	out := make([]schemas.Listener, to-from)
	for i, l := range p.all[from:to] {
		out[i] = schemas.Listener{UserID: l.id, Country: homes[l.home].country, TimeZone: homes[l.home].zone}
	}
	return out
}

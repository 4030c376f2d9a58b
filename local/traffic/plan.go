package traffic

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"segue/local/world"
	"segue/schemas"
)

// Params say what is played and how badly it is delivered.
type Params struct {
	World      world.Params
	Count      int       // events of the world that are played, from its start; 0 = all
	Start      time.Time // what the world's first event is moved to; zero = not moved
	Disorder   float64   // share of events delayed by less than the lateness
	Duplicates float64   // share of events sent twice within the lateness
	Late       float64   // share of events delayed by more than the lateness
	Broken     float64   // share of events replaced by a broken record
}

// Lateness is the live job's: delays are drawn below and above it.
const Lateness = 10 * time.Minute

// Default returns 5 % disorder, 2 % duplicates, 1 % late and 0.5 % broken events of the demo's world.
func Default() Params {
	return Params{World: world.Default(), Disorder: .05, Duplicates: .02, Late: .01, Broken: .005}
}

// Validate reports every parameter that makes no sense.
func (p Params) Validate() error {
	errs := []error{p.World.Validate()}
	for name, x := range map[string]float64{"disorder": p.Disorder, "duplicates": p.Duplicates, "late": p.Late, "broken": p.Broken} {
		if !(x >= 0 && x <= 1) {
			errs = append(errs, fmt.Errorf("share %s is %g, must lie in [0,1]", name, x))
		}
	}
	if p.Count < 0 {
		errs = append(errs, fmt.Errorf("count is %d, must be at least 0", p.Count))
	}
	return errors.Join(errs...)
}

// Record is one record to be sent.
type Record struct {
	Due        time.Duration // after the world's first event
	Key, Value []byte        // nil = none
}

// Counts tell what was planned, and what a live job must make of it: Sent = Applied + Late + Duplicates + Dead.
type Counts struct {
	Sent, Delayed, Repeated, Damaged int // what was done to events
	Applied, Late, Duplicates, Dead  int // what must come out
}

// Plan is the records in the order they are sent.
type Plan struct {
	Records []Record
	Counts  Counts
}

// sending is one record before it has its bytes.
type sending struct {
	play   *schemas.Play
	due    time.Duration
	number int // order among those due together
	damage int // noDamage, or which
}

// New plans the traffic of a world.
//
// Cost: the world's plays in memory, and 300 bytes a record.
func New(p Params) (*Plan, error) {
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("plan traffic: %w", err)
	}
	plays, err := world.Plays(p.World)
	if err != nil {
		return nil, fmt.Errorf("plan traffic: %w", err)
	}
	if p.Count > 0 {
		plays = plays[:min(p.Count, len(plays))]
	}
	if len(plays) == 0 {
		return &Plan{}, nil
	}
	out := &Plan{}
	sends := draw(p, plays, &out.Counts)
	if !p.Start.IsZero() {
		move(plays, p.Start.Sub(plays[0].StartedAt).Truncate(time.Microsecond))
	}
	out.Records = make([]Record, len(sends))
	for i, s := range sends {
		out.Records[i] = s.record()
	}
	out.expect(sends)
	return out, nil
}

// draw decides for every event what becomes of it, and returns the records in the order they are due.
func draw(p Params, plays []schemas.Play, c *Counts) []sending {
	r := rand.New(rand.NewPCG(p.World.Seed, 0x7472616666696321))
	out := make([]sending, 0, len(plays)+len(plays)/16)
	first := plays[0].StartedAt
	for i := range plays {
		s := sending{play: &plays[i], due: plays[i].StartedAt.Sub(first), damage: noDamage, number: len(out)}
		chance, delay := r.Float64(), r.Float64()
		switch {
		case chance < p.Broken:
			s.damage = pick(r)
			c.Damaged++
		case chance < p.Broken+p.Late:
			s.due += Lateness + time.Duration(delay*float64(3*Lateness))
			c.Delayed++
		case chance < p.Broken+p.Late+p.Disorder:
			s.due += time.Duration(delay * .9 * float64(Lateness))
			c.Delayed++
		}
		out = append(out, s)
		if s.damage == noDamage && r.Float64() < p.Duplicates {
			s.due += time.Duration(r.Float64() * .5 * float64(Lateness))
			s.number = len(out)
			out = append(out, s)
			c.Repeated++
		}
	}
	slices.SortFunc(out, func(a, b sending) int {
		if a.due != b.due {
			return int(max(min(a.due-b.due, 1), -1))
		}
		return a.number - b.number
	})
	c.Sent = len(out)
	return out
}

func move(plays []schemas.Play, by time.Duration) {
	for i := range plays {
		plays[i].StartedAt = plays[i].StartedAt.Add(by)
	}
}

// expect works out what a live job must count: an event is late when the listener has one newer by more than the lateness, else a
// duplicate when its id was there.
func (p *Plan) expect(sends []sending) {
	newest, seen := map[string]time.Time{}, map[[2]string]bool{}
	for _, s := range sends {
		id := [2]string{s.play.UserID, s.play.EventID}
		last, known := newest[s.play.UserID]
		switch {
		case s.damage != noDamage:
			p.Counts.Dead++
		case known && s.play.StartedAt.Before(last.Add(-Lateness)):
			p.Counts.Late++
		case seen[id]:
			p.Counts.Duplicates++
		default:
			p.Counts.Applied++
			seen[id] = true
			if s.play.StartedAt.After(last) {
				newest[s.play.UserID] = s.play.StartedAt
			}
		}
	}
}

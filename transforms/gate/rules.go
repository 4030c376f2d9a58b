package gate

import (
	"fmt"
	"math"
	"slices"

	"segue/schemas"
)

// Names of the rules.
const (
	ruleRows     = "rows"     // a table has about as many rows as last night
	ruleInputs   = "inputs"   // the landing zone gave about as many records as last night
	ruleNulls    = "nulls"    // no column lost its values
	ruleSound    = "sound"    // no broken row
	ruleRun      = "run"      // every file was written by this run, or by one of the same night that it went on with
	ruleScores   = "scores"   // published scores follow from the published vectors
	ruleRecall   = "recall"   // the neighbour search finds what an exact search finds
	ruleDrift    = "drift"    // vectors are comparable with last night's
	ruleParity   = "parity"   // what the live job left follows from its archive
	ruleCoverage = "coverage" // listeners keep their personal lists
	ruleLists    = "lists"    // lists spread over songs and artists, and suit listeners, as last night's did
	ruleQuality  = "quality"  // held-out songs are found as well as by the baselines
)

// Counters of earlier stages that rules read; those that end in ppm in millionths.
const (
	counterRecall = "neighbours/recall_ppm"
	counterCosine = "embed/cosine_ppm_median"
	counterKept   = "embed/kept_songs"
	counterParity = "parity/equal_ppm"
)

const (
	smallTable  = 100  // rows below which a change only warns
	scoresMatch = .99  // of the compared scores must follow from the vectors
	leastParity = .999 // of the live job's records must equal their replay
)

// measured is a figure beside its bound, and what came of it.
type measured struct {
	figure, bound float64
	status        string
}

// atMost fails a figure beyond its bound, and warns beyond half of it.
func atMost(figure, bound float64) measured {
	switch {
	case figure > bound:
		return measured{figure, bound, schemas.GateFail}
	case figure > bound/2:
		return measured{figure, bound, schemas.GateWarn}
	}
	return measured{figure, bound, schemas.GateOK}
}

// atLeast fails a figure below its bound.
func atLeast(figure, bound float64) measured {
	if figure < bound {
		return measured{figure, bound, schemas.GateFail}
	}
	return measured{figure, bound, schemas.GateOK}
}

func rule(name, subject string, m measured, detail string) schemas.GateRule {
	r := schemas.GateRule{Rule: name, Subject: subject, Status: m.status, Figure: &m.figure, Bound: &m.bound, Detail: detail}
	if m.status != schemas.GateOK {
		r.Advice = advice[name]
	}
	return r
}

// advice says what to do where a rule does not hold.
var advice = map[string]string{
	ruleRows:     "compare with segue diff; if the input did change, promote the run despite this rule",
	ruleInputs:   "look whether all of the input has arrived, import what is missing and run the night again; if the input did change, promote",
	ruleNulls:    "look at the source of the column with segue inspect stats; if it is gone for good, promote",
	ruleSound:    "do not promote: report the named row, and run the night again",
	ruleRun:      "do not promote: files of another run are in this one; run the night again",
	ruleScores:   "do not promote: vectors and neighbours are not of one night; run it again without --from",
	ruleRecall:   "raise neighbours.min_recall, or set neighbours.search=exact",
	ruleDrift:    "stored vectors cannot be compared with last night's: promote only if no reader keeps old ones",
	ruleParity:   "look at the differences with segue parity --examples; the tables of the night do not depend on them",
	ruleCoverage: "look at table coverage for the reasons; see whether plays are missing",
	ruleLists:    "look at table list_quality and the trends of the report; compare with segue diff, roll back parameters that were changed",
	ruleQuality:  "compare with segue diff and segue evaluate; roll back parameters that were changed, or fit them to these playlists: segue tune",
}

// sound judges what needs no other night: broken rows, foreign files, scores beside vectors.
func (n night) sound() []schemas.GateRule {
	var out []schemas.GateRule
	for _, table := range judged() {
		if schemas.Optional(table) && len(n.files[table]) == 0 {
			continue
		}
		foreign, broken, first := 0.0, 0.0, "no broken row"
		for _, f := range n.facts[table] {
			if f.Run != n.run && !slices.Contains(n.reused, f.Run) {
				foreign++
			}
			for _, x := range f.Faults {
				if broken == 0 {
					first = fmt.Sprintf("rows with fault %s, first %s", x.Kind, x.First)
				}
				broken += float64(x.Count)
			}
		}
		out = append(out, rule(ruleRun, table, atMost(foreign, 0), "files of other runs"))
		switch table {
		case schemas.TableSongVectors, schemas.TableSongNeighbours, schemas.TableUserRecommendations:
			out = append(out, rule(ruleSound, table, atMost(broken, 0), first))
		}
	}
	if m := n.matched; m.Compared > 0 {
		share := atLeast(float64(m.Equal)/float64(m.Compared), scoresMatch)
		out = append(out, rule(ruleScores, schemas.TableSongNeighbours, share, fmt.Sprintf("share of %d published scores that follow from the vectors", m.Compared)))
	}
	return out
}

// compared judges rows, nulls and coverage beside last night's.
func (p Params) compared(n night, before history) []schemas.GateRule {
	var out []schemas.GateRule
	for _, table := range judged() {
		if schemas.Optional(table) {
			continue // settings decide whether it is there
		}
		rows, columns := columnsOf(n.facts[table])
		was, wasColumns := columnsOf(before.facts[table])
		if before.run == "" || !comparable(n.facts[table], before.facts[table]) || table == schemas.TableRejected || table == schemas.TableEvaluation {
			continue
		}
		out = append(out, p.change(ruleRows, table, rows, was, "change of rows, as a share of last night's"))
		for _, c := range columns {
			for _, w := range wasColumns {
				if c.Name == w.Name && c.Values > 0 && w.Values > 0 {
					grown := float64(c.Nulls)/float64(c.Values) - float64(w.Nulls)/float64(w.Values)
					if m := atMost(grown, p.NullsChange); m.status != schemas.GateOK {
						out = append(out, rule(ruleNulls, table+"."+c.Name, m, "growth of the share of nulls"))
					}
				}
			}
		}
	}
	return out
}

// comparable reports whether both nights wrote a table, in the same version of its schema.
func comparable(now, was []facts) bool {
	return len(now) > 0 && len(was) > 0 && now[0].Version == was[0].Version
}

// change judges a count beside last night's.
func (p Params) change(name, subject string, now, was int64, detail string) schemas.GateRule {
	m := atMost(math.Abs(float64(now-was))/float64(max(was, 1)), p.RowsChange)
	if m.status == schemas.GateFail && max(now, was) < smallTable {
		m.status = schemas.GateWarn
	}
	return rule(name, subject, m, fmt.Sprintf("%s: %d, were %d", detail, now, was))
}

// inputCounters count the records of the landing zone that were read; plays grow from day to day.
var inputCounters = []string{"clean/playlists_in", "clean/songs_in", "clean/users_in"}

// counted judges counters of the stages before, and coverage.
func (p Params) counted(n night, before history) []schemas.GateRule {
	var out []schemas.GateRule
	for _, name := range inputCounters {
		was, had := before.counters[name]
		if now, ok := n.counter(name); ok && had {
			out = append(out, p.change(ruleInputs, name, now, was, "change of records read, as a share of last night's"))
		}
	}
	for _, f := range []struct {
		rule, counter, detail string
		floor                 float64
	}{
		{ruleRecall, counterRecall, "recall@100 of the neighbour search on a sample", p.MinRecall},
		{ruleDrift, counterCosine, "median cosine of song vectors to last night's", p.MinCosine},
		{ruleParity, counterParity, "share of the live job's records that equal a replay of its archive", leastParity},
	} {
		if v, ok := n.counter(f.counter); ok {
			out = append(out, rule(f.rule, f.counter, atLeast(float64(v)/1e6, f.floor), f.detail))
		}
	}
	if v, ok := n.counter(counterKept); ok {
		out = append(out, rule(ruleDrift, counterKept, measured{float64(v), 0, schemas.GateWarn}, "songs that keep last night's vectors: nothing was trained"))
	}
	return out
}

// personal returns the share of listeners with a personal list.
func personal(rows []schemas.Coverage) float64 {
	share := 0.0
	for _, r := range rows {
		if r.Dimension == schemas.All && r.Tier == schemas.TierPersonal {
			share += r.Share
		}
	}
	return share
}

// covered judges the share of personal lists beside last night's.
func (p Params) covered(now []schemas.Coverage, before history) []schemas.GateRule {
	if len(before.coverage) == 0 {
		return nil
	}
	drop := personal(before.coverage) - personal(now)
	return []schemas.GateRule{rule(ruleCoverage, schemas.TierPersonal, atMost(drop, p.CoverageDrop), "fall of the share of listeners with a personal list")}
}

// worse is the direction in which a measure of the lists gets worse; all lie in [0,1] but novelty, which follows from the share
// of the head.
var worse = map[string]float64{
	"artist_entropy": -1, "catalogue_coverage": -1, "exposure_gini": 1, "head_share": 1, "intra_list_distance": -1, "miscalibration": 1,
}

// spread judges measures of the lists beside last night's.
func (p Params) spread(rows []schemas.ListQuality) []schemas.GateRule {
	var out []schemas.GateRule
	for _, r := range rows {
		if sign, ok := worse[r.Metric]; ok && r.Previous != nil {
			detail := fmt.Sprintf("change for the worse, in points of 1: %.3g, was %.3g", r.Value, *r.Previous)
			out = append(out, rule(ruleLists, r.Metric, atMost(sign*(r.Value-*r.Previous), p.ListsChange), detail))
		}
	}
	return out
}

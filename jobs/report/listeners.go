package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

const (
	shownListeners = 10
	shownSongs     = 5
	openLists      = 3      // the others are shown when asked for
	drawnFrom      = 20_000 // listeners, of the first files
)

// listeners shows the heads of ten lists: listeners of every length of history, drawn by a hash of their ids.
func listeners(ctx context.Context, n *night) ([]Block, error) {
	lists, err := n.filled(schemas.TableUserRecommendations)
	if err != nil {
		return nil, err
	}
	people, err := n.draw(ctx)
	if err != nil {
		return nil, err
	}
	heads, wanted := make([][]row, len(people)), map[string]bool{}
	for i, p := range people {
		if heads[i], err = n.list(ctx, lists.Files, p.text("user_id")); err != nil {
			return nil, err
		}
		for _, r := range heads[i] {
			wanted[r.text("song_id")] = true
			for _, s := range r.parts("seeds") {
				wanted[s.text("song_id")] = true
			}
		}
	}
	songs, err := n.catalogue(ctx, wanted)
	if err != nil {
		return nil, err
	}
	var blocks []Block
	for i, p := range people {
		b := Block{Title: n.nameOf(p, i), Note: about(p), Folded: i >= openLists}
		if len(heads[i]) > 0 {
			b.Table = reasonTable(heads[i], songs)
		} else {
			b.Note += " No general list."
		}
		blocks = append(blocks, b)
	}
	return blocks, nil
}

// drawn is a listener that may be shown.
type drawn struct {
	position int64
	id       string
	hash     uint64
	history  string
}

// draw returns the profiles of the listeners to show, by plays falling.
func (n *night) draw(ctx context.Context) ([]row, error) {
	t, err := n.filled(schemas.TableUserProfiles)
	if err != nil {
		return nil, err
	}
	var all []drawn
	files := t.Files[:0:0]
	for _, ref := range t.Files {
		if len(all) >= drawnFrom {
			break
		}
		files = append(files, ref)
		err := n.values(ctx, []lake.FileRef{ref}, "user_id", func(v any) {
			id, _ := v.(string)
			all = append(all, drawn{position: int64(len(all)), id: id, hash: schemas.Hash64(0, id)})
		})
		if err != nil {
			return nil, err
		}
	}
	at := 0
	err = n.values(ctx, files, "history", func(v any) {
		all[at].history, _ = v.(string)
		at++
	})
	if err != nil && !errors.Is(err, parquetio.ErrCondition) { // without that column any ten do
		return nil, err
	}
	people, err := n.pick(ctx, files, tenOf(all))
	slices.SortStableFunc(people, func(a, b row) int { return cmp.Compare(b.orZero("plays"), a.orZero("plays")) })
	return people, err
}

// tenOf returns positions, ascending: by hash, two of each history first.
func tenOf(all []drawn) []int64 {
	slices.SortFunc(all, func(a, b drawn) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.id, b.id)) })
	taken, positions := map[string]int{}, []int64{}
	for _, quota := range []int{2, shownListeners} {
		for _, d := range all {
			if len(positions) < shownListeners && taken[d.history] < quota && !slices.Contains(positions, d.position) {
				taken[d.history]++
				positions = append(positions, d.position)
			}
		}
	}
	slices.Sort(positions)
	return positions
}

// list returns the first songs of a listener's general list, by rank. Files are by bucket; where they are not, all are asked.
func (n *night) list(ctx context.Context, files []lake.FileRef, user string) ([]row, error) {
	ask := func(files []lake.FileRef) ([]row, error) {
		var out []row
		for _, ref := range files {
			if ref.Min != "" && ref.Max != "" && (user < ref.Min || ref.Max < user) {
				continue
			}
			rows, err := n.whereIn(ctx, []lake.FileRef{ref}, "user_id="+user, "list="+schemas.ListGeneral, fmt.Sprintf("rank<=%d", shownSongs))
			if err != nil {
				return nil, err
			}
			out = append(out, rows...)
		}
		slices.SortStableFunc(out, func(a, b row) int { return cmp.Compare(a.orZero("rank"), b.orZero("rank")) })
		return out, nil
	}
	bucket := schemas.Bucket(user, len(files))
	rows, err := ask(files[bucket : bucket+1])
	if err != nil || len(rows) > 0 || len(files) == 1 {
		return rows, err
	}
	return ask(files)
}

// nameOf names a listener: by id, or by number where the page goes without ids.
func (n *night) nameOf(p row, i int) string {
	if n.anonymous {
		return fmt.Sprintf("Listener %d", i+1)
	}
	return p.text("user_id")
}

// about says in a line who a listener is.
func about(p row) string {
	out := []string{fmt.Sprintf("%s plays of %s songs", count(int64(p.orZero("plays"))), count(int64(p.orZero("songs"))))}
	if v := p.text("region"); v != "" {
		out = append(out, v)
	}
	if v, ok := p.number("persona"); ok {
		out = append(out, fmt.Sprintf("persona %d", int(v)))
	}
	if v := p.text("main_device"); v != "" {
		out = append(out, "mostly on "+v)
	}
	if v := p.text("main_day_part"); v != "" {
		out = append(out, "mostly in the "+words(v))
	}
	return strings.Join(out, " · ") + "."
}

func reasonTable(rows []row, songs map[string]song) *Table {
	t := &Table{Columns: columns("#rank", "~song", "#score", "#taste", "#context", "#popularity", "~why")}
	for _, r := range rows {
		id := r.text("song_id")
		t.Add(Cell{Text: count(int64(r.orZero("rank")))}, songs[id].cell(id), Cell{Text: decimals(r.orZero("score"), 3)},
			termCell(r, "taste"), termCell(r, "context"), termCell(r, "popularity"), why(r, songs))
	}
	return t
}

// termCell shows a term of a score with its weight.
func termCell(r row, term string) Cell {
	v, ok := r.number(term)
	if !ok {
		return Cell{Text: "–"}
	}
	c := Cell{Text: decimals(v, 2), Bar: v}
	if w, ok := r.number("w_" + term); ok {
		c.Small = "× " + decimals(w, 2)
	}
	return c
}

// why writes the reasons of a row: favourites that led to it with their similarity, else its tier; under it slot, context,
// named adjustments and pools.
func why(r row, songs map[string]song) Cell {
	c := Cell{Text: words(r.text("tier")) + " list"}
	var seeds []string
	for _, s := range r.parts("seeds") {
		id := s.text("song_id")
		text := songs[id].cell(id).Text
		if v, ok := s.number("similarity"); ok && v > 0 {
			text += " (" + decimals(v, 2) + ")"
		}
		seeds = append(seeds, text)
	}
	if len(seeds) > 0 {
		c.Text = "because of " + strings.Join(seeds, ", ")
	}
	var small []string
	if v := r.text("slot"); v != "" && v != schemas.SlotRanked {
		small = append(small, words(v))
	}
	if v := r.text("context_cell"); v != "" {
		if level := r.text("context_level"); level != "" && level != v {
			v += " by " + level
		}
		small = append(small, words(v))
	}
	for _, a := range r.parts("adjustments") {
		small = append(small, words(a.text("name"))+" "+signed(a.orZero("value"), 3))
	}
	if pools := r.texts("sources"); len(pools) > 0 {
		small = append(small, words(strings.Join(pools, ", ")))
	}
	c.Small = strings.Join(small, " · ")
	return c
}

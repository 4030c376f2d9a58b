package main

import (
	"strings"
	"testing"

	"segue/schemas"
)

// The words hold what the row stores: seeds with share and similarity, the context with its level, terms, named adjustments.
func TestBecauseSaysWhatIsStored(t *testing.T) {
	row := schemas.Recommendation{
		List: "evening:phone", Score: 0.5, Taste: 0.6, Context: 0.4, Popularity: 0.2, WTaste: 0.7, WContext: 0.2, WPopularity: 0.1, Adjustment: -0.02,
		Adjustments: []schemas.Adjustment{{Name: "artist_again", Value: -0.02}}, Slot: schemas.SlotExploration, Sources: []string{"neighbours", "region_chart"},
		Seeds: []schemas.Reason{{SongID: "a", Share: 0.75, Similarity: 0.9}}, ContextCell: "SE/weekday/evening/phone", ContextLevel: "world/all/evening/all",
	}
	text := strings.Join(because(row, map[string]songName{"a": {SongID: "a", Title: "Silver River"}}), "\n")
	for _, want := range []string{
		"drawn by lot", "like “Silver River”, a favourite: similarity 0.90, 75 % of what speaks for it", "near the listener's favourites, in the home chart",
		"fits listening in SE on a weekday in the evening on phone to 40 %, judged by listening in the world in the evening", "0.700 × taste 0.60", "− 0.020 (artist again)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
	if got := listWords(row.List); got != "list for listening in the evening on phone" {
		t.Errorf("list in words: %s", got)
	}
}

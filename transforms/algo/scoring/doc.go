// Package scoring makes one listener's list: candidates, three terms in [0,1], adjustments, filters, order, reasons.
//
//	model.go        Model and what it is made of;  listener.go: Listener
//	market.go       Markets: where songs may be played
//	facts.go        fact: what lists read of one song, side by side
//	cosine.go       vectors as bytes, cosines of candidates
//	context.go      how a song fits contexts
//	scratch.go      Candidate, Scratch: what lists in the making need
//	ladder.go       sources of candidates, reasons and tiers of lists;  adjust.go: named adjustments
//	weights.go      Weights, Score: the stored formula
//	calibration.go  Map: one linear map a term and night
//	habits.go       Habits: what a listener knows and dislikes
//	focus.go        how much the own taste counts, and which cosines are of its kind
//	evidence.go     neighbour evidence of favourites, and its explanation
//	inverted.go     songs nearest to taste vectors
//	candidates.go   the pools and the raw terms of their songs
//	selection.go    caps, discounts, order
//	list.go         List: the whole line, with the fill that leaves nobody empty
//	trace.go        Trace: what became of one song on it
//
// Raw terms:
//
//	taste       √(Σ_f w_f·max(0, score(f→j)) / √Σ_f w_f²) + CosineShare·min(max(0, cos(taste vector, j)), cut)
//	            the cut from the favourites' own cosines, .4 to .75: what is nearer is of the listener's kind, and evidence orders it
//	context     lift/(1+lift) of its classes, the lift over what the region hears at any time, averaged over the listener's cells, as far as these are theirs alone; of
//	            listeners without a history half of it is the song's reach in those cells, log(1+l)/log(1+l_max)
//	popularity  log(1+l)/log(1+l_max) in the home region's chart, else the world's; outside it l is guessed from the world's, at
//	            most the least in the chart; a tenth is the world's
//
// Each raw term is taken over the value that one in a thousand candidates of a sample exceeds, cut at 1, and is stored as float32.
//
// Invariants. The stored terms re-add to the stored score bit for bit. Scores do not increase with rank: adjustments only
// grow while a list is filled. The evidence sum of a song never falls when a favourite is added or gains weight; it is
// the raw term's normaliser and the map that keep listeners comparable. Same listener and model, same list.
package scoring

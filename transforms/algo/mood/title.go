package mood

import (
	"slices"
	"strings"
	"unicode"
)

// lexicon lists the words that name a mood in the title of a playlist. Words of genres, decades and places are left out on
// purpose: they say what, not how it feels.
var lexicon = map[string][]string{
	"calm":      {"calm", "chill", "chilled", "chillout", "chilling", "relax", "relaxed", "relaxing", "sleep", "sleepy", "sleeping", "bedtime", "lullaby", "lullabies", "peaceful", "mellow", "soothing", "spa", "yoga", "meditation", "quiet", "lazy", "unwind"},
	"energetic": {"workout", "gym", "run", "running", "cardio", "hype", "pump", "pumped", "energy", "energetic", "training", "power", "beast", "crossfit", "party", "turnt", "rave", "lit"},
	"focus":     {"focus", "study", "studying", "homework", "work", "working", "concentration", "coding", "reading", "productivity", "deep"},
	"happy":     {"happy", "feelgood", "sunshine", "fun", "smile", "joy", "cheerful", "upbeat", "goodvibes", "celebrate", "sunny"},
	"romantic":  {"love", "romance", "romantic", "wedding", "valentine", "valentines", "date", "lovesongs", "intimate", "slowdance", "kiss"},
	"sad":       {"sad", "heartbreak", "heartbroken", "breakup", "cry", "crying", "tears", "lonely", "melancholy", "depressed", "sadness", "feels", "goodbye"},
}

// moodOf is the lexicon by word.
var moodOf = func() map[string]string {
	out := map[string]string{}
	for mood, words := range lexicon {
		for _, w := range words {
			out[w] = mood
		}
	}
	return out
}()

// Title returns the moods that the words of a playlist's title name, ascending, each once; none for most titles. A title
// that says not, no or never names none: negation is not read.
func Title(title string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !unicode.IsLetter(r) }) {
		switch m := moodOf[w]; {
		case w == "not" || w == "no" || w == "never":
			return nil
		case m != "" && !slices.Contains(out, m):
			out = append(out, m)
		}
	}
	slices.Sort(out)
	return out
}

// Package artist gives artists without an id one that is made of their name.
//
//	artist.go  ID, Normal
package artist

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// ID returns the id of an artist known by name only: "name:" and 16 hex digits of the SHA-256 of Normal(name); "" without a name.
// Spellings that differ in case, accents, width, spacing or a leading "the" share an id.
func ID(name string) string {
	n := Normal(name)
	if n == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(n))
	return "name:" + hex.EncodeToString(sum[:8])
}

// Normal returns a name in lower case with compatible forms folded (NFKD), accents dropped, each run of spaces as one and
// without a leading "the". A name of signs alone keeps its signs.
func Normal(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(name) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	words := strings.Fields(b.String())
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

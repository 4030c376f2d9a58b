// Package country reads ISO 3166 country codes.
//
//	country.go  Code
package country

import (
	"strings"

	"golang.org/x/text/language"
)

// Code returns the two capital letters of a country given as an ISO 3166 code of two or three letters in any case, or as
// one of its well-known aliases (UK); "" for anything else: names are not guessed at.
func Code(s string) string {
	s = strings.TrimSpace(s)
	if len(s) != 2 && len(s) != 3 || !letters(s) {
		return ""
	}
	r, err := language.ParseRegion(s)
	if err != nil {
		return ""
	}
	if r = r.Canonicalize(); !r.IsCountry() || len(r.String()) != 2 {
		return ""
	}
	return r.String()
}

func letters(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

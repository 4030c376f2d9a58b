package artist

import "testing"

// Spellings of one name share an id; different names do not.
func TestID(t *testing.T) {
	for _, same := range [][]string{
		{"The Beatles", "beatles", "  the   BEATLES ", "ＢＥＡＴＬＥＳ"},
		{"Beyoncé", "BEYONCE", "Beyonce\u0301"},
		{"The The"},
		{"The"},
		{"!!!"},
		{"+44"},
		{"AC/DC", "ac/dc"},
	} {
		for _, name := range same {
			if ID(name) != ID(same[0]) || ID(name) == "" {
				t.Errorf("ID(%q) = %q, ID(%q) = %q", name, ID(name), same[0], ID(same[0]))
			}
		}
	}
	if ID("The The") == ID("Nobody") || ID("!!!") == ID("???") {
		t.Error("different names share an id")
	}
	if ID("") != "" || ID(" \t") != "" {
		t.Error("no name has an id")
	}
	if got := ID("Queen"); got != "name:a9c3c1f767450233" { // fixed for ever: ids are published
		t.Errorf("ID(Queen) = %s", got)
	}
}

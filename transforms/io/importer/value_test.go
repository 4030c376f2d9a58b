package importer

import (
	"testing"
	"time"
)

// Times are understood in every documented notation; the offset is kept only where one is written.
func TestParseTime(t *testing.T) {
	for in, want := range map[string]string{
		"1402884087":                "2014-06-16T02:01:27Z",
		"1402884087123":             "2014-06-16T02:01:27.123Z",
		"1402884087123456":          "2014-06-16T02:01:27.123456Z",
		"1402884087.5":              "2014-06-16T02:01:27.5Z",
		"-4009820638":               "1842-12-08T00:56:02Z",
		"2014-06-16T02:01:27Z":      "2014-06-16T02:01:27Z",
		"2014-06-16T04:01:27+02:00": "2014-06-16T02:01:27Z",
		"2014-06-16 02:01:27":       "2014-06-16T02:01:27Z",
		"2014-06-16 02:01":          "2014-06-16T02:01:00Z",
		"2014-06-16":                "2014-06-16T00:00:00Z",
	} {
		at, offset, ok := parseTime(in)
		if got := at.UTC().Format(time.RFC3339Nano); !ok || got != want {
			t.Errorf("parseTime(%q) = %s, %v, want %s", in, got, ok, want)
		}
		if (offset != nil) != (in == "2014-06-16T04:01:27+02:00") || offset != nil && *offset != 120 {
			t.Errorf("parseTime(%q) has another offset than written", in)
		}
	}
	for _, in := range []string{"", "soon", "NaN", "1e30", "2014-13-01"} {
		if at, _, ok := parseTime(in); ok {
			t.Errorf("parseTime(%q) = %s, want an error", in, at)
		}
	}
}

// Offsets are minutes, or hours and minutes.
func TestParseOffset(t *testing.T) {
	for in, want := range map[string]int32{"120": 120, "-180": -180, "+05:30": 330, "-0330": -210, "0": 0, "Z": 0} {
		if got, ok := parseOffset(in); !ok || got != want {
			t.Errorf("parseOffset(%q) = %d, %v, want %d", in, got, ok, want)
		}
	}
	if got, ok := parseOffset("east"); ok {
		t.Errorf("parseOffset(east) = %d", got)
	}
}

package importer

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// Epochs up to these magnitudes are seconds, milliseconds, microseconds; above, nanoseconds. Thus seconds reach the year
// 5138, and milliseconds within three years of 1970 would be taken for seconds: none of the sources has such plays.
const (
	maxSeconds = 1e11
	maxMillis  = 1e14
	maxMicros  = 1e17
)

// fromEpoch returns the instant of a number of seconds or smaller units since 1970, by its magnitude.
func fromEpoch(x float64) (time.Time, bool) {
	abs := math.Abs(x)
	switch {
	case math.IsNaN(x) || abs >= maxMicros*1e2:
		return time.Time{}, false
	case abs < maxSeconds:
		return time.UnixMicro(int64(math.Round(x * 1e6))), true
	case abs < maxMillis:
		return time.UnixMicro(int64(math.Round(x * 1e3))), true
	case abs < maxMicros:
		return time.UnixMicro(int64(x)), true
	}
	return time.UnixMicro(int64(x / 1e3)), true
}

// times without zone are UTC.
var timeLayouts = []string{
	"2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly,
}

// parseTime reads RFC 3339, the same without zone (UTC), or an epoch. The offset is nil unless one other than Z is written.
func parseTime(s string) (time.Time, *int32, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			if strings.HasSuffix(s, "Z") {
				return t, nil, true
			}
			_, seconds := t.Zone()
			minutes := int32(seconds / 60)
			return t, &minutes, true
		}
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil, true
		}
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return time.Time{}, nil, false
	}
	t, ok := fromEpoch(x)
	return t, nil, ok
}

// parseOffset reads minutes, or ±hh:mm, as minutes.
func parseOffset(s string) (int32, bool) {
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseInt(s, 10, 32); err == nil && !(len(s) == 5 && (s[0] == '+' || s[0] == '-')) {
		return int32(n), true
	}
	for _, layout := range []string{"Z07:00", "-0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			_, seconds := t.Zone()
			return int32(seconds / 60), true
		}
	}
	return 0, false
}

// splitList splits at ; or |, or reads a JSON list of texts; blanks around and empty parts go.
func splitList(s string) ([]string, bool) {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "[") {
		var parts []string
		if json.Unmarshal([]byte(s), &parts) == nil {
			return tidy(parts), true
		}
		return nil, false
	}
	return tidy(strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == '|' })), true
}

func tidy(parts []string) []string {
	kept := parts[:0]
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			kept = append(kept, p)
		}
	}
	return kept
}

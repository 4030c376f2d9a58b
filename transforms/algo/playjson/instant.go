package playjson

// parseInstant reads RFC 3339, yyyy-mm-ddThh:mm:ss with any fraction and Z or ±hh:mm, as microseconds since 1970 UTC, cut.
// written tells whether an offset stood there rather than Z; it is in minutes.
func parseInstant(b []byte) (at int64, offset int32, written, ok bool) {
	const least = len("2006-01-02T15:04:05Z")
	if len(b) < least || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' {
		return 0, 0, false, false
	}
	year, month, day := pair(b, 0)*100+pair(b, 2), pair(b, 5), pair(b, 8)
	hour, minute, second := pair(b, 11), pair(b, 14), pair(b, 17)
	if min(pair(b, 0), pair(b, 2), month, day, hour, minute, second) < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59 {
		return 0, 0, false, false
	}
	micros, rest, ok := fraction(b[19:])
	if !ok {
		return 0, 0, false, false
	}
	if !(len(rest) == 1 && rest[0] == 'Z') {
		if offset, ok = parseOffset(rest); !ok {
			return 0, 0, false, false
		}
		written = true
	}
	seconds := daysSince1970(year, month, day)*86400 + int64(hour)*3600 + int64(minute)*60 + int64(second) - int64(offset)*60
	return seconds*1_000_000 + micros, offset, written, true
}

// pair reads two digits; negative when they are none.
func pair(b []byte, i int) int {
	x, y := b[i]-'0', b[i+1]-'0'
	if x > 9 || y > 9 {
		return -10_000
	}
	return int(x)*10 + int(y)
}

// fraction reads ".123…" as microseconds, cut; no fraction is 0.
func fraction(b []byte) (micros int64, rest []byte, ok bool) {
	if b[0] != '.' {
		return 0, b, true
	}
	i, scale := 1, int64(100_000)
	for ; i < len(b) && b[i]-'0' < 10; i++ {
		micros += int64(b[i]-'0') * scale
		scale /= 10
	}
	return micros, b[i:], i > 1 && i < len(b)
}

// parseOffset reads ±hh:mm as minutes.
func parseOffset(b []byte) (minutes int32, ok bool) {
	if len(b) != 6 || b[3] != ':' || b[0] != '+' && b[0] != '-' {
		return 0, false
	}
	hours, rest := pair(b, 1), pair(b, 4)
	if min(hours, rest) < 0 || hours > 23 || rest > 59 {
		return 0, false
	}
	minutes = int32(hours*60 + rest)
	if b[0] == '-' {
		minutes = -minutes
	}
	return minutes, true
}

var monthDays = [...]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func daysIn(year, month int) int {
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 29
	}
	return monthDays[month]
}

// daysSince1970 counts days of the Gregorian calendar.
// Source: H. Hinnant, chrono-compatible low-level date algorithms, days_from_civil; years from 0 on.
func daysSince1970(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := (year + 400) / 400
	inEra := year + 400 - era*400
	ofYear := (153*(month-3)+2)/5 + day - 1
	return int64(era*146097+inEra*365+inEra/4-inEra/100+ofYear) - 719468 - 146097
}

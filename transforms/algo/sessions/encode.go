package sessions

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"strconv"

	"segue/transforms/algo/playjson"
)

// appendFeatures appends the JSON record of a listener. Times are milliseconds since 1970, unknown values null, shares cut to
// four digits; vector is base64 of float32, little-endian, of unit length. Every text in it is bounded, see playjson.MaxID and
// maxName, and with them the record, by some 150 KB and its vector.
func (s *Shard) appendFeatures(b []byte, l *listener) []byte {
	f := l.history.all(s.rules.gap, nil)
	b = append(append(b, `{"v":1,"user_id":`...), l.quoted...)
	b = strconv.AppendBool(append(b, `,"session_open":`...), f.plays > 0 && l.timer == 0)
	b = s.appendSession(b, &f)
	b = s.appendPlace(b, &f)
	b = s.appendRecent(b, &f)
	s.mix.of(&f, s.tracks)
	b = s.appendMix(b, l)
	v := s.version(l)
	b = appendQuoted(append(b, `,"event_id":`...), f.lastID)
	b = number(b, `,"offset":`, v.Offset)
	b = number(b, `,"generation":`, v.Generation)
	b = number(b, `,"timer":`, v.Timer)
	return append(number(b, `,"in_ts":`, l.inMs), '}')
}

func number(b []byte, key string, n int64) []byte { return strconv.AppendInt(append(b, key...), n, 10) }

func text[T string | []byte](b []byte, key string, quoted T) []byte {
	return append(append(b, key...), quoted...)
}

// share appends x, at least 0, with four digits.
func share(b []byte, key string, x float64) []byte {
	b = append(b, key...)
	if !(x >= 0) { // a cosine may round beyond 1
		x = 0
	}
	n := int64(math.Round(x * 10_000))
	b = strconv.AppendInt(b, n/10_000, 10)
	n %= 10_000
	return append(b, '.', byte('0'+n/1000), byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
}

func ratio(a, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(a) / float64(of)
}

func (s *Shard) appendSession(b []byte, f *fold) []byte {
	b = number(b, `,"session_start":`, f.start/1000)
	b = number(b, `,"session_end":`, f.until/1000)
	b = number(b, `,"last_play":`, f.last/1000)
	b = number(b, `,"session_plays":`, f.plays)
	b = number(b, `,"session_completes":`, f.completes)
	b = number(b, `,"session_skips":`, f.skips)
	b = share(b, `,"skip_rate":`, ratio(f.skips, f.plays))
	b = number(b, `,"session_likes":`, f.likes)
	b = number(b, `,"session_ms":`, f.playedMs)
	b = append(b, `,"since_last_session_ms":`...)
	if f.gapUs == Unknown {
		b = append(b, "null"...)
	} else {
		b = strconv.AppendInt(b, f.gapUs/1000, 10)
	}
	b = number(b, `,"total_plays":`, f.totalPlays)
	return number(b, `,"total_skips":`, f.totalSkips)
}

var weekdays = [...]string{`"sunday"`, `"monday"`, `"tuesday"`, `"wednesday"`, `"thursday"`, `"friday"`, `"saturday"`}

func (s *Shard) appendPlace(b []byte, f *fold) []byte {
	b = text(b, `,"device":`, s.names.quoted(f.where.device))
	b = text(b, `,"place":`, s.names.quoted(f.where.place))
	b = text(b, `,"country":`, s.names.quoted(f.where.country))
	b = text(b, `,"source":`, s.names.quoted(f.where.source))
	local, known := f.local()
	if !known {
		return append(b, `,"local_hour":null,"local_day":null,"day_part":null`...)
	}
	b = number(b, `,"local_hour":`, int64(local.Hour()))
	b = text(b, `,"local_day":`, weekdays[local.Weekday()])
	if part := s.params.DayParts[local.Hour()]; part != "" {
		return appendQuoted(append(b, `,"day_part":`...), part)
	}
	return append(b, `,"day_part":null`...)
}

// maxQuoted bounds a song id as JSON, where a byte may become six. Snapshots and archives of an older program have longer ones,
// which records show as null: twenty of them would be more than brokers take.
const maxQuoted = 6*playjson.MaxID + 2

func (s *Shard) appendRecent(b []byte, f *fold) []byte {
	b = append(b, `,"recent":[`...)
	for i := range int(f.heard) {
		song, _ := f.song(i)
		if id := s.songs.quoted(song); len(id) <= maxQuoted {
			b = append(append(b, id...), ',')
		} else {
			b = append(b, "null,"...)
		}
	}
	b = append(closeList(b), `,"outcomes":[`...)
	for i := range int(f.heard) {
		_, outcome := f.song(i)
		b = append(append(b, outcomeNames[outcome]...), ',')
	}
	return closeList(b)
}

// closeList ends a list whose entries are followed by commas.
func closeList(b []byte) []byte {
	if b[len(b)-1] == ',' {
		b = b[:len(b)-1]
	}
	return append(b, ']')
}

func (s *Shard) appendMix(b []byte, l *listener) []byte {
	m := &s.mix
	b = share(b, `,"repeat_rate":`, ratio(int64(m.repeats), int64(len(m.songs))))
	if s.catalogue == nil {
		return append(b, `,"release":null`...)
	}
	b = number(b, `,"artists":`, int64(len(m.artists)))
	b = number(b, `,"unknown_songs":`, int64(m.unknown))
	b = appendParts(b, `,"moods":{`, m.moods)
	b = appendParts(b, `,"genres":{`, m.genres)
	b = appendParts(b, `,"tempos":{`, m.tempos)
	if len(m.vector) > 0 {
		b = appendVector(append(b, `,"vector":"`...), m.vector)
		b = append(b, '"')
	} else {
		b = append(b, `,"vector":null`...)
	}
	if d, ok := m.distance(s.catalogue.Taste(l.user())); ok {
		b = share(b, `,"taste_distance":`, d)
	} else {
		b = append(b, `,"taste_distance":null`...)
	}
	return appendQuoted(append(b, `,"release":`...), s.catalogue.Release())
}

func appendParts(b []byte, key string, mix []part) []byte {
	b = append(b, key...)
	for i, p := range mix {
		if i > 0 {
			b = append(b, ',')
		}
		b = share(appendQuoted(b, p.name), ":", p.share)
	}
	return append(b, '}')
}

// appendVector appends base64 of float32, twelve bytes to sixteen letters at a time.
func appendVector(b []byte, v []float32) []byte {
	var three [12]byte
	for len(v) > 0 {
		n := min(len(v), 3)
		for i, x := range v[:n] {
			binary.LittleEndian.PutUint32(three[4*i:], math.Float32bits(x))
		}
		b = base64.StdEncoding.AppendEncode(b, three[:4*n])
		v = v[n:]
	}
	return b
}

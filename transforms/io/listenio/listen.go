package listenio

import "time"

// Cell is where, when and on what songs were heard.
type Cell struct {
	Region   string // ISO code; "" = unknown
	Weekpart string // Weekday or Weekend by the local date; "" = unknown
	Hour     int32  // local hour [0,23]; UnknownHour without local time
	Device   string
	Place    string // "" = unknown
}

// UnknownHour is the hour of a Cell without local time.
const UnknownHour int32 = -1

// Listen is what one listener did with one song on one day in one cell.
type Listen struct {
	Song    int32 // dense song index of the run
	Cell    int32 // number of the cell with the reader
	Plays   int32
	Skips   int32 // plays that were skipped
	Verdict int8  // 1 when the last word of the day was a like, -1 when it was an unlike, 0 without either
	Weight  int64 // worth of the events on their day, fixed point, not decayed
}

// Day is what one listener did on one day: listens by song, then cell.
type Day struct {
	Day     int32 // UTC days since 1970-01-01
	FirstAt time.Time
	LastAt  time.Time // start of the first and last play; zero = no play
	Listens []Listen
}

// Listener is all that one listener did, by day.
type Listener struct {
	UserID string
	Days   []Day
}

const secondsADay = 86_400

// DayOf numbers the UTC day of an instant, also before 1970.
func DayOf(at time.Time) int32 {
	s := at.Unix()
	d := s / secondsADay
	if s%secondsADay < 0 {
		d--
	}
	return int32(d)
}

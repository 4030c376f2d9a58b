package importer

import "time"

// Ages in days, before the newest play of the import, from which plays share a folder.
const (
	monthsAfter = 90  // a day's age: one folder a month
	yearsAfter  = 730 // the age of a month's first day: one folder a year
)

// newest follows the newest play. Plays over a day after limit, when that is known, are broken clocks: they do not count
// unless there is no other.
type newest struct {
	limit      time.Time // zero = unknown
	sound, all time.Time
}

func (n *newest) see(at time.Time) {
	if at.After(n.all) {
		n.all = at
	}
	if at.After(n.sound) && (n.limit.IsZero() || at.Before(n.limit.Add(24*time.Hour))) {
		n.sound = at
	}
}

// day returns 00:00 UTC of the newest play's day, the zero time when there was none.
func (n *newest) day() time.Time {
	at := n.sound
	if at.IsZero() {
		at = n.all
	}
	return dayOf(at)
}

// folder returns the date of the folder for plays of a UTC day: the day, or the first day of its month or year.
// As newer plays are seen, the folder of a folder's date says where its rows belong then.
func (n *newest) folder(day time.Time) time.Time {
	age := func(t time.Time) int64 { return (n.day().Unix() - t.Unix()) / (24 * 60 * 60) } // a time.Duration ends at 292 years
	month := time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
	switch {
	case age(month) > yearsAfter:
		return time.Date(day.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	case age(day) > monthsAfter:
		return month
	}
	return day
}

func dayOf(at time.Time) time.Time {
	y, m, d := at.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

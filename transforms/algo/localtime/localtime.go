// Package localtime reads hours, parts of the day and weekends where the listener was.
//
//	localtime.go  Of
//	dayhours.go   DayHours: when the parts of a day begin
package localtime

import "time"

// Of returns the local hour [0,23] and whether the local date is a Saturday or Sunday, for an instant and the minutes
// local time is ahead of UTC there and then. known is false without an offset: UTC is never taken for local.
func Of(at time.Time, offsetMin *int32) (hour int, weekend, known bool) {
	if offsetMin == nil {
		return 0, false, false
	}
	local := at.UTC().Add(time.Duration(*offsetMin) * time.Minute)
	day := local.Weekday()
	return local.Hour(), day == time.Saturday || day == time.Sunday, true
}

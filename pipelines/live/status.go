package live

import (
	"time"

	"segue/schemas"
	"segue/transforms/io/kafkaio"
)

// Status is where a job stands.
type Status struct {
	Since      time.Time
	In         int64         // records of the topic
	Applied    int64         // plays that count; In = Applied + Late + Duplicates + Dead
	Late       int64         // archived only
	Duplicates int64         // counted once already
	Dead       int64         // dead letters
	Unknown    int64         // fields of plays that the contract does not have
	Again      int64         // read again after a restart of a bundle
	Written    int64         // records of both output topics
	Listeners  int64         // known
	Lag        int64         // records not yet read, as last heard
	Delay      time.Duration // from the broker's time of a record to its features: the longest of the lanes' last
	Behind     time.Duration // from the newest play's start to now: the longest of the lanes'; 0 = no play yet
	Release    string        // run id; "" = none
	ReleaseAt  time.Time     // when it was taken into use
	Recycled   int64         // pipelines begun anew for their memory
	Unsaved    int64         // lanes that a stop was too short to save
	Ready      bool          // every lane works
}

// Status yields where the job stands, at once: it may be called while it runs, and while lanes wait for brokers or the store.
func (j *Job) Status() Status {
	s := Status{Since: j.started, Ready: true}
	for _, l := range j.lanes {
		f := l.figures()
		s.In += f.counts.In
		s.Applied += f.counts.Applied
		s.Late += f.counts.Late
		s.Duplicates += f.counts.Duplicates
		s.Dead += f.counts.Dead
		s.Unknown += f.counts.UnknownFields
		s.Again += f.counts.Again
		s.Listeners += int64(f.listeners)
		s.Written += f.written
		s.Delay = max(s.Delay, f.delay)
		if f.newestUs != 0 {
			s.Behind = max(s.Behind, time.Since(time.UnixMicro(f.newestUs)))
		}
		if f.unsaved {
			s.Unsaved++
		}
		s.Ready = s.Ready && f.works
	}
	for _, lag := range kafkaio.Lags() {
		if lag.Topic == schemas.TopicPlays {
			s.Lag += lag.Records()
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	s.Release, s.ReleaseAt, s.Recycled = j.release, j.releaseAt, j.recycled
	return s
}

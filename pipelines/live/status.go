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
	Recycled   int64         // pipelines begun anew for their memory
	Unsaved    int64         // lanes that a stop was too short to save
	Ready      bool          // every lane works
}

// Status yields where the job stands; it may be called while it runs.
func (j *Job) Status() Status {
	s := Status{Since: j.started, Ready: true}
	for _, l := range j.lanes {
		l.mu.Lock()
		c := l.shard.Counts()
		s.In += c.In
		s.Applied += c.Applied
		s.Late += c.Late
		s.Duplicates += c.Duplicates
		s.Dead += c.Dead
		s.Unknown += c.UnknownFields
		s.Again += c.Again
		s.Listeners += int64(l.shard.Listeners())
		s.Written += l.producer.Sent()
		s.Delay = max(s.Delay, l.delay)
		if l.newestUs != 0 {
			s.Behind = max(s.Behind, time.Since(time.UnixMicro(l.newestUs)))
		}
		if l.unsaved {
			s.Unsaved++
		}
		s.Ready = s.Ready && l.err == nil
		l.mu.Unlock()
	}
	for _, lag := range kafkaio.Lags() {
		if lag.Topic == schemas.TopicPlays {
			s.Lag += lag.Records()
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	s.Release, s.Recycled = j.release, j.recycled
	return s
}

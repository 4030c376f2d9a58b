package nightly

import (
	"context"
	"slices"
	"strings"

	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// Forecast is what a night will take if its stages take as much a byte of landing as they did on an earlier night. What a stage
// reads of a release that the earlier night had not, as a first night has none, takes as long a byte as publish took to read, or as the
// stage took where that is less; half of the bytes count: stages read some columns of these tables, or the footers alone. Without an
// earlier night it is what nights of generated worlds took, by what landed.
type Forecast struct {
	Landing    int64   // bytes of landing that the night reads
	Files      int     // of landing
	MeasuredBy string  // the run whose stages were measured; "" = none
	Growth     float64 // of landing since that run
	Stages     []StageForecast
}

// StageForecast is the share of one stage.
type StageForecast struct {
	Stage     string
	Files     int   // read, of the run it was measured by; 0 without one
	Read      int64 // bytes in the lake; 0 without one
	Written   int64 // bytes in the lake
	Peak      int64 // bytes resident in the process, highest
	Seconds   float64
	Phases    []lake.PhaseRecord // as measured, in seconds of this night; less than Seconds where the stage reads what it did not then
	Published bool               // the stage's night exists: it will not run again
}

// Expect forecasts the night that Run would do, from the newest run whose stages all have records, up to the night's date.
//
// Order:  stages as in Stages, those of From to Until.
// Errors: those of Run before its first stage.
// Cost:   lists runs and landing; reads no data.
func Expect(ctx context.Context, o Options) (Forecast, error) {
	n, err := plan(ctx, o)
	if err != nil {
		return Forecast{}, err
	}
	var f Forecast
	for name, refs := range n.landing {
		if isLanding(name) {
			f.Files, f.Landing = f.Files+len(refs), f.Landing+bytesOf(refs)
		}
	}
	_, done, err := n.same(ctx)
	if err != nil {
		return f, err
	}
	records, err := n.measured(ctx, &f)
	if err != nil {
		return f, err
	}
	if f.Stages = n.typical(); len(records) > 0 {
		f.Stages = n.asMeasured(records, f.Growth)
	}
	for i := range f.Stages {
		f.Stages[i].Published = done
	}
	f.Stages = f.Stages[:n.last()+1]
	f.Stages = f.Stages[min(max(n.index(n.From), 0), len(f.Stages)):]
	return f, nil
}

// asMeasured returns what the stages of records took, times the growth, and takes account of what they did not read then.
func (n *night) asMeasured(records []lake.StageRecord, growth float64) []StageForecast {
	scale := func(bytes int64) int64 { return int64(float64(bytes) * growth) }
	perByte := readSeconds(records[len(records)-1])
	stages := make([]StageForecast, len(records))
	for i, r := range records {
		s := StageForecast{Stage: r.Stage, Seconds: r.Seconds * growth, Written: scale(writtenBy(r)), Peak: scale(r.PeakBytes)}
		s.Files, s.Read = inputsOf(r)
		for _, p := range r.Phases {
			p.Seconds *= growth
			s.Phases = append(s.Phases, p)
		}
		added := n.added(r)
		s.Files, s.Read, s.Seconds = s.Files+len(added), scale(s.Read)+bytesOf(added), s.Seconds+float64(bytesOf(added))/2*min(perByte, readSeconds(r))
		stages[i] = s
	}
	return stages
}

// writtenBy returns the bytes of the files that a stage wrote.
func writtenBy(r lake.StageRecord) (bytes int64) {
	for _, refs := range r.Outputs {
		bytes += bytesOf(refs)
	}
	return bytes
}

// readSeconds returns how long a stage took a byte that it read; its time, where it read none.
func readSeconds(r lake.StageRecord) float64 {
	_, read := inputsOf(r)
	return r.Seconds / float64(max(read, 1))
}

// inputsOf returns how many files a stage read, and their bytes.
func inputsOf(r lake.StageRecord) (files int, bytes int64) {
	for _, refs := range r.Inputs {
		files, bytes = files+len(refs), bytes+bytesOf(refs)
	}
	return files, bytes
}

// added returns the files of earlier releases that the stage of a record will read tonight and did not read then.
func (n *night) added(r lake.StageRecord) (files []lake.FileRef) {
	at := slices.IndexFunc(n.stages, func(st work.Stage) bool { return st.Name == r.Stage })
	if at < 0 {
		return nil
	}
	for _, name := range n.stages[at].Reads {
		if _, had := r.Inputs[name]; !had && !isLanding(name) {
			files = append(files, n.landing[name]...)
		}
	}
	return files
}

// measured returns the records of the run to measure by, none where there is none, and notes it and how much more this night reads.
func (n *night) measured(ctx context.Context, f *Forecast) ([]lake.StageRecord, error) {
	runs, err := lake.ListRuns(ctx, n.Lake)
	if err != nil {
		return nil, err
	}
	for _, r := range slices.Backward(runs) {
		if r.Date > n.day() {
			continue
		}
		records, err := lake.ReadStages(ctx, n.Lake, r.Run)
		if err != nil {
			return nil, err
		}
		if before := landingBytes(records); len(records) == len(n.stages) && before > 0 {
			f.MeasuredBy, f.Growth = r.Run, float64(f.Landing)/float64(before)
			return records, nil
		}
	}
	return nil, nil
}

// landingBytes returns the bytes of landing that stages read, each file once.
func landingBytes(records []lake.StageRecord) int64 {
	seen := map[string]int64{}
	for _, r := range records {
		for name, refs := range r.Inputs {
			if !isLanding(name) {
				continue
			}
			for _, ref := range refs {
				seen[ref.Key] = ref.Size
			}
		}
	}
	var all int64
	for _, size := range seen {
		all += size
	}
	return all
}

func isLanding(name string) bool { return strings.HasPrefix(name, "landing/") }

func bytesOf(refs []lake.FileRef) int64 {
	var n int64
	for _, r := range refs {
		n += r.Size
	}
	return n
}

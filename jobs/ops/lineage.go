package ops

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"time"

	"segue/transforms/io/lake"
)

const (
	producer = "https://github.com/OpenLineage/OpenLineage/blob/main/spec/OpenLineage.md" // a URI is wanted; the program is named in a facet
	spec     = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
	facets   = "https://openlineage.io/spec/facets/"
)

// Lineage says where events go. Empty fields are not used.
type Lineage struct {
	File      string // events are appended, one a line
	URL       string // of a collector; events are posted to its api/v1/lineage
	Key       string // bearer token of the collector
	Namespace string // of the job
}

type event struct {
	EventType string    `json:"eventType"`
	EventTime time.Time `json:"eventTime"`
	Producer  string    `json:"producer"`
	SchemaURL string    `json:"schemaURL"`
	Run       eventRun  `json:"run"`
	Job       eventJob  `json:"job"`
	Inputs    []dataset `json:"inputs"`
	Outputs   []dataset `json:"outputs"`
}

type eventRun struct {
	RunID  string         `json:"runId"`
	Facets map[string]any `json:"facets"`
}

type eventJob struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

type dataset struct {
	Namespace    string         `json:"namespace"`
	Name         string         `json:"name"`
	InputFacets  map[string]any `json:"inputFacets,omitempty"`
	OutputFacets map[string]any `json:"outputFacets,omitempty"`
}

// facet returns a facet with what every facet must say.
func facet(schema string, values map[string]any) map[string]any {
	out := map[string]any{"_producer": producer, "_schemaURL": facets + schema}
	maps.Copy(out, values)
	return out
}

// event returns what is told of a night as it stands: START while it runs, then COMPLETE, FAIL or ABORT.
func (l Lineage) event(n Night) event {
	e := event{
		EventType: "START", EventTime: n.StartedAt.UTC(), Producer: producer, SchemaURL: spec, Job: eventJob{l.Namespace, "segue.nightly"},
		Inputs: []dataset{}, Outputs: []dataset{},
		Run: eventRun{RunID: n.ID, Facets: map[string]any{
			"nominalTime":       facet("1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet", map[string]any{"nominalStartTime": n.Date.UTC(), "nominalEndTime": n.Date.AddDate(0, 0, 1).UTC()}),
			"processing_engine": facet("1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet", map[string]any{"name": "segue", "version": n.Producer}),
		}},
	}
	if n.EndedAt.IsZero() {
		return e
	}
	e.EventTime = n.EndedAt.UTC()
	switch {
	case n.Err == nil:
		e.EventType = "COMPLETE"
	case n.Stopped:
		e.EventType = "ABORT"
	default:
		e.EventType = "FAIL"
	}
	if n.Err != nil {
		e.Run.Facets["errorMessage"] = facet("1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet",
			map[string]any{"message": n.Err.Error(), "programmingLanguage": "Go"})
	}
	for _, folder := range slices.Sorted(maps.Keys(n.Manifest.Inputs)) {
		e.Inputs = append(e.Inputs, inputOf(n.Lake, folder, n.Manifest.Inputs[folder]))
	}
	for _, t := range n.Manifest.Tables {
		d := dataset{OutputFacets: map[string]any{"outputStatistics": facet("1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet",
			map[string]any{"rowCount": t.Rows, "size": t.Bytes, "fileCount": len(t.Files)})}}
		d.Namespace, d.Name = datasetOf(n.Lake, "tables/"+t.Name)
		e.Outputs = append(e.Outputs, d)
	}
	return e
}

func inputOf(url, folder string, files []lake.FileRef) dataset {
	bytes := int64(0)
	for _, f := range files {
		bytes += f.Size
	}
	d := dataset{InputFacets: map[string]any{"inputStatistics": facet("1-0-0/InputStatisticsInputDatasetFacet.json#/$defs/InputStatisticsInputDatasetFacet",
		map[string]any{"size": bytes, "fileCount": len(files)})}}
	d.Namespace, d.Name = datasetOf(url, folder)
	return d
}

// Tell sends an event about a night as it stands, to all that are named.
func (l Lineage) Tell(ctx context.Context, n Night) error {
	if l.File == "" && l.URL == "" {
		return nil
	}
	body, err := json.Marshal(l.event(n))
	if err != nil {
		return fmt.Errorf("encode lineage event: %w", err)
	}
	if l.File != "" {
		if err := appendLine(l.File, body); err != nil {
			return fmt.Errorf("write lineage event: %w", err)
		}
	}
	if l.URL == "" {
		return nil
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if l.Key != "" {
		header.Set("Authorization", "Bearer "+l.Key)
	}
	return post(ctx, l.URL, "/api/v1/lineage", header, body)
}

func appendLine(path string, line []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

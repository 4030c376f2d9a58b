package ops

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// collected serves as a collector and returns the spans it was sent, by name, and what it was told of the service.
func collected(t *testing.T) (url string, got func() (map[string]*spans.Span, map[string]string)) {
	var mu sync.Mutex
	byName, service := map[string]*spans.Span{}, map[string]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var in collector.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &in) != nil {
			t.Errorf("%s %s: no spans", r.Method, r.URL)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		for _, rs := range in.ResourceSpans {
			for _, a := range rs.Resource.Attributes {
				service[a.Key] = a.Value.GetStringValue()
			}
			for _, ss := range rs.ScopeSpans {
				for _, s := range ss.Spans {
					byName[s.Name] = s
				}
			}
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, func() (map[string]*spans.Span, map[string]string) {
		mu.Lock()
		defer mu.Unlock()
		return byName, service
	}
}

func clearTraces(t *testing.T) {
	for _, name := range []string{"OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_SDK_DISABLED", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_SERVICE_NAME", "TRACEPARENT"} {
		t.Setenv(name, "")
	}
}

// A night is a span, its stages lie within it and their phases within them; a failed night, its stage and phase are failed,
// and what is named in the standard variables is heeded.
func TestTraces(t *testing.T) {
	clearTraces(t)
	url, got := collected(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
	t.Setenv("OTEL_SERVICE_NAME", "music nights")
	t.Setenv("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	n := ended(errors.New("broken"))
	tracer, err := NewTracer(t.Context(), n, nil, func(err error) { t.Error(err) })
	if err != nil || tracer == nil {
		t.Fatalf("tracer %v, error %v", tracer, err)
	}
	tracer.Start("clean", "plays", 2)
	tracer.Done("clean", "plays", 1)
	tracer.Done("clean", "plays", 1)
	tracer.End("clean", 1)
	tracer.End("parity", .1)
	tracer.Start("matrix", "count", 3)
	if err := tracer.Close(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	all, service := got()
	if len(all) != 6 || service["service.name"] != "music nights" || service["service.version"] != "segue test" {
		t.Fatalf("%d spans of %v", len(all), service)
	}
	for child, parent := range map[string]string{"clean": "night", "clean plays": "clean", "parity": "night", "matrix": "night", "matrix count": "matrix"} {
		if string(all[child].ParentSpanId) != string(all[parent].SpanId) {
			t.Errorf("%s does not lie within %s", child, parent)
		}
	}
	for name, s := range all {
		failed := name == "night" || name == "matrix" || name == "matrix count"
		if (s.Status.GetCode() == spans.Status_STATUS_CODE_ERROR) != failed {
			t.Errorf("%s: status %v", name, s.Status)
		}
		if s.TraceId[0] != 0x0a || s.EndTimeUnixNano < s.StartTimeUnixNano {
			t.Errorf("%s: trace %x from %d to %d", name, s.TraceId, s.StartTimeUnixNano, s.EndTimeUnixNano)
		}
	}
}

// Traces are off unless asked for; settings that cannot be meant are errors.
func TestTracesWanted(t *testing.T) {
	for _, c := range []struct {
		env     map[string]string
		on, bad bool
	}{
		{nil, false, false},
		{map[string]string{"OTEL_SERVICE_NAME": "x", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, false, false},
		{map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, true, false},
		{map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x"}, true, false},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_TRACES_EXPORTER": "none"}, false, false},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "true"}, false, false},
		{map[string]string{"OTEL_TRACES_EXPORTER": "zipkin"}, false, true},
		{map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, false, true},
		{map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"}, true, false},
	} {
		on, err := tracesWanted(func(name string) string { return c.env[name] })
		if on != c.on || (err != nil) != c.bad {
			t.Errorf("%v: on %v, error %v", c.env, on, err)
		}
	}
	var none *Tracer
	if err := none.Close(t.Context(), Night{}); err != nil {
		t.Errorf("no tracer: %v", err)
	}
}

// A collector that is not there is told of once, and changes nothing.
func TestCollectorAway(t *testing.T) {
	clearTraces(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "200")
	var told []error
	tracer, err := NewTracer(t.Context(), ended(nil), nil, func(err error) { told = append(told, err) })
	if err != nil {
		t.Fatal(err)
	}
	tracer.Start("clean", "plays", 1)
	if err := tracer.Close(t.Context(), ended(nil)); err == nil && len(told) != 1 {
		t.Errorf("a collector that is away: told %v", told)
	}
}

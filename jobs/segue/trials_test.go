package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"segue/jobs/config"
	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/algo/pareto"
)

// Trials come back as they were kept, without a line that was cut off; another search, or a line that is none, is refused.
func TestTrialsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tuned.yaml.trials")
	s := searchOf([]schemas.Playlist{{PlaylistID: "p", Songs: []string{"a"}}}, nightly.Default(), nightly.TuneOptions{Sample: .1, Seed: 1})
	at := make([]float64, len(s.Knobs))
	want := []pareto.Trial{{At: at, Value: []float64{.1, .2, .3}}, {At: at, Value: []float64{1e-17, .2, .7000000000000001}}}
	log, done, err := openTrials(path, s)
	if err != nil || len(done) != 0 {
		t.Fatalf("%v, %v", done, err)
	}
	for _, trial := range want {
		if err := log.add(trial); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := log.file.WriteString(`{"at":[1,`); err != nil {
		t.Fatal(err)
	}
	log.Close()
	for range 2 { // the first time the cut line goes
		log, done, err = openTrials(path, s)
		if err != nil || !reflect.DeepEqual(done, want) {
			t.Fatalf("%v, want %v: %v", done, want, err)
		}
		log.Close()
	}
	other := s
	other.Seed = 2
	if _, _, err := openTrials(path, other); err == nil || !strings.Contains(err.Error(), "another search") {
		t.Errorf("another search: %v", err)
	}
	if err := os.WriteFile(path, append(mustRead(t, path), "{}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := openTrials(path, s); err == nil || !strings.Contains(err.Error(), "line 4") {
		t.Errorf("a line that is no trial: %v", err)
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The configuration that is written sets every knob to the value of the chosen trial.
func TestTunedConfigIsRead(t *testing.T) {
	knobs := nightly.Knobs()
	at := make([]float64, len(knobs))
	for i, k := range knobs {
		at[i] = k.Range.Low + (k.Range.High-k.Range.Low)/3
	}
	found := nightly.Tuned{Trials: []pareto.Trial{{At: make([]float64, len(knobs)), Value: []float64{.1, 1, 1}}, {At: at, Value: []float64{.2, 1, 1}}}, Best: 1}
	path := filepath.Join(t.TempDir(), "tuned.yaml")
	if err := os.WriteFile(path, []byte(tunedConfig(found)), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &settings{Night: nightly.Default()}
	if err := config.New(s).File(path); err != nil {
		t.Fatal(err)
	}
	if want := nightly.Default().With(at); !reflect.DeepEqual(s.Night, want) {
		t.Errorf("read %+v, want %+v", s.Night, want)
	}
}

package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type embed struct {
	Dim    int       `json:"dim"`
	Power  float64   `json:"power"`
	Blocks []int     `json:"blocks"`
	Names  []string  `json:"names"`
	Fold   bool      `json:"fold"`
	Scales []float64 `json:"scales"`
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "segue.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

type nested struct {
	Lake  string `json:"lake"`
	Seed  uint64 `json:"seed"`
	Embed embed  `json:"embed"`
}

func fresh() (*nested, *Registry) {
	s := &nested{Seed: 1, Embed: embed{Dim: 128, Power: 0.5}}
	return s, New(s)
}

// A flag beats the environment, the environment the file, the file the default; the source is remembered.
func TestPrecedence(t *testing.T) {
	s, r := fresh()
	path := file(t, "seed: 2\nembed:\n  dim: 32\n  power: 0.25\n  blocks: [1, 2]\n")
	if err := r.File(path); err != nil {
		t.Fatal(err)
	}
	if err := r.Environ("SEGUE", []string{"SEGUE_EMBED_DIM=64", "SEGUE_EMBED_POWER=0.75", "SEGUE_SEED=", "SEGUE_SERVICE_HOST=x", "PATH=/bin"}); err != nil {
		t.Fatal(err)
	}
	if err := r.Assign("embed.dim=256", "flag --set"); err != nil {
		t.Fatal(err)
	}
	if s.Embed.Dim != 256 || s.Embed.Power != 0.75 || s.Seed != 2 || s.Lake != "" || len(s.Embed.Blocks) != 2 {
		t.Errorf("settings are %+v", s)
	}
	want := map[string]string{
		"lake": "default", "seed": "file " + path + ":1", "embed.power": "environment SEGUE_EMBED_POWER",
		"embed.dim": "flag --set", "embed.blocks": "file " + path + ":5",
	}
	for _, v := range r.Values() {
		if w, ok := want[v.Key]; ok && v.Source != w {
			t.Errorf("%s comes from %q, want %q", v.Key, v.Source, w)
		}
	}
}

// What cannot be meant is refused with the nearest key, the place and the expected type; nothing is changed by it.
func TestRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		apply func(*Registry) error
		says  []string
	}{
		"unknown flag":     {func(r *Registry) error { return r.Assign("embed.dmi=3", "flag --set") }, []string{"embed.dmi", "did you mean embed.dim"}},
		"no equals":        {func(r *Registry) error { return r.Assign("embed.dim", "flag --set") }, []string{"key=value"}},
		"unknown variable": {func(r *Registry) error { return r.Environ("SEGUE", []string{"SEGUE_EMBED_DIMM=3"}) }, []string{"SEGUE_EMBED_DIMM", "embed.dim"}},
		"fraction":         {func(r *Registry) error { return r.Assign("embed.dim=1.5", "flag --set") }, []string{"1.5", "whole number"}},
		"no number":        {func(r *Registry) error { return r.Assign("embed.power=NaN", "flag --set") }, []string{"NaN", "number"}},
		"endless number":   {func(r *Registry) error { return r.Assign("embed.scales=[1, -Inf]", "flag --set") }, []string{"Inf", "number"}},
		"empty":            {func(r *Registry) error { return r.Assign("embed.dim=", "flag --set") }, []string{"whole number"}},
		"negative":         {func(r *Registry) error { return r.Assign("seed=-1", "flag --set") }, []string{"whole number from 0"}},
		"no bool":          {func(r *Registry) error { return r.Assign("embed.fold=maybe", "flag --set") }, []string{"true or false"}},
	} {
		s, r := fresh()
		err := c.apply(r)
		if !errors.Is(err, ErrConfig) {
			t.Errorf("%s: error %v is no ErrConfig", name, err)
			continue
		}
		for _, w := range c.says {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q does not say %q", name, err, w)
			}
		}
		if s.Embed.Dim != 128 || s.Seed != 1 {
			t.Errorf("%s: settings changed to %+v", name, s)
		}
	}
}

// A file with an unknown, repeated or misplaced key is refused with file and line.
func TestRefusesFile(t *testing.T) {
	for text, says := range map[string]string{
		"lake: x\nembd:\n  dim: 3\n":      ":2",
		"embed:\n  dimm: 3\n":             "did you mean embed.dim",
		"embed:\n  dim: 3\nembed.dim: 4":  "twice",
		"embed:\n  dim: many\n":           "whole number",
		"- a\n":                           "keys and values",
		"embed: 3\n":                      "unknown key embed",
		"lake: [\n":                       "segue.yaml",
		"embed:\n  blocks: [one, two]\n":  "list of whole number",
		"lake: {a: b}\n":                  "lake",
		"embed:\n  names: {a: b}\n":       "list of text",
		"embed:\n  scales: [1.5, high]\n": "list of number",
	} {
		_, r := fresh()
		err := r.File(file(t, text))
		if !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: error is %v, want one with %q", text, err, says)
		}
	}
	_, r := fresh()
	if err := r.File(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, ErrConfig) {
		t.Errorf("missing file: %v", err)
	}
	if err := r.File(file(t, "# nothing\n")); err != nil {
		t.Errorf("empty file: %v", err)
	}
}

// Texts stay texts, lists may be written with or without brackets.
func TestTypes(t *testing.T) {
	s, r := fresh()
	for _, text := range []string{"lake=s3://b/p: x", "embed.names=a, b", "embed.scales=[1, 2.5]", "embed.blocks=", "embed.fold=true"} {
		if err := r.Assign(text, "flag --set"); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	if s.Lake != "s3://b/p: x" || len(s.Embed.Names) != 2 || s.Embed.Names[1] != "b" || s.Embed.Scales[1] != 2.5 || !s.Embed.Fold {
		t.Errorf("settings are %+v", s)
	}
}

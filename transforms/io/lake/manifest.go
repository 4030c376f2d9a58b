package lake

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// Manifest is the one commit point of a run: everything it published. runs/<run>/manifest.json, written once.
type Manifest struct {
	Run        string               `json:"run"`
	Date       string               `json:"date"` // logical date, YYYY-MM-DD
	Attempt    int                  `json:"attempt"`
	Producer   string               `json:"producer"` // program and version
	ConfigHash string               `json:"config_hash"`
	InputHash  string               `json:"input_hash"`
	Previous   string               `json:"previous"` // run of last night's release that this one read; "" = none
	Seed       uint64               `json:"seed"`
	Inputs     map[string][]FileRef `json:"inputs"` // by landing folder
	Tables     []Table              `json:"tables"`
	Quality    []Quality            `json:"quality"`
	Failed     []string             `json:"failed"` // rules of the gate that failed: the run is a candidate until it is promoted despite them
	CreatedAt  time.Time            `json:"created_at"`
	KernelTier string               `json:"kernel_tier"` // instruction set of the arithmetic: same tier, same bytes

	// CollectedAt says that the run is gone: all that is left of its manifest, so that its id is never used again.
	CollectedAt *time.Time `json:"collected_at,omitempty"`
}

// Table is one table of a release.
type Table struct {
	Name        string    `json:"name"`
	Version     int       `json:"version"` // of the schema
	Rows        int64     `json:"rows"`
	Bytes       int64     `json:"bytes"`
	ContentHash string    `json:"content_hash"` // hex sha256 of what the rows hold in order, however they are cut into files
	HashVersion int       `json:"hash_version"` // how it is made; 0 = by rows, which hashes of other versions are not compared with
	Files       []FileRef `json:"files"`        // in order
	Key         []string  `json:"key"`          // columns that are unique together
	Order       []string  `json:"order"`        // columns each file is sorted by, ascending
}

// Quality is one figure a release was measured by.
type Quality struct {
	Name   string   `json:"name"`
	Value  float64  `json:"value"`
	Low    *float64 `json:"low,omitempty"` // 95 % bounds; nil = not estimated
	High   *float64 `json:"high,omitempty"`
	Detail string   `json:"detail,omitempty"`
}

// Table returns the table of that name.
func (m Manifest) Table(name string) (Table, bool) {
	i := slices.IndexFunc(m.Tables, func(t Table) bool { return t.Name == name })
	if i < 0 {
		return Table{}, false
	}
	return m.Tables[i], true
}

// ManifestKey returns runs/<run>/manifest.json.
func ManifestKey(run string) string { return RunKey(run, "manifest.json") }

// ReadManifest returns what a run published; ErrNotExist when it did not, ErrCollected too when it is gone.
func ReadManifest(ctx context.Context, s Store, run string) (Manifest, error) {
	if _, _, err := ParseRun(run); err != nil {
		return Manifest{}, err
	}
	m, _, err := ReadJSON[Manifest](ctx, s, ManifestKey(run))
	switch {
	case err != nil:
		return m, err
	case m.Run != run:
		return m, fmt.Errorf("read manifest %s: %w: it names run %q", ManifestKey(run), ErrDamaged, m.Run)
	case m.CollectedAt != nil:
		return Manifest{}, fmt.Errorf("read manifest %s: %w on %s (%w)", ManifestKey(run), ErrCollected, m.CollectedAt.Format(time.DateOnly), ErrNotExist)
	}
	return m, nil
}

// commit writes the manifest of a run, or adopts the one that another attempt at the same run wrote first.
func commit(ctx context.Context, s Store, m Manifest) error {
	date, attempt, err := ParseRun(m.Run)
	if err != nil {
		return err
	}
	if m.Date != date || m.Attempt != attempt {
		return fmt.Errorf("publish run %s: its manifest says date %s, attempt %d", m.Run, m.Date, m.Attempt)
	}
	_, err = CreateJSON(ctx, s, ManifestKey(m.Run), m)
	if !errors.Is(err, ErrExists) {
		return err
	}
	won, err := ReadManifest(ctx, s, m.Run)
	if err != nil {
		return err
	}
	if won.ConfigHash != m.ConfigHash || won.InputHash != m.InputHash || !reflect.DeepEqual(contents(won), contents(m)) {
		return fmt.Errorf("publish run %s: %w: another night of the same run published other contents", m.Run, ErrExists)
	}
	return nil
}

// contents returns the content hash of every table.
func contents(m Manifest) map[string]string {
	out := map[string]string{}
	for _, t := range m.Tables {
		out[t.Name] = t.ContentHash
	}
	return out
}

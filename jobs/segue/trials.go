package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"

	"segue/jobs/cli"
	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/algo/pareto"
)

// search is what trials depend on: the first line of a file of trials.
type search struct {
	Playlists int      `json:"playlists"`
	Data      string   `json:"data"` // SHA-256 of playlists and parameters
	Sample    float64  `json:"sample"`
	Seed      uint64   `json:"seed"`
	Knobs     []string `json:"knobs"`
}

func searchOf(playlists []schemas.Playlist, p nightly.Params, o nightly.TuneOptions) search {
	h := sha256.New()
	for _, list := range playlists {
		fmt.Fprintf(h, "%q%q", list.PlaylistID, list.Songs)
	}
	if err := json.NewEncoder(h).Encode([]any{p.Embed, p.Neighbours}); err != nil {
		panic(fmt.Sprintf("tune: hash parameters: %v", err)) // plain structs always encode
	}
	s := search{Playlists: len(playlists), Data: hex.EncodeToString(h.Sum(nil)), Sample: o.Sample, Seed: o.Seed}
	for _, k := range nightly.Knobs() {
		s.Knobs = append(s.Knobs, k.Name)
	}
	return s
}

// trialLog is an open file of trials, a JSON line each; every trial is on disk before the next begins.
type trialLog struct{ file *os.File }

// openTrials opens or begins the file and returns the trials it holds; a last line that was cut off is dropped.
// Errors: a file of another search.
func openTrials(path string, s search) (*trialLog, []pareto.Trial, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, nil, err
	}
	log := &trialLog{f}
	done, whole, err := readTrials(f, path, s)
	if err == nil {
		if err = f.Truncate(whole); err == nil {
			_, err = f.Seek(whole, io.SeekStart)
		}
	}
	if err == nil && whole == 0 {
		err = log.add(s)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return log, done, nil
}

// readTrials returns the trials and how many bytes are whole lines.
func readTrials(f io.Reader, path string, s search) (done []pareto.Trial, whole int64, err error) {
	lines := bufio.NewReader(f)
	for n := 0; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return done, whole, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if n == 0 {
			var was search
			if json.Unmarshal(bytes.TrimSpace(line), &was) != nil || !reflect.DeepEqual(was, s) {
				return nil, 0, cli.Usage("%s holds another search (other playlists, settings, --sample or --seed): give another --out, or remove it", path)
			}
		} else {
			var t pareto.Trial
			if err := json.Unmarshal(line, &t); err != nil || len(t.At) != len(s.Knobs) || len(t.Value) != len(nightly.Objectives) {
				return nil, 0, cli.Usage("%s: line %d is no trial: remove the file to begin anew", path, n+1)
			}
			done = append(done, t)
		}
		whole += int64(len(line))
	}
}

func (l *trialLog) add(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if _, err := l.file.Write(append(b, '\n')); err != nil {
		return err
	}
	return l.file.Sync()
}

// Close closes the file; everything is on disk already.
func (l *trialLog) Close() error { return l.file.Close() }

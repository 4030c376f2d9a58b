package importer

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// shape is how a file is parsed.
type shape int

const (
	shapeNone shape = iota
	shapeLines
	shapeJSON // lines or one array, by the first byte
	shapeCSV
	shapeTSV
	shapeParquet
)

// endings by shape; .gz and .zst may follow.
var endings = map[string]shape{
	".jsonl": shapeLines, ".ndjson": shapeLines, ".listens": shapeLines, ".json": shapeJSON,
	".csv": shapeCSV, ".tsv": shapeTSV, ".parquet": shapeParquet,
}

// shapeOf returns the shape by a path's ending, and the ending of its compression.
func shapeOf(path string) (shape, string) {
	name, packed := strings.ToLower(path), ""
	for _, p := range []string{".gz", ".zst"} {
		if strings.HasSuffix(name, p) {
			name, packed = strings.TrimSuffix(name, p), p
			break
		}
	}
	return endings[filepath.Ext(name)], packed
}

// file is one input file.
type file struct {
	path   string
	name   string // base name: the source of rejects
	shape  shape
	packed string // "", .gz or .zst
}

// expand returns the files of paths, by path ascending, each once.
func expand(paths []string, kind, from string) ([]file, error) {
	var all []string
	for _, p := range paths {
		found, err := expandOne(p, kind, from)
		if err != nil {
			return nil, fmt.Errorf("find %s %s: %w", kind, p, err)
		}
		all = append(all, found...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	files := make([]file, len(all))
	for i, p := range all {
		f, packed := shapeOf(p)
		if f == shapeNone {
			f = fallback(from)
		}
		if f == shapeParquet && packed != "" {
			return nil, fmt.Errorf("find %s %s: compressed Parquet cannot be read: unpack it first", kind, p)
		}
		files[i] = file{p, filepath.Base(p), f, packed}
	}
	return files, nil
}

func fallback(from string) shape {
	switch from {
	case CSV:
		return shapeCSV
	case Parquet:
		return shapeParquet
	case MPD, Spotify:
		return shapeJSON
	}
	return shapeLines
}

func expandOne(p, kind, from string) ([]string, error) {
	info, err := os.Stat(p)
	switch {
	case err == nil && !info.IsDir():
		return []string{filepath.Clean(p)}, nil
	case err == nil:
		return inFolder(p, kind, from)
	}
	found, globErr := filepath.Glob(p)
	if globErr != nil {
		return nil, fmt.Errorf("read as a glob: %w", globErr)
	}
	if len(found) == 0 {
		return nil, err
	}
	var files []string
	for _, f := range found {
		more, err := expandOne(f, kind, from)
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	return files, nil
}

// inFolder returns the files below a folder that have a known ending and, for exports, a name of the export.
func inFolder(dir, kind, from string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, _ := shapeOf(p)
		if f != shapeNone && !strings.HasPrefix(d.Name(), ".") && belongs(d.Name(), kind, from) {
			files = append(files, p)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no file with an ending or name to import as %s: want .jsonl, .json, .csv, .tsv or .parquet, may be .gz or .zst", from)
	}
	return files, err
}

// belongs keeps the other files of an export's folder out.
func belongs(name, kind, from string) bool {
	switch {
	case from == MPD && kind == kindPlaylists:
		return strings.HasPrefix(name, "mpd.slice.")
	case from == Spotify && kind == kindPlays:
		for _, p := range []string{"StreamingHistory", "Streaming_History_Audio", "endsong"} {
			if strings.HasPrefix(name, p) {
				return true
			}
		}
		return false
	}
	return true
}

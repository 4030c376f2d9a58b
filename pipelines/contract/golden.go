package contract

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

const head = "state contract, version "

// Compare says how lines differ from those kept in a file under a version. With write, the file is written anew, which
// lines that changed allow under a higher version alone.
//
// Errors: lines or version differ; the version did not rise though lines changed; an unreadable file.
func Compare(file string, version int, lines []string, write bool) error {
	b, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) && write {
		return save(file, version, lines)
	}
	if err != nil {
		return err
	}
	kept := strings.Split(strings.TrimSpace(string(b)), "\n")
	was, err := strconv.Atoi(strings.TrimPrefix(kept[0], head))
	if err != nil {
		return fmt.Errorf("%s begins with no version: %w", file, err)
	}
	changed := differences(kept[1:], lines)
	switch {
	case len(changed) == 0 && was == version:
		return nil
	case len(changed) > 0 && version <= was:
		return fmt.Errorf("names or coders that saved state hangs on have changed under version %d: raise the version, and say how jobs that run go over:\n%s", version, strings.Join(changed, "\n"))
	case write:
		return save(file, version, lines)
	}
	return fmt.Errorf("%s is of version %d, the program of version %d: write it again with SEGUE_GOLDEN=1\n%s", file, was, version, strings.Join(changed, "\n"))
}

func differences(before, after []string) (out []string) {
	for _, l := range before {
		if !slices.Contains(after, l) {
			out = append(out, "- "+l)
		}
	}
	for _, l := range after {
		if !slices.Contains(before, l) {
			out = append(out, "+ "+l)
		}
	}
	return out
}

func save(file string, version int, lines []string) error {
	text := head + strconv.Itoa(version) + "\n" + strings.Join(lines, "\n") + "\n"
	return os.WriteFile(file, []byte(text), 0o644)
}

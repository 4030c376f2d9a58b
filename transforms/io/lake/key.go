package lake

import (
	"cmp"
	"fmt"
	"strings"
)

// tempFolder holds half-written files of a directory lake; no key may lie in it and no listing shows it.
const tempFolder = ".tmp"

// checkKey refuses keys that are not clean relative paths, so that every store can hold every key and none leaves its root.
func checkKey(op, key string) error {
	if err := checkPath(key); err != nil {
		return fmt.Errorf("%s %q: %w", op, key, err)
	}
	return nil
}

// checkPrefix is checkKey for the start of a key: its last segment may be empty or cut.
func checkPrefix(prefix string) error {
	folder := prefix[:strings.LastIndexByte(prefix, '/')+1]
	if folder == "" {
		return nil
	}
	if err := checkPath(strings.TrimSuffix(folder, "/")); err != nil {
		return fmt.Errorf("list %q: %w", prefix, err)
	}
	return nil
}

func checkPath(key string) error {
	if len(key) > 1000 {
		return fmt.Errorf("key has %d bytes, more than 1000", len(key))
	}
	for i, part := range strings.Split(key, "/") {
		switch {
		case part == "":
			return fmt.Errorf("key has an empty part")
		case part == "." || part == "..":
			return fmt.Errorf("key has the part %q", part)
		case len(part) > 255:
			return fmt.Errorf("key has a part of %d bytes, more than 255", len(part))
		case strings.ContainsAny(part, "\x00\\"):
			return fmt.Errorf("key holds a NUL or a backslash")
		case i == 0 && part == tempFolder:
			return fmt.Errorf("folder %s is reserved", tempFolder)
		}
	}
	return nil
}

func byKey(a, b Info) int { return cmp.Compare(a.Key, b.Key) }

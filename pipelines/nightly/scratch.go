package nightly

import (
	"os"
	"path/filepath"

	"segue/transforms/io/lake"
	"segue/transforms/io/scratch"
)

// scratchFolder makes the temporary folder of the night and points TMPDIR at it, so that nothing the night or its runner leaves
// behind survives it.
func scratchFolder() (folder string, remove func(), err error) {
	folder, removeFolder, err := scratch.Folder()
	if err != nil {
		return "", nil, err
	}
	before, had := os.LookupEnv("TMPDIR")
	os.Setenv("TMPDIR", folder)
	return folder, func() {
		if had {
			os.Setenv("TMPDIR", before)
		} else {
			os.Unsetenv("TMPDIR")
		}
		_ = removeFolder() // the next night tries again
	}, nil
}

// clearScratch removes what a finished stage has on local scratch: what others read is in the lake.
func (n *night) clearScratch(stage string) error {
	if n.scratch == "" {
		return nil
	}
	return os.RemoveAll(filepath.Join(n.scratch, filepath.FromSlash(lake.RunKey(n.run, "work", stage))))
}

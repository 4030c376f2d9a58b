package lake

import (
	"os"

	"golang.org/x/sys/unix"
)

// startWriteBack asks the disk for a part of a file and does not wait. It is a hint: what it fails at, a sync does.
func startWriteBack(f *os.File, from, n int64) {
	_ = unix.SyncFileRange(int(f.Fd()), from, n, unix.SYNC_FILE_RANGE_WRITE)
}

//go:build !linux

package lake

import "os"

func startWriteBack(*os.File, int64, int64) {}

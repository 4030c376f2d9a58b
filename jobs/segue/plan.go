package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"segue/jobs/cli"
	"segue/pipelines/nightly"
)

// printPlan prints what a night is expected to take, and whether this machine has as much.
func printPlan(ctx context.Context, w io.Writer, o nightly.Options) error {
	f, err := nightly.Expect(ctx, o)
	if err != nil {
		return err
	}
	t := cli.Table{Columns: []string{"stage", "files_read", "read", "written", "peak_memory", "time"}}
	by := fmt.Sprintf("by run %s, times %.2f", f.MeasuredBy, f.Growth)
	if f.MeasuredBy == "" {
		t.Columns = slices.Delete(t.Columns, 1, 3)
		by = "by nights of generated worlds on 2 cores, for this lake has had none"
	}
	var all nightly.StageForecast
	for _, s := range f.Stages {
		row := []any{s.Stage, s.Files, size(s.Read), size(s.Written), size(s.Peak), duration(s.Seconds)}
		if f.MeasuredBy == "" {
			row = slices.Delete(row, 1, 3)
		}
		t.Add(row...)
		all.Written, all.Seconds, all.Peak = all.Written+s.Written, all.Seconds+s.Seconds, max(all.Peak, s.Peak)
	}
	if err := t.Write(w, "text"); err != nil {
		return err
	}
	fmt.Fprintf(w, "the night of %s reads %s of landing, %s; %s: about %s, %s of memory, %s written\n",
		o.Date.Format("2006-01-02"), plural(f.Files, "file"), size(f.Landing), by, duration(all.Seconds), size(all.Peak), size(all.Written))
	if len(f.Stages) > 0 && f.Stages[0].Published {
		fmt.Fprintln(w, "it is published already: nothing will run")
	}
	for _, short := range shortages(o, all) {
		fmt.Fprintln(w, short)
	}
	return nil
}

// warnShort tells, before a night starts, what it is expected to lack, and returns what its stages will take.
func warnShort(ctx context.Context, w io.Writer, o nightly.Options) []nightly.StageForecast {
	f, err := nightly.Expect(ctx, o)
	if err != nil {
		return nil // the night itself reports what is wrong with its inputs
	}
	var all nightly.StageForecast
	for _, s := range f.Stages {
		if !s.Published {
			all.Written, all.Peak = all.Written+s.Written, max(all.Peak, s.Peak)
		}
	}
	for _, short := range shortages(o, all) {
		fmt.Fprintln(w, short)
	}
	return f.Stages
}

// shortages compares what is expected with the memory and the disk of this machine.
func shortages(o nightly.Options, want nightly.StageForecast) []string {
	var out []string
	if have := freeMemory(); have > 0 && want.Peak > have {
		out = append(out, fmt.Sprintf("warning: the night is expected to take %s of memory, this machine has %s free: run it on a larger one, or with a smaller embed.dim",
			size(want.Peak), size(have)))
	}
	folder, share, mend := writtenTo(o)
	if have, known := freeDisk(folder); known && share*float64(want.Written) > float64(have) {
		out = append(out, fmt.Sprintf("warning: the night is expected to write %s, the disk of %s has %s free: %s", size(want.Written), folder, size(have), mend))
	}
	return out
}

// freeMemory returns the bytes that the kernel would give to new programs, or the rest of this process's control group where that is
// less; 0 where the system does not tell.
func freeMemory() int64 {
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(b), "MemAvailable:")
	kib, err := strconv.ParseInt(strings.Fields(after + " 0")[0], 10, 64)
	if err != nil {
		return 0
	}
	free := kib << 10
	if limit, used := cgroupBytes("memory.max"), cgroupBytes("memory.current"); limit > 0 {
		free = min(free, limit-used)
	}
	return free
}

// cgroupBytes reads a number of this process's control group; 0 = none, as in "max".
func cgroupBytes(name string) int64 {
	b, err := os.ReadFile("/sys/fs/cgroup/" + name)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// withScratch is what copies and working files of a night into a bucket take, as a share of what it is expected to write: 184 MiB of 149 on one of
// 10,000 playlists.
const withScratch = 1.25

// writtenTo returns the folder of this machine that a night writes to, how much of what it writes, and what to do when its disk is too small; ""
// where it writes to none. Of what goes to a bucket a night in this process keeps copies.
func writtenTo(o nightly.Options) (folder string, share float64, mend string) {
	url := o.Lake.URL()
	switch {
	case !strings.Contains(url, "://"):
		return url, 1, "run segue gc, or move the lake"
	case strings.HasPrefix(url, "s3://") && (o.Engine == nil || o.Engine.Local()):
		return os.TempDir(), withScratch, "a night into a bucket keeps copies there of what it writes, beside working files; set TMPDIR to a folder of a larger disk"
	}
	return "", 0, ""
}

// freeDisk returns the bytes free on the disk of a folder.
func freeDisk(folder string) (bytes int64, known bool) {
	var st unix.Statfs_t
	if err := unix.Statfs(folder, &st); err != nil {
		return 0, false
	}
	return int64(st.Bavail) * st.Bsize, true
}

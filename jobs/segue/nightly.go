package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"

	"segue/jobs/cli"
	"segue/pipelines/nightly"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

func newNightly() *cobra.Command {
	var from, until, profile string
	var resume, planOnly bool
	cmd := &cobra.Command{
		Use:   "nightly",
		Short: "Run the night of one date and publish it",
		Long: `Run the night of one date: from the landing zone of the lake to published tables. Safe to repeat: a night that is
published already is left alone, a failed one leaves the last release current.

` + exitCodes,
		Example: "  segue nightly --lake s3://music/segue --date 2026-11-24 --resume",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			stop, err := profileTo(profile)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, stop()) }()
			s, _, err := load(cmd)
			if err != nil {
				return err
			}
			return runNightly(cmd, s, nightly.Options{From: from, Until: until, Resume: resume}, planOnly)
		},
	}
	f := cmd.Flags()
	f.String("date", "", "logical `day`, YYYY-MM-DD or yesterday (UTC): plays that started before its end count")
	nightFlags(f)
	f.StringVar(&from, "from", "", "first `stage` to run again; earlier ones are taken from the newest run of the date")
	f.StringVar(&until, "until", "", "last `stage` to run; without the last one, nothing is published")
	f.BoolVar(&resume, "resume", false, "continue the newest unfinished run of the date")
	f.StringVar(&profile, "cpuprofile", "", "write where this process spends CPU to `file`, for go tool pprof")
	f.BoolVar(&planOnly, "plan", false, "print what the night is expected to take, by the records of an earlier one if there is one, and do nothing")
	return cmd
}

// nightFlags are those of every command that runs stages of a night.
func nightFlags(f *pflag.FlagSet) {
	engineFlags(f)
	f.Uint64("seed", 1, "seed of everything random")
	f.String("memory", "6GiB", "`size` of memory to get by with, such as 4GiB: a stage that would need more works in slices, with the same result")
	f.String("progress", "auto", "auto, plain, json or none")
}

// profileTo starts a CPU profile into a file; no name, no profile. stop ends it.
func profileTo(name string) (stop func() error, err error) {
	if name == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, fmt.Errorf("--cpuprofile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("--cpuprofile %s: %w", name, err), f.Close())
	}
	return func() error { pprof.StopCPUProfile(); return f.Close() }, nil
}

func runNightly(cmd *cobra.Command, s *settings, o nightly.Options, planOnly bool) (err error) {
	ctx := cmd.Context()
	if o.Date, err = s.day(); err != nil {
		return err
	}
	if o.Memory, err = s.budget(); err != nil {
		return err
	}
	debug.SetMemoryLimit(o.Memory / 4 * 3) // the rest is for mapped files
	view, err := newProgress(s.Progress, os.Stderr)
	if err != nil {
		return err
	}
	if err := s.openNight(ctx, &o, planOnly); err != nil {
		view.Close()
		return err
	}
	o.Params, o.Runner, o.Seed, o.Progress, o.Producer = s.Night, s.Runner, s.Seed, view, "segue "+version
	if planOnly {
		view.Close()
		return printPlan(ctx, cmd.OutOrStdout(), o)
	}
	view.expect(warnShort(ctx, os.Stderr, o), o.Resume)
	warnExposed(os.Stderr, s.Runner)
	started, told := time.Now(), tellStart(ctx, s, &o, os.Stderr)
	result, err := nightly.Run(ctx, o)
	view.Close()
	told.end(ctx, o.Lake, result, err)
	tellFresh(ctx, os.Stderr, o, result.Run, started)
	if !result.AlreadyPublished {
		reportNight(ctx, s, o.Lake, result.Run)
	}
	if err != nil {
		return explainNight(ctx, o.Lake, result, err)
	}
	return printNight(ctx, cmd.OutOrStdout(), o.Lake, result, time.Since(started))
}

// tellFresh says of a night that was to be resumed that it went on with none of the runs of its date: its own was claimed since it started.
// The first run of a date had nothing to go on with.
func tellFresh(ctx context.Context, w io.Writer, o nightly.Options, run string, started time.Time) {
	if _, attempt, err := lake.ParseRun(run); !o.Resume || err != nil || attempt == 1 {
		return
	}
	if info, err := lake.ReadRun(ctx, o.Lake, run); err == nil && !info.CreatedAt.Before(started) {
		fmt.Fprintf(w, "segue: run %s began anew: --resume found no unfinished run of %s with these inputs, settings, kernels and night before\n", run, info.Date)
	}
}

// openNight finds the lake and the engine of a night; the workers of one that is to run must answer.
func (s *settings) openNight(ctx context.Context, o *nightly.Options, planOnly bool) (err error) {
	if o.Lake, err = s.openLake(ctx); err != nil {
		return err
	}
	if o.Engine, err = s.runner(o.Lake, "night-"+s.Date); err != nil || planOnly {
		return err
	}
	return s.askWorkers(ctx, o.Engine, o.Lake)
}

// explainNight says what a failed night leaves behind and how to go on.
func explainNight(ctx context.Context, store lake.Store, result nightly.Result, err error) error {
	switch {
	case errors.Is(err, lake.ErrHeld):
		return fmt.Errorf("%w: see segue inspect where gate status=fail --run %s; to publish it all the same, segue promote %s with --despite for each rule and --reason",
			err, result.Run, result.Run)
	case result.Run == "" || errors.Is(err, work.ErrGate) || errors.Is(err, nightly.ErrNotReady):
		return err
	case result.Publishing && committed(ctx, store, result.Run):
		return fmt.Errorf("%w (the tables of run %s are written whole: run the night again, which makes sure that it is current)", err, result.Run)
	case ctx.Err() != nil:
		return fmt.Errorf("run %s: nothing was published: continue it with --resume", result.Run)
	case errors.Is(err, lake.ErrConflict) && !tableFile.MatchString(err.Error()):
		return fmt.Errorf("%w: an input changed while it was read: run the night again", err)
	case ofDamage(err):
		if advice := aboutDamage(err, result.Run); advice != nil {
			return advice
		}
	case errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT):
		return fmt.Errorf("%w: %s (nothing was published; --resume continues run %s)", err, makeRoom(err), result.Run)
	}
	return fmt.Errorf("%w (nothing was published; --resume continues run %s)", err, result.Run)
}

// committed reports whether a run that ended with an error had written its manifest before.
func committed(ctx context.Context, store lake.Store, run string) bool {
	_, err := lake.ReadManifest(context.WithoutCancel(ctx), store, run)
	return err == nil
}

// aboutDamage says what to do about a file that a resumed night would meet again; nil where it is none of an import, the night or an earlier one.
func aboutDamage(err error, run string) error {
	found := tableFile.FindStringSubmatch(err.Error())
	switch kept := keptFile.FindString(err.Error()); {
	case found != nil && found[1] == run:
		return told{fmt.Errorf("%w (nothing was published): run the night again without --resume, or --from the stage that wrote it", err)}
	case found != nil:
		return fmt.Errorf("%w (nothing was published)", err)
	case kept != "":
		return told{fmt.Errorf("%w (nothing was published): delete %s and run the night again without --resume, which makes it anew", err, strings.TrimSuffix(kept, ":"))}
	}
	if landed := landedFile.FindString(err.Error()); landed != "" {
		return fmt.Errorf("%w (nothing was published): delete %s, import its source again, which lands what is missing, and run the night again", err, landed)
	}
	return nil
}

// makeRoom says what to do about a full disk: that of temporary files, or of the lake.
func makeRoom(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) && strings.HasPrefix(at.Path, os.TempDir()) {
		return "a night keeps working files in " + os.TempDir() + ", of one into a bucket copies of what it writes: free space there, or set TMPDIR to a folder of a larger disk"
	}
	return "run segue gc, or move the lake"
}

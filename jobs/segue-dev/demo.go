package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/local/s3"
	"segue/local/world"
	"segue/transforms/io/lake"
)

// demoBucket and demoPrefix make up the demo's lake.
const demoBucket, demoPrefix = "segue", "lake"

// demo runs the real binary as its users would, one step after another.
type demo struct {
	out     io.Writer
	segue   string // the binary
	dir     string
	landing string // "" = a synthetic world
	home    string // working directory of the caller: the server makes its folder that of this process
	server  *s3.Server
	env     []string // of the binary
	step    int
}

func newDemo() *cobra.Command {
	var keep bool
	d := demo{}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run a whole night into an S3 server started here, show its results, stop",
		Long: `Start an S3 server, make a small world or take the files of --landing, and run the segue beside this program on it:
import, nightly, recs, similar, verify. Files of --landing: playlists.*, songs.* or tracks.*, plays.* or events.*, users.*`,
		Example: "  segue-dev demo\n  segue-dev demo --landing mydata --dir out --keep",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			d.out = cmd.OutOrStdout()
			if d.dir == "" {
				if d.dir, err = os.MkdirTemp("", "segue-demo-"); err != nil {
					return fmt.Errorf("make demo folder: %w", err)
				}
			} else if err := emptyFolder(d.dir); err != nil {
				return err
			}
			if err := d.absolute(); err != nil {
				return err
			}
			if !keep {
				defer os.RemoveAll(d.dir)
			}
			return d.run(cmd.Context(), keep)
		},
	}
	f := cmd.Flags()
	f.StringVar(&d.landing, "landing", "", "`folder` of real input (default: a synthetic world)")
	f.StringVar(&d.dir, "dir", "", "`folder` to work in (default: a temporary one)")
	f.BoolVar(&keep, "keep", false, "keep the folder with the published tables")
	f.StringVar(&d.segue, "segue", "", "the segue `binary` (default: the one beside this program)")
	return cmd
}

func (d *demo) run(ctx context.Context, keep bool) error {
	started := time.Now()
	if err := d.start(ctx); err != nil {
		return err
	}
	defer d.server.Stop()
	if err := d.bring(ctx); err != nil {
		return err
	}
	store, err := lake.Open(ctx, d.lake())
	if err != nil {
		return err
	}
	day, err := lastDay(ctx, store)
	if err != nil {
		return err
	}
	d.say("run the night of %s: every stage, then one atomic step publishes all tables", day)
	if err := d.call(ctx, "nightly", "--date", day); err != nil {
		return err
	}
	if err := d.show(ctx, store); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "\nthe demo took %s\n", time.Since(started).Round(100*time.Millisecond))
	if keep {
		d.howToLook()
	}
	return d.server.Stop()
}

func (d *demo) lake() string { return "s3://" + demoBucket + "/" + demoPrefix }

// absolute makes every path independent of the working directory, and finds the binary.
func (d *demo) absolute() (err error) {
	if d.home, err = os.Getwd(); err != nil {
		return fmt.Errorf("find the working directory: %w", err)
	}
	if d.segue == "" {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find this program: %w", err)
		}
		d.segue = filepath.Join(filepath.Dir(self), "segue")
	}
	for _, path := range []*string{&d.dir, &d.landing, &d.segue} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(d.home, *path)
		}
	}
	return nil
}

// shown returns a path as the caller would write it.
func (d *demo) shown(path string) string {
	if rel, err := filepath.Rel(d.home, path); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return path
}

// start checks the binary and starts the server.
func (d *demo) start(ctx context.Context) error {
	if _, err := exec.LookPath(d.segue); err != nil {
		return cli.Usage("no segue at %s: run make build, or give --segue", d.segue)
	}
	d.say("start an S3 server for this demo")
	var err error
	d.server, err = s3.Start(ctx, filepath.Join(d.dir, "s3"), s3.Options{Buckets: []string{demoBucket}})
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "bucket %s at %s\n", demoBucket, d.server.Endpoint)
	d.env = append(os.Environ(), d.server.Environ()...)
	d.env = append(d.env, "SEGUE_LAKE="+d.lake())
	for _, setting := range d.server.Environ() {
		name, value, _ := strings.Cut(setting, "=")
		os.Setenv(name, value)
	}
	return nil
}

// bring imports the input, made here where none is given.
func (d *demo) bring(ctx context.Context) error {
	landing := d.landing
	if landing == "" {
		landing = filepath.Join(d.dir, "world")
		p := world.Default()
		d.say("make a world: %d songs, %d playlists, %d users, %d days", p.Songs, p.Playlists, p.Users, p.Days)
		if err := world.Generate(ctx, landing, p); err != nil {
			return err
		}
	}
	flags, err := importFlags(landing)
	if err != nil {
		return err
	}
	d.say("bring the input into the lake")
	return d.call(ctx, append([]string{"import", "--from", "jsonl"}, flags...)...)
}

// show looks at what was published, as a user would.
func (d *demo) show(ctx context.Context, store lake.Store) error {
	_, m, err := lake.Current(ctx, store)
	if err != nil {
		return err
	}
	users, err := listeners(ctx, store, m, 3)
	if err != nil {
		return err
	}
	for _, user := range users {
		d.say("the list of listener %s", user)
		if err := d.call(ctx, "recs", user, "--limit", "8"); err != nil {
			return err
		}
	}
	song, err := wellKnown(ctx, store, m)
	if err != nil {
		return err
	}
	if song != "" {
		d.say("songs like the best known one")
		if err := d.call(ctx, "similar", song, "--limit", "10"); err != nil {
			return err
		}
	}
	d.say("check every published file against the manifest")
	return d.call(ctx, "verify")
}

func (d *demo) say(format string, args ...any) {
	d.step++
	fmt.Fprintf(d.out, "\n== %d. %s\n", d.step, fmt.Sprintf(format, args...))
}

// call runs the binary and shows its command line and output.
func (d *demo) call(ctx context.Context, args ...string) error {
	fmt.Fprintf(d.out, "$ segue%s\n", quoted(args, d.shown))
	cmd := exec.CommandContext(ctx, d.segue, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = d.env, d.out, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("segue %s: %w", args[0], err)
	}
	return nil
}

// quoted returns arguments as one would type them into a shell.
func quoted(args []string, shown func(string) string) string {
	var b strings.Builder
	for _, a := range args {
		if filepath.IsAbs(a) {
			a = shown(a)
		}
		if strings.ContainsFunc(a, func(r rune) bool { return strings.ContainsRune(" '\"$&|;<>()*?`\\", r) }) {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		b.WriteString(" " + a)
	}
	return b.String()
}

// howToLook says how to open what stays after the server has stopped: its objects are plain files.
func (d *demo) howToLook() {
	dir := filepath.Join(d.dir, "s3", demoBucket, demoPrefix)
	fmt.Fprintf(d.out, `the server stops; its lake stays as plain files: look at it with
  %[2]s inspect tables --lake %[1]s
  %[2]s inspect head song_neighbours --lake %[1]s
  duckdb -c "$(%[2]s inspect sql charts --lake %[1]s)"
  python3 -c "import duckdb; print(duckdb.sql(open(0).read()))" <<<"$(%[2]s inspect sql songs --lake %[1]s)"
`, d.shown(dir), d.shown(d.segue))
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/docker/go-units"
	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/jobs/config"
	"segue/jobs/engine"
	"segue/pipelines/nightly"
	"segue/transforms/io/lake"
)

// settings are all keys of file, environment and --set.
type settings struct {
	Lake     string          `json:"lake"`       // directory or s3://bucket/prefix
	Date     string          `json:"date"`       // logical date, YYYY-MM-DD
	Runner   string          `json:"runner"`     // prism, direct, portable or flink
	Seed     uint64          `json:"seed"`       // of everything random; default 1
	Memory   string          `json:"memory"`     // what a process of the night should get by with, such as 4GiB; more is faster where a stage needs more, the result is the same; default 6GiB
	Progress string          `json:"progress"`   // auto, plain, json or none
	Log      string          `json:"log"`        // what is told on stderr: off (errors come back to us anyway; of segue live its own warnings), error, warn, info or debug, of Beam, too
	LogForm  string          `json:"log_format"` // text or json
	Ops      opsSettings     `json:"ops"`
	Report   bool            `json:"report"` // a night leaves its HTML page in its folder of the lake
	S3       s3Settings      `json:"s3"`
	Kafka    kafkaSettings   `json:"kafka"`
	Engine   engine.Settings `json:"engine"`
	Night    nightly.Params
}

// s3Settings are what the AWS variables do not say.
type s3Settings struct {
	PathStyle string `json:"path_style"` // auto (path style when an endpoint is given), true or false
}

// pathStyleVariable is what the lake reads; it is the environment name of s3.path_style too.
const pathStyleVariable = "SEGUE_S3_PATH_STYLE"

// load fills the settings of a command from file, environment and flags, the later winning.
func load(cmd *cobra.Command) (*settings, *config.Registry, error) {
	return loadOver(cmd, nightly.Default(), 1)
}

// loadOver is load with a night and a seed in place of the defaults.
func loadOver(cmd *cobra.Command, night nightly.Params, seed uint64) (*settings, *config.Registry, error) {
	s := &settings{Runner: "prism", Seed: seed, Memory: "6GiB", Progress: "auto", Log: "off", LogForm: "text", Report: true, S3: s3Settings{"auto"}, Engine: engine.DefaultSettings(), Night: night}
	reg := config.New(s)
	path, _ := cmd.Flags().GetString("config")
	if path == "" {
		path = os.Getenv("SEGUE_CONFIG")
	}
	if path != "" {
		if err := reg.File(path); err != nil {
			return nil, nil, err
		}
	}
	if err := reg.Environ("SEGUE", os.Environ()); err != nil {
		return nil, nil, err
	}
	if err := applyFlags(cmd, reg); err != nil {
		return nil, nil, err
	}
	if err := s.Night.Validate(); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", config.ErrConfig, err)
	}
	if err := s.Ops.check(); err != nil {
		return nil, nil, err
	}
	if err := s.applyLog(); err != nil {
		return nil, nil, err
	}
	return s, reg, s.applyPathStyle()
}

// applyLog bounds what Beam tells: a night runs dozens of pipelines, and each would tell a dozen lines.
func (s *settings) applyLog() error {
	levels := []string{"off", "error", "warn", "info", "debug"}
	switch {
	case s.LogForm != "text" && s.LogForm != "json":
		return fmt.Errorf("%w: log_format %q: want text or json", config.ErrConfig, s.LogForm)
	case !slices.Contains(levels, s.Log):
		return fmt.Errorf("%w: log %q: want one of %v", config.ErrConfig, s.Log, levels)
	case s.Log == "off":
		log.LogLevel = "error" // for the runner, which may set the logger up again
		slog.SetDefault(slog.New(slog.DiscardHandler))
	default:
		log.SetupLogging(s.Log, s.LogForm)
	}
	return nil
}

func applyFlags(cmd *cobra.Command, reg *config.Registry) error {
	sets, _ := cmd.Flags().GetStringArray("set")
	for _, text := range sets {
		if err := reg.Assign(text, "flag --set"); err != nil {
			return err
		}
	}
	for _, key := range []string{"lake", "date", "runner", "seed", "memory", "progress"} {
		if f := cmd.Flags().Lookup(key); f != nil && f.Changed {
			if err := reg.Set(key, f.Value.String(), "flag --"+key); err != nil {
				return err
			}
		}
	}
	if f := cmd.Flags().Lookup(brokersFlag); f != nil && f.Changed {
		if err := reg.Set("kafka.brokers", f.Value.String(), "flag --"+brokersFlag); err != nil {
			return err
		}
	}
	return applyEngineFlags(cmd, reg)
}

func (s *settings) applyPathStyle() error {
	switch s.S3.PathStyle {
	case "auto":
		return os.Unsetenv(pathStyleVariable)
	case "true", "false":
		return os.Setenv(pathStyleVariable, s.S3.PathStyle)
	}
	return fmt.Errorf("%w: s3.path_style %q: want auto, true or false", config.ErrConfig, s.S3.PathStyle)
}

// check refuses what load leaves to the commands that use it.
func (s *settings) check() error {
	if !slices.Contains(progressModes, s.Progress) {
		return unknownProgress(s.Progress)
	}
	if _, err := s.budget(); err != nil {
		return err
	}
	if s.Date != "" {
		if _, err := s.day(); err != nil {
			return err
		}
	}
	return s.checkRunner()
}

// leastMemory is what the runner, the tables being written and one item of each core need at any size.
const leastMemory = 512 << 20

// budget returns the bytes a process of the night should get by with.
func (s *settings) budget() (int64, error) {
	n, err := units.RAMInBytes(s.Memory)
	if err != nil || n < leastMemory {
		return 0, cli.Usage("memory %q: want a size of at least 512MiB, such as 4GiB", s.Memory)
	}
	return n, nil
}

// day returns the logical date.
func (s *settings) day() (time.Time, error) {
	if s.Date == "" {
		return time.Time{}, cli.Usage("--date is missing: give the night's day, such as --date 2026-11-24")
	}
	if s.Date == "yesterday" {
		s.Date = time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)
	}
	day, err := time.Parse(time.DateOnly, s.Date)
	if err != nil {
		return time.Time{}, cli.Usage("--date %q is no day: write it as 2026-11-24, or yesterday, which is by UTC", s.Date)
	}
	return day, nil
}

// lakeOf opens the lake of a command, and returns its settings.
func lakeOf(cmd *cobra.Command) (lake.Store, *settings, error) {
	s, _, err := load(cmd)
	if err != nil {
		return nil, nil, err
	}
	store, err := s.openLake(cmd.Context())
	return store, s, err
}

// openLake opens the lake of the settings; a directory must exist, so that a mistyped one is not made and found empty.
func (s *settings) openLake(ctx context.Context) (lake.Store, error) {
	if !strings.Contains(s.Lake, "://") && s.Lake != "" {
		if _, err := os.Stat(s.Lake); errors.Is(err, fs.ErrNotExist) {
			return nil, cli.Usage("lake %s does not exist: check --lake, or make it with segue import", s.Lake)
		}
	}
	return s.makeLake(ctx)
}

// makeLake opens the lake of the settings and makes a directory that is missing.
func (s *settings) makeLake(ctx context.Context) (lake.Store, error) {
	if s.Lake == "" {
		return nil, cli.Usage("--lake is missing: give a directory or s3://bucket/prefix, or set SEGUE_LAKE")
	}
	if strings.HasPrefix(s.Lake, "mem://") {
		return nil, cli.Usage("lake %s would end with this process: give a directory or s3://bucket/prefix", s.Lake)
	}
	if info, err := os.Stat(s.Lake); err == nil && !info.IsDir() {
		return nil, cli.Usage("lake %s is a file: give a directory or s3://bucket/prefix", s.Lake)
	}
	return lake.Open(ctx, s.Lake)
}

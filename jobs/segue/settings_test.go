package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/jobs/config"
	"segue/pipelines/nightly"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// loaded parses args as segue nightly would and returns the settings.
func loaded(t *testing.T, args ...string) (*settings, *config.Registry, error) {
	t.Helper()
	var s *settings
	var reg *config.Registry
	root := newRoot()
	for _, c := range root.Commands() {
		if c.Name() == "nightly" {
			c.RunE = func(cmd *cobra.Command, _ []string) (err error) {
				s, reg, err = load(cmd)
				return err
			}
		}
	}
	root.SetArgs(append([]string{"nightly"}, args...))
	root.SilenceErrors, root.SilenceUsage = true, true
	err := root.Execute()
	return s, reg, err
}

// Every layer wins over the weaker ones, by key, and says where it stands.
func TestSettingsPrecedence(t *testing.T) {
	path := filepath.Join(t.TempDir(), "segue.yaml")
	if err := os.WriteFile(path, []byte("seed: 2\nlake: file-lake\nembed:\n  dim: 16\n  iterations: 2\nneighbours.k: 30\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SEGUE_LAKE", "environment-lake")
	t.Setenv("SEGUE_EMBED_ITERATIONS", "3")
	t.Setenv("SEGUE_PORT", "tcp://10.0.0.1:80") // as set by container platforms
	s, reg, err := loaded(t, "--config", path, "--seed", "9", "--set", "embed.dim=64", "--set", "seed=7")
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(s.Lake, s.Seed, s.Night.Embed.Dim, s.Night.Embed.Iterations, s.Night.Neighbours.K, s.Runner)
	if want := fmt.Sprint("environment-lake", uint64(9), 64, 3, 30, "prism"); got != want {
		t.Errorf("settings are %s, want %s", got, want)
	}
	for key, want := range map[string]string{
		"lake": "environment SEGUE_LAKE", "seed": "flag --seed", "embed.dim": "flag --set",
		"neighbours.k": "file " + path + ":6", "runner": "default",
	} {
		if got := reg.Source(key); got != want {
			t.Errorf("%s comes from %q, want %q", key, got, want)
		}
	}
}

// Settings that make no sense, or that no stage knows, are refused before anything runs.
func TestSettingsRefused(t *testing.T) {
	for arg, says := range map[string]string{
		"embed.dim=0":      "embed:",
		"embd.dim=3":       "did you mean embed.dim",
		"embed.dim=x":      "whole number",
		"s3.path_style=on": "auto, true or false",
		"log=loud":         "off",
		"charts.depth=-1":  "charts:",
	} {
		_, _, err := loaded(t, "--set", arg)
		if !errors.Is(err, config.ErrConfig) || !strings.Contains(err.Error(), says) {
			t.Errorf("--set %s: error is %v, want one with %q", arg, err, says)
		}
	}
}

// A key of a store is no setting: config show cannot print it.
func TestSecretsAreNoSettings(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
	var out strings.Builder
	root := newRoot()
	root.SetOut(&out)
	root.SetArgs([]string{"config", "show"})
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "very-secret") || !strings.Contains(out.String(), "SEGUE_EMBED_DIM") {
		t.Errorf("config show printed\n%s", out.String())
	}
}

// config show refuses what a night would refuse.
func TestConfigShowChecks(t *testing.T) {
	for _, wrong := range []string{"runner=prsm", "progress=loud", "memory=lots", "date=tomorrow", "embed.dim=0"} {
		if _, err := segue(t, "config", "show", "--set", wrong); !errors.Is(err, cli.ErrUsage) && !errors.Is(err, config.ErrConfig) {
			t.Errorf("config show --set %s: error is %v, want wrong usage", wrong, err)
		}
	}
}

// The codes a scheduler decides on follow the kind of error, however deeply it is wrapped.
func TestExitCode(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
	}{
		{work.ErrGate, cli.ExitGate},
		{nightly.ErrNotReady, cli.ExitNotReady},
		{nightly.ErrStage, cli.ExitUsage},
		{lake.ErrUnfit, cli.ExitStoreWeak},
		{lake.ErrDenied, cli.ExitOther},
		{errors.New("disk full"), cli.ExitOther},
	} {
		if got := exitCode(fmt.Errorf("stage x: %w", fmt.Errorf("deep: %w", c.err))); got != c.code {
			t.Errorf("%v: exit code %d, want %d", c.err, got, c.code)
		}
	}
}

// Every command says what it is for, and how it is called.
func TestHelp(t *testing.T) {
	var check func(c *cobra.Command)
	check = func(c *cobra.Command) {
		if c.Name() == "help" || c.Name() == "completion" {
			return
		}
		if c.Short == "" || strings.Contains(c.Short, "\n") || c.Example == "" {
			t.Errorf("%s: help wants one line of purpose and an example", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			check(sub)
		}
	}
	check(newRoot())
}

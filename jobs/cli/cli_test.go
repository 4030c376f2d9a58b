package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"segue/jobs/config"
)

var errSpecial = errors.New("special")

func tree(err error) *cobra.Command {
	run := &cobra.Command{Use: "nightly [flags]", Args: Args(), RunE: func(*cobra.Command, []string) error { return err }}
	run.Flags().String("date", "", "day")
	run.Flags().Uint64("seed", 1, "seed")
	run.Flags().Duration("grace", 0, "grace")
	Limit(run.Flags(), new(int), 20)
	recs := &cobra.Command{Use: "recs USER", Args: Args("USER"), RunE: func(*cobra.Command, []string) error { return err }}
	return Group("segue", "music", run, recs, Group("s3", "stores", &cobra.Command{Use: "probe", RunE: run.RunE}))
}

func try(t *testing.T, err error, args ...string) (int, string) {
	t.Helper()
	root := tree(err)
	var stderr, stdout bytes.Buffer
	root.SetErr(&stderr)
	root.SetOut(&stdout)
	code := run(t.Context(), root, args, func(err error) int {
		if errors.Is(err, errSpecial) {
			return ExitGate
		}
		return ExitOther
	})
	return code, stderr.String()
}

// Every wrong command line ends with 2, one line on stderr, and a hint at what may have been meant.
func TestUsage(t *testing.T) {
	for args, says := range map[string]string{
		"nightyl":            "did you mean nightly?",
		"help nightyl":       "did you mean nightly?",
		"help s3 prob":       "did you mean probe?",
		"nightly --dat x":    "did you mean --date?",
		"nightly --zzzzzzzz": "known are --date",
		"nightly --limit 0":  `--limit "0": want a whole number of at least 1: see segue nightly --help`,
		"nightly --limit -3": "at least 1",
		"nightly --limit x":  "at least 1",
		"nightly --seed -1":  `--seed "-1": want a whole number from 0 on`,
		"nightly --grace 5":  `--grace "5": want a time such as 30s, 10m or 48h`,
		"nightly --date":     "needs an argument",
		"nightly x":          `unexpected argument "x"`,
		"recs":               "USER is missing: use segue recs USER",
		"recs a b":           `unexpected argument "b"`,
		"s3 prob":            "did you mean probe?",
		"qqqqq":              "known are",
	} {
		code, stderr := try(t, nil, strings.Fields(args)...)
		if code != ExitUsage || !strings.Contains(stderr, says) || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "segue: ") {
			t.Errorf("%s: exit %d, stderr %q, want 2 and %q", args, code, stderr, says)
		}
	}
}

// The exit code follows the kind of error, however deeply it is wrapped.
func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
	}{
		{nil, ExitDone},
		{errors.New("disk full"), ExitOther},
		{fmt.Errorf("stage x: %w", errSpecial), ExitGate},
		{fmt.Errorf("night: %w", Usage("no date")), ExitUsage},
		{fmt.Errorf("night: %w", config.ErrConfig), ExitUsage},
	} {
		code, stderr := try(t, c.err, "nightly")
		if code != c.code {
			t.Errorf("%v: exit %d, want %d", c.err, code, c.code)
		}
		if c.err != nil && stderr != "segue: "+c.err.Error()+"\n" {
			t.Errorf("%v: stderr %q", c.err, stderr)
		}
	}
}

// One table in its three notations; control characters reach no terminal.
func TestTable(t *testing.T) {
	at := time.Date(2026, 11, 24, 1, 2, 3, 0, time.UTC)
	table := Table{Columns: []string{"song", "score"}}
	table.Add("a\x1b[2J", 0.5)
	table.Add("b,c", nil)
	table.Add([]string{"x"}, at)
	for format, want := range map[string]string{
		"text": "song   score\na\uFFFD[2J  0.5\nb,c    \n[\"x\"]  2026-11-24T01:02:03Z\n",
		"csv":  "song,score\na\x1b[2J,0.5\n\"b,c\",\n\"[\"\"x\"\"]\",2026-11-24T01:02:03Z\n",
		"json": "[\n  {\"song\": \"a\\u001b[2J\", \"score\": 0.5},\n  {\"song\": \"b,c\", \"score\": null},\n  {\"song\": [\"x\"], \"score\": \"2026-11-24T01:02:03Z\"}\n]\n",
	} {
		var b bytes.Buffer
		if err := table.Write(&b, format); err != nil || b.String() != want {
			t.Errorf("%s (%v):\n%s\nwant\n%s", format, err, b.String(), want)
		}
	}
	if err := CheckFormat("jsn"); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "json") {
		t.Errorf("CheckFormat = %v", err)
	}
}

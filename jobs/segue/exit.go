package main

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/pipelines/live"
	"segue/pipelines/nightly"
	"segue/transforms/io/kafkaio"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// exitCodes is the part of a command's help that schedulers need.
const exitCodes = `Exit codes: 0 done or already published, 1 other error, 2 wrong usage or setting, 3 a quality rule failed,
4 inputs not ready (try again later), 5 the store lacks what publishing needs. Only 0 publishes anything.`

// exitCode returns the exit code of an error that is no usage error.
func exitCode(err error) int {
	switch {
	case errors.Is(err, work.ErrGate):
		return cli.ExitGate
	case errors.Is(err, nightly.ErrNotReady):
		return cli.ExitNotReady
	case errors.Is(err, nightly.ErrStage), errors.Is(err, live.ErrShare), errors.Is(err, kafkaio.ErrPosition):
		return cli.ExitUsage
	case errors.Is(err, lake.ErrUnfit):
		return cli.ExitStoreWeak
	}
	return cli.ExitOther
}

// tableFile is the key of a file of a published table.
var tableFile = regexp.MustCompile(`runs/(\d{4}-\d\d-\d\d\.\d+)/tables/\S+\.parquet`)

// keptFile is the key of a file that nights keep for later ones.
var keptFile = regexp.MustCompile(`\bkept/\S+/\S+`)

// landedFile is the key of a file of an import.
var landedFile = regexp.MustCompile(`\blanding/\S+\.parquet`)

// told is an error that says what to do already.
type told struct{ error }

func (t told) Unwrap() error { return t.error }

// advised says of an error over a damaged, replaced or missing file of a table what to do about its run; others it leaves as they are.
func advised(err error) error {
	if t := (told{}); !ofDamage(err) || errors.As(err, &t) {
		return err
	}
	found := tableFile.FindStringSubmatch(err.Error())
	if found == nil {
		return err
	}
	return fmt.Errorf("%w: segue verify %s tells what else is wrong with that run; segue rollback makes an earlier one current", err, found[1])
}

// ofDamage reports whether an object is not what it was when it was written, or not there.
func ofDamage(err error) bool {
	return errors.Is(err, lake.ErrDamaged) || errors.Is(err, lake.ErrConflict) || errors.Is(err, lake.ErrNotExist)
}

// advise lets every command below say what to do about damage.
func advise(cmd *cobra.Command) {
	for _, c := range cmd.Commands() {
		advise(c)
	}
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error { return advised(run(cmd, args)) }
	}
}

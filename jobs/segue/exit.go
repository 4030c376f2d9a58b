package main

import (
	"errors"

	"segue/jobs/cli"
	"segue/pipelines/nightly"
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
	case errors.Is(err, nightly.ErrStage):
		return cli.ExitUsage
	case errors.Is(err, lake.ErrUnfit):
		return cli.ExitStoreWeak
	}
	return cli.ExitOther
}

// Package cli is what the commands of both binaries share: usage errors with hints, exit codes, tables.
//
//	cli.go    Main: run a command tree, print its error once, return the exit code
//	args.go   positional arguments and command groups
//	flags.go  numbers of rows, and what is wrong with a flag
//	table.go  Table as text, JSON or CSV
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"segue/jobs/config"
)

// Exit codes of the commands. 3 to 5 are for what a scheduler decides on.
const (
	ExitDone      = 0 // done, or already published
	ExitOther     = 1
	ExitUsage     = 2 // wrong flag, argument or setting
	ExitGate      = 3 // a quality rule failed; nothing was published
	ExitNotReady  = 4 // the inputs are not there yet: try again later
	ExitStoreWeak = 5 // the store lacks what publishing needs
)

// ErrUsage marks errors of the command line.
var ErrUsage = errors.New("wrong usage")

// usageError is an ErrUsage whose text is only what went wrong.
type usageError struct{ text string }

func (e usageError) Error() string        { return e.text }
func (e usageError) Is(target error) bool { return target == ErrUsage }

// Usage returns an error of the command line: exit code 2.
func Usage(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// Main runs a command tree with args and returns the exit code. An interrupt ends the context; a second one the process.
// An error is printed once on stderr, as "<program>: <what happened>". code gives the exit code of errors that are no usage errors.
func Main(root *cobra.Command, args []string, code func(error) int) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, root, args, code)
}

func run(ctx context.Context, root *cobra.Command, args []string, code func(error) int) int {
	prepare(root)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return ExitDone
	}
	exit := ExitOther
	switch {
	case errors.Is(err, ErrUsage), errors.Is(err, config.ErrConfig):
		exit = ExitUsage
	case ctx.Err() != nil:
		err = fmt.Errorf("stopped by a signal: %w", err)
	default:
		exit = code(err)
	}
	report(root.ErrOrStderr(), root.Name(), err)
	return exit
}

// report prints an error in the one form all commands have.
func report(w io.Writer, program string, err error) {
	fmt.Fprintf(w, "%s: %s\n", program, strings.TrimPrefix(Clean(err.Error()), program+": "))
}

func prepare(root *cobra.Command) {
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(helpCommand())
}

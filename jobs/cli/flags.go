package cli

import (
	"errors"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"segue/jobs/nearest"
)

// count is a flag's whole number from 1 on.
type count int

// Limit adds the flag --limit: the number of rows a command shows at most.
func Limit(f *pflag.FlagSet, rows *int, usual int) {
	*rows = usual
	f.Var((*count)(rows), "limit", "rows at most")
}

// Set reads what the command line gives.
func (c *count) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return errors.New("want a whole number of at least 1")
	}
	*c = count(n)
	return nil
}

func (c *count) String() string { return strconv.Itoa(int(*c)) }

// Type is what help calls the value.
func (c *count) Type() string { return "int" }

// flagError says which flag was wrong, and which one may have been meant, or what its value should be.
func flagError(cmd *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	var unknown *pflag.NotExistError
	switch {
	case errors.As(err, &invalid):
		return Usage("--%s %q: %s: see %s --help", invalid.GetFlag().Name, invalid.GetValue(), wanted(invalid), cmd.CommandPath())
	case !errors.As(err, &unknown):
		return Usage("%s: see %s --help", err, cmd.CommandPath())
	}
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
	name := "--" + unknown.GetSpecifiedName()
	hint := nearest.Hint(name, known)
	if hint == "" {
		hint = ": see " + cmd.CommandPath() + " --help"
	}
	return Usage("unknown flag %s of %s%s", name, cmd.CommandPath(), hint)
}

// wanted says in words of the command line why a value does not fit.
func wanted(invalid *pflag.InvalidValueError) string {
	var number *strconv.NumError
	if !errors.As(invalid, &number) {
		if invalid.GetFlag().Value.Type() == "duration" {
			return "want a time such as 30s, 10m or 48h"
		}
		return invalid.Unwrap().Error()
	}
	switch number.Func {
	case "ParseUint":
		return "want a whole number from 0 on"
	case "ParseFloat":
		return "want a number"
	case "ParseBool":
		return "want true or false"
	}
	return "want a whole number"
}

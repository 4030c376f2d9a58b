package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"segue/jobs/nearest"
)

// Args demands one argument a name; names in brackets, such as [RUN], may be missing at the end.
func Args(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		for i, name := range names {
			if i >= len(args) && !strings.HasPrefix(name, "[") {
				return Usage("%s is missing: use %s", name, cmd.UseLine())
			}
		}
		if len(args) > len(names) {
			return Usage("unexpected argument %q: use %s", args[len(names)], cmd.UseLine())
		}
		return nil
	}
}

// Group returns a command that only holds others: alone it prints its help, with a wrong name the nearest ones.
func Group(use, short string, commands ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{Use: use, Short: short, Example: commands[0].Example}
	group.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var known []string
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				known = append(known, c.Name())
			}
		}
		hint := nearest.Hint(args[0], known)
		if hint == "" {
			hint = ": see " + cmd.CommandPath() + " --help"
		}
		return Usage("unknown command %q of %s%s", args[0], cmd.CommandPath(), hint)
	}
	group.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	group.AddCommand(commands...)
	return group
}

// helpCommand returns the command that prints another one's help; cobra's own prints that of the whole program for a wrong name, too.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [command]", Short: "Help about any command",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil {
				return Usage("%s", err)
			}
			if len(rest) > 0 && found.HasSubCommands() {
				if err := found.ValidateArgs(rest); err != nil {
					return err
				}
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

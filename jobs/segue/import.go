package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/jobs/nearest"
	"segue/transforms/io/importer"
)

func newImport() *cobra.Command {
	var src importer.Sources
	var opt importer.Options
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Bring playlists, songs, plays and users into the landing zone of a lake",
		Long: `Bring files into the landing zone of a lake. A file's own ending decides its parser (.jsonl, .csv, .parquet, with .gz
or .zst behind it); columns are matched by name with the common aliases, and unmatched ones are named. Playlists or plays
are needed for a night, the rest is optional. Records that cannot be used go to landing/rejected with their reason.`,
		Example: `  segue import --from jsonl --playlists playlists.jsonl --songs tracks.csv --plays events.csv --lake lake
  segue import --from mpd --playlists data/ --lake lake
  segue import --from spotify --plays export/ --user me --lake lake`,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error { return runImport(cmd, src, opt) },
	}
	f := cmd.Flags()
	f.StringVar(&src.From, "from", importer.JSONL, "shape of the files: jsonl, csv, parquet, mpd, listenbrainz or spotify")
	f.StringArrayVar(&src.Playlists, "playlists", nil, "`file`, folder or glob of playlists; may be repeated, as the next ones")
	f.StringArrayVar(&src.Songs, "songs", nil, "`file` of songs")
	f.StringArrayVar(&src.Plays, "plays", nil, "`file` of plays")
	f.StringArrayVar(&src.Users, "users", nil, "`file` of users")
	f.String("date", "", "logical `day` of the snapshots (default: day of the newest play, else today)")
	f.StringVar(&opt.Country, "country", "", "ISO `code` where the input names none")
	f.StringVar(&opt.TimeZone, "time-zone", "", "IANA `zone` where the input names none")
	f.StringVar(&opt.User, "user", "", "listener `id` of plays whose file names none")
	f.BoolVar(&opt.Replace, "replace", false, "replace a snapshot of the same day that has other content")
	return cmd
}

func runImport(cmd *cobra.Command, src importer.Sources, opt importer.Options) error {
	s, reg, err := load(cmd)
	if err != nil {
		return err
	}
	if hint := unknownFormat(src.From); hint != "" {
		return cli.Usage("unknown --from %q%s", src.From, hint)
	}
	if len(src.Playlists)+len(src.Songs)+len(src.Plays)+len(src.Users) == 0 {
		return cli.Usage("nothing to import: give --playlists, --songs, --plays or --users")
	}
	if reg.Source("date") != "default" {
		if opt.Date, err = s.day(); err != nil {
			return err
		}
	}
	if _, err := time.LoadLocation(opt.TimeZone); err != nil {
		return cli.Usage("--time-zone %q is no IANA zone: write it as Europe/Berlin", opt.TimeZone)
	}
	opt.Today = time.Now().UTC().Truncate(24 * time.Hour)
	if err = importer.Check(src, opt); err != nil {
		return cli.Usage("%v", err)
	}
	store, err := s.makeLake(cmd.Context())
	if err != nil {
		return err
	}
	report, err := importer.Import(cmd.Context(), store, src, opt)
	if err != nil {
		return err
	}
	return printImport(cmd.OutOrStdout(), report, store.URL())
}

func unknownFormat(name string) string {
	for _, f := range importer.Formats() {
		if f == name {
			return ""
		}
	}
	return cmp.Or(nearest.Hint(name, importer.Formats()), ": see segue import --help")
}

func printImport(w io.Writer, report importer.Report, url string) error {
	t := cli.Table{Columns: []string{"kind", "files", "records", "rows", "rejected", "ignored", "new files", "already there"}}
	for _, k := range report.Kinds {
		t.Add(k.Kind, k.Files, k.In, k.Out, k.Rejected, k.Ignored, len(k.Written), len(k.Existing))
	}
	if err := t.Write(w, "text"); err != nil {
		return err
	}
	for _, k := range report.Kinds {
		for _, r := range k.Reasons {
			fmt.Fprintf(w, "rejected %s: %d with %s\n", k.Kind, r.Count, r.Reason)
		}
	}
	for _, u := range report.Unmatched {
		fmt.Fprintf(w, "column %s of %s is not used (%s)\n", cli.Clean(u.Column), u.Kind, cli.Clean(u.File))
	}
	if err := unusable(report, url); err != nil {
		return err
	}
	if !report.Landed() {
		_, err := fmt.Fprintln(w, "nothing has landed: there are no records to use")
		return err
	}
	later := ""
	if report.Kind("playlists").Out+report.Kind("plays").Out == 0 {
		later = "    # once playlists or plays are there, too"
	}
	_, err := fmt.Fprintf(w, "next: segue nightly --lake %s --date %s%s\n", shellWord(url), report.Date.Format(time.DateOnly), later)
	return err
}

// unusable returns an error where all records of a kind were rejected: they are no such records, or in another shape.
func unusable(report importer.Report, url string) error {
	var errs []error
	for _, k := range report.Kinds {
		if k.Rejected > 0 && k.Rejected == k.In {
			errs = append(errs, fmt.Errorf("import %s: none of %d records can be used: check --from, or see segue inspect head %s/landing/rejected", k.Kind, k.In, url))
		}
	}
	return errors.Join(errs...)
}

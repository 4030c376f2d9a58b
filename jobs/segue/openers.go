package main

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"

	"segue/schemas"
	"segue/transforms/io/lake"
)

// location returns what another program opens a file of the lake by: a path, or an s3:// address.
func location(store lake.Store, key string) string {
	if strings.Contains(store.URL(), "://") {
		return strings.TrimSuffix(store.URL(), "/") + "/" + key
	}
	return path.Join(store.URL(), key)
}

// selectSQL returns DuckDB's statement that reads exactly the files of a table: a glob would find leftovers of failed attempts too.
func selectSQL(r release, t lake.Table) string {
	var files []string
	for _, f := range t.Files {
		files = append(files, "'"+strings.ReplaceAll(location(r.lake, f.Key), "'", "''")+"'")
	}
	return "SELECT * FROM read_parquet([" + strings.Join(files, ", ") + "])"
}

// secretSQL lets DuckDB reach the bucket with the settings of the environment; empty for a directory.
func secretSQL(r release) string {
	if !strings.HasPrefix(r.lake.URL(), "s3://") {
		return ""
	}
	endpoint := os.Getenv("AWS_ENDPOINT_URL_S3")
	if endpoint == "" {
		endpoint = os.Getenv("AWS_ENDPOINT_URL")
	}
	options := "TYPE s3, KEY_ID getenv('AWS_ACCESS_KEY_ID'), SECRET getenv('AWS_SECRET_ACCESS_KEY')"
	if token := os.Getenv("AWS_SESSION_TOKEN"); token != "" {
		options += ", SESSION_TOKEN getenv('AWS_SESSION_TOKEN')"
	}
	if region := os.Getenv("AWS_REGION"); region != "" {
		options += fmt.Sprintf(", REGION '%s'", region)
	}
	if host, plain := strings.CutPrefix(endpoint, "http://"); plain {
		options += fmt.Sprintf(", ENDPOINT '%s', USE_SSL false, URL_STYLE 'path'", host)
	} else if host, tls := strings.CutPrefix(endpoint, "https://"); tls {
		options += fmt.Sprintf(", ENDPOINT '%s', URL_STYLE 'path'", host)
	}
	return "INSTALL httpfs; LOAD httpfs; CREATE SECRET (" + options + "); "
}

// openers returns the lines that open a table in DuckDB and in Python, ready to paste.
func openers(r release) string {
	t, err := r.table(schemas.TableSongNeighbours)
	if err != nil || len(t.Files) == 0 {
		return ""
	}
	first := location(r.lake, t.Files[0].Key)
	options := ""
	if strings.HasPrefix(first, "s3://") {
		options = ", storage_options=" + pythonOptions()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  duckdb -c \"%s LIMIT 10\"\n", shellSQL(r, t))
	fmt.Fprintf(&b, "  python3 -c \"import polars; print(polars.read_parquet('%s'%s))\"%s\n", first, options, ofFiles(len(t.Files)))
	fmt.Fprintf(&b, "  segue inspect sql TABLE --run %s --lake %s    # the same for any table\n", r.manifest.Run, shellWord(r.lake.URL()))
	return b.String()
}

// ofFiles says what part of a table its first file is, as a comment of a shell; nothing where it is all of it.
func ofFiles(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf("    # the first of %d files", n)
}

// shellSQL returns what a shell turns into the statement that reads a table: the statement, or for the many files of a large table the command that prints it.
func shellSQL(r release, t lake.Table) string {
	if len(t.Files) > 1 {
		return fmt.Sprintf("$(segue inspect sql %s --run %s --lake %s)", t.Name, r.manifest.Run, shellWord(r.lake.URL()))
	}
	return secretSQL(r) + selectSQL(r, t)
}

// shellSafe is text that a shell takes as one word as it stands.
var shellSafe = regexp.MustCompile(`^[\w./:@%+=,-]+$`)

// shellWord returns text as one word of a shell.
func shellWord(text string) string {
	if shellSafe.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// pythonOptions returns polars' settings for the endpoint; keys come from the environment there too.
func pythonOptions() string {
	endpoint := os.Getenv("AWS_ENDPOINT_URL_S3")
	if endpoint == "" {
		endpoint = os.Getenv("AWS_ENDPOINT_URL")
	}
	if endpoint == "" {
		return "{}"
	}
	allow := ""
	if strings.HasPrefix(endpoint, "http://") {
		allow = ", 'aws_allow_http': 'true'"
	}
	return fmt.Sprintf("{'aws_endpoint_url': '%s'%s}", endpoint, allow)
}

// Command segue runs the nights of a lake of listening history and looks into what they published.
//
//	main.go       the command tree; a Beam worker is recognised before any other parsing
//	settings.go   file, environment and flags → settings; the lake they name
//	exit.go       error → exit code, and what to do about damage
//	release.go    pointer → manifest → files, for all commands that read tables
//	engine.go     runners and engines by name; segue worker-pool
//	nightly.go    segue nightly;  plan.go its --plan;  progress.go, bars.go, rest.go (time left), exposure.go while it runs;  at its end
//	              summary.go, quality.go, openers.go, which lookup.go serves, too
//	tell.go       who is told of a night: figures and lineage events
//	import.go     segue import
//	inspect.go    segue inspect, with target.go: tables and addresses; search.go: where, sample; histogram.go; schema.go, stats.go
//	diff.go       segue diff;  difflists.go  lists, neighbours and columns; diffpage.go as a page
//	report.go     segue report, and the page a night leaves
//	rescore.go    segue rescore
//	point.go      segue promote, segue rollback
//	gc.go         segue gc
//	export.go     segue export, with sqltext.go: tables as statements; iceberg.go starts segue-iceberg
//	runs.go, verify.go, recs.go, why.go (why, why-not), similar.go, songs.go, probe.go, show.go, version.go, evaluate.go, tune.go with trials.go
//	parity.go     segue parity
//	live.go       segue live; livestart.go the same on an engine; livestatus.go: metrics, status line; warnings.go what it warns of;  flink.go segue flink;
//	              features.go, dlq.go;  kafka.go how brokers are reached
package main

import (
	"os"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/jobs/engine"
)

func main() {
	engine.Boot(os.Args[1:])
	beam.Init()
	os.Exit(cli.Main(newRoot(), os.Args[1:], exitCode))
}

func newRoot() *cobra.Command {
	root := cli.Group("segue", "Turn listening history into song vectors, neighbours, charts and recommendations",
		newNightly(), newRescore(), newImport(), newInspect(), newRuns(), newReport(), newDiff(), newPromote(), newRollback(), newVerify(), newGC(), newExport(), newRecs(), newWhy(), newWhyNot(), newSimilar(),
		cli.Group("s3", "Check an S3-compatible store", newProbe()),
		cli.Group("config", "Show the settings", newConfigShow()),
		newLive(), newFeatures(), newDeadLetters(), newParity(),
		newEvaluate(), newTune(), newWorkerPool(), newFlink(), newVersion())
	root.Long = `Segue trains song embeddings from playlists, finds the neighbours of every song, learns what is played when and
on what, and publishes Parquet tables and lists for every listener to a directory or an S3 bucket.

Settings come from flags, then the environment (SEGUE_LAKE, SEGUE_EMBED_DIM …), then the file of --config, then defaults.
A bucket is reached through AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION and
AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL; --set s3.path_style=true|false says how it is addressed.`
	root.Example = `  segue import  --from jsonl --playlists playlists.jsonl --songs songs.csv --plays plays.csv --lake lake
  segue nightly --lake lake --date 2026-11-24
  segue recs    anna --lake lake`
	f := root.PersistentFlags()
	f.String("lake", "", "the lake: a directory or s3://bucket/prefix")
	f.String("config", "", "YAML `file` of settings (or SEGUE_CONFIG)")
	f.StringArray("set", nil, "set any `key=value`, such as embed.dim=64; may be repeated")
	advise(root)
	return root
}

// Command segue-dev holds what development needs beside segue: a synthetic world, an S3 server, a Kafka broker, demos.
// It is a program of its own, so that none of it is linked into the product.
//
//	main.go      the command tree
//	generate.go  segue-dev generate
//	local.go     segue-dev local up
//	simulate.go  segue-dev simulate: the world as events of topic plays
//	demo.go      segue-dev demo: the steps;  input.go what it imports;  pick.go whom and what it shows
//	demolive.go  segue-dev demo-live: the steps;  watch.go the features it shows
package main

import (
	"os"

	"segue/jobs/cli"
)

func main() {
	root := cli.Group("segue-dev", "Stand-ins for developing with segue: synthetic world, S3 server, Kafka broker, demos",
		newGenerate(), cli.Group("local", "Stand-ins of the services a night needs", newUp()), newSimulate(), newDemo(), newDemoLive())
	os.Exit(cli.Main(root, os.Args[1:], func(error) int { return cli.ExitOther }))
}

// Package examples holds no Go code beside its test: ways to run a night every night.
//
//	cron.sh             one host: cron and flock
//	airflow_segue.py    a DAG: night, then collection of garbage
//	dagster_segue.py    an asset a published table, partitioned by day
//	try_examples.py     runs both without their services: make test-examples
//
// A CronJob is in local/deploy. All follow the exit codes of segue nightly: 4 = inputs not ready, try again; 3 = a quality rule failed, a person looks.
package examples

// Package deploy holds what runs Segue in containers; beside its test there is no Go code.
//
//	Dockerfile             a static binary in an image without a shell
//	compose.yaml           a broker, an S3 server, live and nights on one machine
//	kubernetes/nightly.yaml  one night a day in one process (CronJob)
//	kubernetes/live.yaml     live, a process a share of the partitions (StatefulSet), with its disruption budget
//	kubernetes/flink.yaml    nights on Flink by its operator, with Beam's job server and pools of workers
//	kubernetes/network.yaml  who may speak to whom
//
// Secrets are referred to by name: segue-s3 has AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL_S3,
// segue-kafka has SEGUE_KAFKA_BROKERS and, for a login, SEGUE_KAFKA_USER, SEGUE_KAFKA_MECHANISM and KAFKA_PASSWORD.
//
// make test-deploy checks all of it against the types of the Kubernetes API and the schema of compose files, and against the
// flags, ports and pages of the binary. No cluster was at hand: nothing here has run on one.
package deploy

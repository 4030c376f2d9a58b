#!/usr/bin/env bash
# Runs yesterday's night; a line for crontab:
#   15 3 * * *  /opt/segue/cron.sh >> /var/log/segue.log 2>&1
# Credentials of a bucket: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, from a file only this user reads.
set -euo pipefail
export SEGUE_LAKE=${SEGUE_LAKE:?set SEGUE_LAKE to a directory or s3://bucket/prefix}
export SEGUE_OPS_METRICS_FILE=${SEGUE_OPS_METRICS_FILE:-/var/lib/node_exporter/segue.prom}
exec 9> "${TMPDIR:-/tmp}/segue-nightly.lock"
flock -n 9 || { echo "the night before still runs"; exit 0; }
day=$(date -u -d yesterday +%F)
for _ in 1 2 3 4 5 6; do
	code=0
	timeout 20h segue nightly --date "$day" --resume --progress plain || code=$?
	[[ $code == 4 ]] || break # inputs are not ready: try again in half an hour
	sleep 1800
done
[[ $code == 0 ]] && segue gc --keep-daily 14 --keep-weekly 8 --yes
exit "$code"

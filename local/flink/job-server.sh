#!/usr/bin/env bash
# Prints the Java class path of Beam's job server for Flink: JOB_SERVER_JAR, or what pom.xml names, fetched once; exit 3 when it cannot be had.
set -euo pipefail
pom=$(realpath "$(dirname "$0")/pom.xml") w=$(realpath -m "${FLINK_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/segue-flink}")/job-server-$(sha256sum "$(dirname "$0")/pom.xml" | cut -c1-8)
if [[ -n ${JOB_SERVER_JAR:-} ]]; then
  [[ -s $JOB_SERVER_JAR ]] || { echo "no job server: JOB_SERVER_JAR names $JOB_SERVER_JAR, which is no file" >&2; exit 3; }
  realpath "$JOB_SERVER_JAR"
  exit
fi
if [[ ! -d $w ]]; then
  rm -rf "$w.part"
  mvn -q -B -ntp -f "$pom" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory="$w.part" >"$w.log" 2>&1 ||
    { echo "no job server: Maven cannot fetch what $pom names, see $w.log; or give JOB_SERVER_JAR=FILE" >&2; exit 3; }
  mv "$w.part" "$w"
fi
echo "$w/*"

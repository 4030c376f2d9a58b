#!/usr/bin/env bash
# Prints the path of Beam's job server for Flink: JOB_SERVER_JAR, or the jar of BEAM_JOB_SERVER (Maven coordinates), fetched once; exit 3 when it cannot be had.
set -euo pipefail
at=${BEAM_JOB_SERVER:-org.apache.beam:beam-runners-flink-1.20-job-server:2.77.0}
w=$(realpath -m "${FLINK_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/segue-flink}")/jars
jar=${JOB_SERVER_JAR:-$w/$(cut -d: -f2 <<<"$at")-$(cut -d: -f3 <<<"$at").jar}
[[ -s $jar || -n ${JOB_SERVER_JAR:-} ]] || mvn -q -B -ntp org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -DoutputDirectory="$w" -Dartifact="$at:jar" >/dev/null 2>&1 || true
[[ -s $jar ]] || { echo "no job server: neither $jar nor Maven coordinates $at can be read; give JOB_SERVER_JAR=FILE" >&2; exit 3; }
echo "$jar"

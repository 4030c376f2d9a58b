#!/usr/bin/env bash
# A real Apache Flink on loopback from PyPI packages: flink.sh start|embedded|stop|kill-taskmanager|counts NAME [SAVEPOINT]. Needs Java 17 and pip.
# FLINK_DIR: packages, logs, checkpoints (default ~/.cache/segue-flink); FLINK_PORT: REST, 8081; FLINK_SLOTS: 2; FLINK_VERSION: 1.19.3;
# JOB_SERVER: the class path of Beam's job server, as job-server.sh prints it; JOB_PORT: 8099.
set -euo pipefail
w=$(realpath -m "${FLINK_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/segue-flink}") v=${FLINK_VERSION:-1.19.3} rest=${FLINK_PORT:-8081} slots=${FLINK_SLOTS:-2} jobs=${JOB_PORT:-8099}
f=$w/flink-$v opens=(--add-exports=java.base/sun.net.util=ALL-UNNAMED)
for m in lang net io nio lang.reflect text time util util.concurrent util.concurrent.atomic util.concurrent.locks; do opens+=("--add-opens=java.base/java.$m=ALL-UNNAMED"); done
jvm() { exec java "${opens[@]}" -Dsegue.flink="$w" -Djava.io.tmpdir="$w/tmp" -Dlog4j.configurationFile="$w/conf/log4j.properties" "$@"; }
spawn() { n=$1; shift; set -m; jvm "$@" >>"$w/log/$n.log" 2>&1 </dev/null & echo $! >"$w/$n.pid"; set +m; }
end() { for n in "${@:2}"; do if [[ -s $w/$n.pid ]] && grep -qa -- "-Dsegue.flink=$w" "/proc/$(<"$w/$n.pid")/cmdline" 2>/dev/null; then p=$(<"$w/$n.pid"); kill "-$1" "$p"; while [[ -d /proc/$p ]]; do sleep 0.1; done; fi; rm -f "$w/$n.pid"; done; }
get() { exec 3<>"/dev/tcp/127.0.0.1/$rest" && printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&3 && cat <&3; } 2>/dev/null
await() { for _ in $(seq 120); do if "${@:2}" >/dev/null 2>&1; then return; fi; sleep 0.5; done; echo "$1 did not come up: see $w/log" >&2; exit 1; }
has_slots() { get /overview | grep -q "\"slots-total\":$slots"; }
fetch() { mkdir -p "$w/dl"; python3 -m pip -q download --disable-pip-version-check --no-deps --no-binary :all: -d "$w/dl" apache-flink-libraries==$v
  tar xzf "$w"/dl/apache?flink?libraries-$v.tar.gz -C "$w/dl" && mv "$w"/dl/apache?flink?libraries-$v/deps "$f" && rm -rf "$w/dl"; }
conf() { printf '%s\n' "jobmanager.rpc.address: localhost" "jobmanager.rpc.port: $((rest + 1))" "jobmanager.bind-host: localhost" "rest.address: localhost" "rest.port: $rest" "rest.bind-address: localhost" \
  "blob.server.port: $((rest + 2))" "taskmanager.bind-host: localhost" "taskmanager.host: localhost" "taskmanager.numberOfTaskSlots: $slots" "state.backend.type: rocksdb" "state.backend.incremental: true" \
  "state.checkpoints.dir: file://$w/checkpoints" "restart-strategy.type: fixed-delay" "restart-strategy.fixed-delay.attempts: 100" "restart-strategy.fixed-delay.delay: 2 s" "heartbeat.timeout: 15000" "heartbeat.interval: 3000" >"$w/conf/config.yaml"
  printf '%s\n' rootLogger.level=INFO rootLogger.appenderRef.c.ref=C appender.c.name=C appender.c.type=CONSOLE appender.c.layout.type=PatternLayout 'appender.c.layout.pattern=%d %-5p %c{1} - %m%n' >"$w/conf/log4j.properties"; }
taskmanager() { spawn taskmanager -Xmx768m -XX:MaxDirectMemorySize=512m -cp "$f/lib/*" org.apache.flink.runtime.taskexecutor.TaskManagerRunner --configDir "$w/conf" -D taskmanager.cpu.cores="$slots.0" -D taskmanager.memory.framework.heap.size=128m -D taskmanager.memory.task.heap.size=512m \
  -D taskmanager.memory.framework.off-heap.size=128m -D taskmanager.memory.task.off-heap.size=128m -D taskmanager.memory.network.min=64m -D taskmanager.memory.network.max=64m -D taskmanager.memory.managed.size=256m -D taskmanager.memory.jvm-metaspace.size=256m -D taskmanager.memory.jvm-overhead.min=192m -D taskmanager.memory.jvm-overhead.max=192m; }
start() { rm -rf "$w"/{checkpoints,tmp}; mkdir -p "$w"/{conf,log,tmp}; [[ -d $f ]] || fetch; conf; spawn jobmanager -Xmx512m -cp "$f/lib/*" org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint --configDir "$w/conf"
  await "the JobManager" get /overview; taskmanager; await "the TaskManager" has_slots; echo "http://localhost:$rest"; if [[ -n ${JOB_SERVER:-} ]]; then jobserver "localhost:$rest"; fi; }
jobserver() { spawn jobserver -Xmx1g -cp "${JOB_SERVER:?names no job server: see job-server.sh}" org.apache.beam.runners.flink.FlinkJobServerDriver --job-host=localhost --job-port="$jobs" --artifact-port=$((jobs - 1)) --expansion-port=-1 \
  --artifacts-dir="$w/artifacts" --flink-master="$1" --flink-conf-dir="$w/conf"; await "the job server" bash -c "exec 3<>/dev/tcp/127.0.0.1/$jobs"; }
embedded() { rm -rf "$w"/{checkpoints,tmp}; mkdir -p "$w"/{conf,log,tmp}; conf; sed -i "/port: /d" "$w/conf/config.yaml"; jobserver "[local]"; }
case ${1:-} in start | embedded) $1 ;; stop) end KILL jobserver taskmanager jobmanager ;; kill-taskmanager) end KILL taskmanager; taskmanager ;; counts) jvm -cp "$f/lib/*" "$(dirname "$0")/Counts.java" "$rest" "${@:2}" ;; *) sed -n '2,4s/^# //p' "$0"; exit 2 ;; esac

#!/usr/bin/env bash
# One real Apache Kafka broker (KRaft) on loopback from Maven packages: real.sh start|stop|kill|wipe. Needs Java 17 and mvn.
# KAFKA_DIR: jars, records and log (default ~/.cache/segue-kafka); KAFKA_PORT: 9092, the controller takes the next one.
set -euo pipefail
dir=${KAFKA_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/segue-kafka} port=${KAFKA_PORT:-9092} version=4.3.1
jars=$dir/jars-$version
alive() { [[ -s $dir/pid ]] && grep -qa -- "-Dsegue.kafka=$dir" "/proc/$(<"$dir/pid")/cmdline" 2>/dev/null; }
up() { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }
fetch() {
  dep() { printf '<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency>' "$@"; }
  printf '<project><modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>kafka</artifactId><version>1</version><dependencies>%s%s%s</dependencies></project>' \
    "$(dep org.apache.kafka kafka_2.13 $version)" "$(dep org.apache.kafka kafka-tools $version)" "$(dep org.apache.logging.log4j log4j-slf4j-impl 2.25.3)" >"$dir/pom.xml"
  mvn -q -B -ntp -f "$dir/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$jars.part" && mv "$jars.part" "$jars"
}
start() {
  mkdir -p "$dir"; [[ -d $jars ]] || fetch
  for _ in $(seq 50); do up || break; sleep 0.1; done; if up; then echo "port $port is taken" >&2; exit 1; fi # a killed broker frees it late
  printf '%s\n' process.roles=broker,controller node.id=1 "controller.quorum.voters=1@127.0.0.1:$((port + 1))" controller.listener.names=CONTROLLER \
    "listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))" "log.dirs=$dir/data" auto.create.topics.enable=false \
    offsets.topic.num.partitions=1 offsets.topic.replication.factor=1 group.initial.rebalance.delay.ms=0 broker.session.timeout.ms=3000 broker.heartbeat.interval.ms=1000 >"$dir/server.properties"
  [[ -e $dir/data/meta.properties ]] || java -cp "$jars/*" kafka.tools.StorageTool format -t segueLocalBrokerAAAAAA -c "$dir/server.properties" >"$dir/format.log" 2>&1
  setsid java -Dsegue.kafka="$dir" -Xmx512m -cp "$jars/*" kafka.Kafka "$dir/server.properties" >>"$dir/broker.log" 2>&1 </dev/null & echo $! >"$dir/pid"
  for _ in $(seq 300); do if up; then echo "127.0.0.1:$port"; exit; fi; sleep 0.1; done; tail -5 "$dir/broker.log" >&2; exit 1
}
end() { if alive; then p=$(<"$dir/pid"); kill "-$1" "$p"; while [[ -d /proc/$p ]]; do sleep 0.1; done; fi; rm -f "$dir/pid"; }
case ${1:-} in start) start ;; stop) end TERM ;; kill) end KILL ;; wipe) end KILL; rm -rf "$dir/data" ;; *) sed -n '2,3s/^# //p' "$0"; exit 2 ;; esac

# Targets list themselves: a comment behind a target's name is its help.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION) -X segue/transforms/io/parquetio.version=$(VERSION)
# Packages that run Beam pipelines: the SDK itself has races the detector reports.
BEAM := segue/transforms/(charts|clean|embed|evaluate|gate|listens|matrix|moods|neighbours|preferences|profiles|publish|recommend|sessions|io/work.*|io/kafkaio)|segue/pipelines|segue/jobs/segue

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/segue and bin/segue-dev
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/segue ./jobs/segue
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/segue-dev ./jobs/segue-dev

.PHONY: lint
lint: ## go vet, formatting, staticcheck, rules of the repository
	go vet ./...
	@files=$$(go tool gofumpt -l $$(git ls-files -co --exclude-standard '*.go')); \
	if [[ -n $$files ]]; then echo "not formatted, run go tool gofumpt -w:" $$files; exit 1; fi
	go tool staticcheck ./...
	GOARCH=arm64 go vet ./transforms/algo/...

.PHONY: generate
generate: ## write the assembly of the kernels again; needs the Go module proxy
	go generate ./transforms/algo/simd

.PHONY: tiers
tiers: ## tests of the algorithms with every kernel tier, and without assembly
	for tier in avx512 avx2 go; do SEGUE_SIMD=$$tier go test ./transforms/algo/...; done
	go test -tags purego ./transforms/algo/...

.PHONY: test
test: lint build ## lint, then every test
	SEGUE_BINARY=$(CURDIR)/bin/segue go test -timeout 20m ./...

# A real Apache Kafka on loopback for the targets that need one; its records are removed at their end.
REAL_KAFKA = export KAFKA_DIR=$(CURDIR)/.segue/kafka KAFKA_PORT=$(or $(KAFKA_PORT),19092); trap 'local/kafka/real.sh wipe' EXIT; \
	local/kafka/real.sh wipe; SEGUE_TEST_BROKERS=$$(local/kafka/real.sh start) && export SEGUE_TEST_BROKERS SEGUE_BINARY=$(CURDIR)/bin/segue

.PHONY: test-kafka
test-kafka: build ## the Kafka source, sink and live job against a real Apache Kafka 4: a million events, 20 kills of the job, 3 of the broker (four minutes); needs Java 17, and mvn once
	$(REAL_KAFKA) && go test -count=1 ./transforms/io/kafkaio && \
	KAFKA_SCRIPT=$(CURDIR)/local/kafka/real.sh SEGUE_LIVE_EVENTS=1000000 SEGUE_LIVE_RATE=8000 SEGUE_LIVE_KILLS=20 SEGUE_LIVE_BROKER_KILLS=3 \
		go test -count=1 -timeout 20m -run '^TestKilledLiveJob' -v ./jobs/segue

.PHONY: test-instances
test-instances: build ## segue live as 4 processes, one at random killed 10 times in half a million events of a real Apache Kafka 4, then as 8 (three minutes); needs Java 17, and mvn once
	$(REAL_KAFKA) && SEGUE_LIVE_EVENTS=500000 SEGUE_LIVE_RATE=5000 SEGUE_LIVE_KILLS=10 \
		go test -count=1 -timeout 20m -run '^TestKilledInstances$$' -v ./jobs/segue

.PHONY: bench-live
bench-live: build ## throughput, latency, memory and restart of segue live on a real Apache Kafka 4, into BENCHMARKS.md (four minutes); needs Java 17, and mvn once
	$(REAL_KAFKA) && SEGUE_LIVE_REPORT=$(CURDIR)/BENCHMARKS.md go test -count=1 -timeout 20m -run '^TestLive$$' -v ./local/peers

.PHONY: soak-live
soak-live: build ## memory and lag of segue live at 5,000 plays a second over MINUTES (60) on a real Apache Kafka 4, into BENCHMARKS.md; needs Java 17, and mvn once
	$(REAL_KAFKA) && SEGUE_LIVE_REPORT=$(CURDIR)/BENCHMARKS.md SEGUE_SOAK_MINUTES=$(or $(MINUTES),60) go test -count=1 -timeout 25h -run '^TestLiveSoak$$' -v ./local/peers

.PHONY: crash
crash: build ## kill the night 100 times at random moments, with a reader watching (about two minutes)
	SEGUE_BINARY=$(CURDIR)/bin/segue SEGUE_CRASHES=100 go test -count=1 -timeout 60m -run TestKilledNights -v ./jobs/segue

.PHONY: race
race: ## tests with the race detector, without packages that run Beam
	go test -race $$(go list ./... | grep -vE '^($(BEAM))')

.PHONY: bench
bench: ## run every benchmark once
	go test -run '^$$' -bench . -benchtime 1x ./...

.PHONY: bench-aggregates
bench-aggregates: .venv ## plays by hour, device and mood beside DuckDB and Polars on the same Parquet, then listens, preferences, charts and profiles whole, and a night after another, into BENCHMARKS.md (four minutes)
	SEGUE_PYTHON=$(CURDIR)/.venv/bin/python SEGUE_AGGREGATES_REPORT=$(CURDIR)/BENCHMARKS.md go test ./local/peers -run '^$$' -bench Aggregate -benchtime 3x

.venv-peers: local/peers/requirements.txt
	python3 -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r local/peers/requirements.txt
	touch .venv-peers

.PHONY: bench-peers
bench-peers: .venv-peers ## embeddings and neighbours beside FAISS, gensim, implicit and scikit-learn, into BENCHMARKS.md (five minutes; SEGUE_PEERS_LARGE=1 adds a million rows)
	SEGUE_PYTHON=$(CURDIR)/.venv-peers/bin/python SEGUE_PEERS_REPORT=$(CURDIR)/BENCHMARKS.md go test ./local/peers -count=1 -timeout 3h -run '^TestPeers$$' -v

.PHONY: bench-lists
bench-lists: .venv-peers ## lists for 8,000 listeners out of 100,000 songs beside those of implicit's ALS: CPU and what listeners find in the week after (four minutes)
	SEGUE_PYTHON=$(CURDIR)/.venv-peers/bin/python OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 go test ./transforms/recommend -count=1 -timeout 20m -run '^TestBesideALS$$' -v

.PHONY: bench-night
bench-night: build $(if $(SIZE),.venv-peers .venv) ## CPU, wall, memory and bytes of every stage of nights over SIZES (10000 100000) playlists, with slopes, into BENCHMARKS.md (three minutes), the last again with MEMORY=4GiB; SIZE=10k beside Polars, scikit-learn, FAISS and implicit and beside Spark, which needs Java 17 (CONTENDER=segue, python or spark alone, LIMIT=30m each)
	SEGUE_BINARY=$(CURDIR)/bin/segue SEGUE_NIGHT_REPORT=$(CURDIR)/BENCHMARKS.md \
	$(if $(SIZE),SEGUE_NIGHT_SIZE=$(SIZE) SEGUE_NIGHT_CONTENDER='$(CONTENDER)' SEGUE_NIGHT_LIMIT=$(LIMIT) SEGUE_PYTHON=$(CURDIR)/.venv-peers/bin/python SEGUE_SPARK_PYTHON=$(CURDIR)/.venv/bin/python,SEGUE_NIGHT_SIZES='$(or $(SIZES),10000 100000)' SEGUE_NIGHT_MEMORY=$(MEMORY)) \
	go test -count=1 -timeout 3h -run '^TestNight$(if $(SIZE),Peers)$$' -v ./local/peers

.PHONY: bench-ways
bench-ways: build ## one night with less memory, on one core, in the embedded S3, also with answers 30 ms late, killed in every stage, and the night after, over PLAYLISTS (100000), into BENCHMARKS.md (fifteen minutes)
	SEGUE_BINARY=$(CURDIR)/bin/segue SEGUE_NIGHT_REPORT=$(CURDIR)/BENCHMARKS.md SEGUE_WAYS_PLAYLISTS=$(or $(PLAYLISTS),100000) go test -count=1 -timeout 3h -run '^TestNightWays$$' -v ./local/peers

.PHONY: rates
rates: build ## what stages take of a first night, from nights of six generated worlds, into pipelines/nightly/rates.go (three minutes)
	scripts/rates.sh

.PHONY: ablation
ablation: ## what each term of a score is worth on a generated week, beside baselines; lists by length of history; SEGUE_ABLATION_USERS sets the size
	go test ./transforms/recommend -count=1 -run '^(TestAblation|TestAblationOfOwnHours|TestAblationOfNullWorld|TestByHistory|TestStations)$$' -v

.PHONY: profile
profile: ## what a generated night spends most CPU in, by work item and by function; SEGUE_NIGHT_SONGS sets its size
	mkdir -p .segue
	go test ./pipelines/nightly -run '^$$' -bench '^BenchmarkNight$$' -benchtime 1x -cpuprofile .segue/night.pprof -o .segue/nightly.test
	go tool pprof -top -nodecount 10 -ignore 'world\.Generate|importer\.Import' -show 'Fn\)?\.(Do|Merge)$$|gcBgMarkWorker$$' .segue/nightly.test .segue/night.pprof
	go tool pprof -top -nodecount 10 -ignore 'world\.Generate|importer\.Import' .segue/nightly.test .segue/night.pprof

.PHONY: demo
demo: build ## a whole night into an S3 server started here; LANDING=dir takes your own files
	bin/segue-dev demo --dir .segue/demo --keep $(if $(LANDING),--landing '$(LANDING)')

.PHONY: demo-live
demo-live: build ## segue live on a Kafka broker started here: features of listeners change in the terminal, one kill -9, parity (a minute)
	bin/segue-dev demo-live

# Spark joins the readers where there is a Java for it.
JAVA := $(shell command -v java)

.venv: local/readers/requirements.txt local/readers/requirements-spark.txt
	python3 -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r local/readers/requirements$(if $(JAVA),-spark).txt
	touch .venv

.PHONY: readers
readers: build .venv ## open every table with DuckDB, Polars, PyArrow and, where there is Java, Spark; import what they write; measure rankings with ranx; hour tables of real data beside DuckDB
	rm -rf .segue/readers
	bin/segue-dev generate --out .segue/readers/in --seed 5 --songs 1000 --playlists 600 --users 200 --days 7
	bin/segue import --lake .segue/readers/lake $(foreach k,playlists songs plays users,--$(k) .segue/readers/in/$(k).parquet)
	bin/segue nightly --lake .segue/readers/lake --date 2026-03-22 --progress plain --set embed.dim=32
	.venv/bin/python local/readers/readers.py .segue/readers/lake $(if $(JAVA),--spark)
	SEGUE_PYTHON=$(CURDIR)/.venv/bin/python SEGUE_SPARK=$(if $(JAVA),1) go test ./local/readers ./transforms/preferences -count=1 -run 'TestMetrics|TestWriters|DuckDB' -v

.PHONY: build-iceberg
build-iceberg: ## build bin/segue-iceberg, which segue export iceberg starts; a module of its own
	CGO_ENABLED=0 go -C jobs/segue-iceberg build -trimpath -ldflags '-s -w' -o $(CURDIR)/bin/segue-iceberg .

.venv-iceberg: local/readers/requirements-iceberg.txt
	python3 -m venv .venv-iceberg
	.venv-iceberg/bin/python -m pip install --quiet --disable-pip-version-check -r local/readers/requirements-iceberg.txt
	touch .venv-iceberg

.PHONY: test-iceberg
test-iceberg: build build-iceberg .venv-iceberg ## export every table of two nights to Iceberg and read both snapshots with PyIceberg
	go -C jobs/segue-iceberg vet ./... && go -C jobs/segue-iceberg test -count=1 ./...
	rm -rf .segue/iceberg
	bin/segue-dev generate --out .segue/iceberg/in --seed 5 --songs 500 --playlists 400 --users 100 --days 4
	bin/segue import --lake .segue/iceberg/lake --date 2026-03-18 $(foreach k,playlists songs plays users,--$(k) .segue/iceberg/in/$(k).parquet)
	for day in 18 19; do bin/segue nightly --lake .segue/iceberg/lake --date 2026-03-$$day --progress none --set embed.dim=32 >/dev/null; done
	for run in 2026-03-18.1 2026-03-19.1; do for table in $$(bin/segue inspect tables --run $$run --lake .segue/iceberg/lake --format csv | sed 1d | cut -d, -f1); do \
		bin/segue export iceberg $$table --run $$run --lake .segue/iceberg/lake | grep 'is run'; done; done
	.venv-iceberg/bin/python local/readers/iceberg.py .segue/iceberg/lake 2026-03-18.1 2026-03-19.1

.venv-airflow .venv-dagster: .venv-%: local/examples/requirements-%.txt
	python3 -m venv $@
	$@/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

.PHONY: test-examples
test-examples: build .venv-airflow .venv-dagster ## a night as the Airflow DAG runs it and one as the Dagster asset does, and what they make of exit codes
	rm -rf .segue/examples
	bin/segue-dev generate --out .segue/examples/in --seed 5 --songs 500 --playlists 400 --users 100 --days 4
	bin/segue import --lake .segue/examples/lake --date 2026-03-18 $(foreach k,playlists songs plays users,--$(k) .segue/examples/in/$(k).parquet)
	export SEGUE_LAKE=$(CURDIR)/.segue/examples/lake SEGUE_EMBED_DIM=32 PATH=$(CURDIR)/bin:$$PATH; \
	.venv-airflow/bin/python local/examples/try_examples.py airflow 2026-03-18 && .venv-dagster/bin/python local/examples/try_examples.py dagster 2026-03-19

.venv-beam: local/engines/requirements.txt
	python3 -m venv .venv-beam
	.venv-beam/bin/python -m pip install --quiet --disable-pip-version-check -r local/engines/requirements.txt
	touch .venv-beam

.PHONY: test-portable
test-portable: build .venv-beam ## the night on a second engine, Beam's Python job service: equal tables, killed workers, no leaks
	SEGUE_BINARY=$(CURDIR)/bin/segue SEGUE_BEAM_PYTHON=$(CURDIR)/.venv-beam/bin/python \
		go test -count=1 -run 'TestPortable|TestKilledWorkers|TestSubmissions' -v ./jobs/segue

# Flink itself is tested always; nights on it where Beam's job server can be had.
.PHONY: test-flink
FLINK_TESTS ?= TestFlink
test-flink: build ## nights and live on a real Flink from PyPI and Maven packages; FLINK_TESTS=REGEXP, JOB_SERVER_JAR=FILE, ALLOW_SKIP=1; needs Java 17, Maven, pip
	mkdir -p .segue/flink; server=$$(FLINK_DIR=$(CURDIR)/.segue/flink local/flink/job-server.sh 2>.segue/job-server.err) || true; \
	SEGUE_BINARY=$(CURDIR)/bin/segue FLINK_DIR=$(CURDIR)/.segue/flink JOB_SERVER=$$server go test -count=1 -timeout 60m -run '$(FLINK_TESTS)' -v ./jobs/segue; \
	[[ -n $$server ]] || { echo "make test-flink: no pipeline ran on Flink: $$(cat .segue/job-server.err)" >&2; [[ -n "$(ALLOW_SKIP)" ]]; }

.PHONY: test-deploy
test-deploy: build ## manifests, compose file and Dockerfile against the API's types and schemas, and the binary's flags and ports
	mkdir -p .segue && cp go.mod .segue/deploy.mod && cp go.sum .segue/deploy.sum
	go get -modfile=.segue/deploy.mod k8s.io/api@v0.36.6 k8s.io/apimachinery@v0.36.6 sigs.k8s.io/yaml@v1.6.0 github.com/compose-spec/compose-go/v2@v2.9.1
	SEGUE_BINARY=$(CURDIR)/bin/segue go test -mod=mod -modfile=.segue/deploy.mod -tags deploy -count=1 ./local/deploy

# Debian's browser, driven from Python; installed where there is none.
.segue/browser: local/screens/requirements.txt
	command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core)
	python3 -m venv .segue/browser
	.segue/browser/bin/python -m pip install --quiet --disable-pip-version-check -r local/screens/requirements.txt
	touch .segue/browser

.PHONY: screenshots
screenshots: build .segue/browser ## look at the report and a diff of four nights in a headless browser: light, dark, phone
	rm -rf .segue/screens
	bin/segue-dev generate --out .segue/screens/in --seed 5 --songs 1500 --playlists 1500 --users 400 --days 10 --bad-share 0.005
	bin/segue import --from parquet --lake .segue/screens/lake --date 2026-03-22 $(foreach k,playlists songs users,--$(k) .segue/screens/in/$(k).parquet)
	bin/segue import --from parquet --lake .segue/screens/lake --plays .segue/screens/in/plays.parquet
	for day in 22 23 24 25; do bin/segue nightly --lake .segue/screens/lake --date 2026-03-$$day --progress none --set embed.dim=32 >/dev/null; done
	bin/segue report --lake .segue/screens/lake --out .segue/screens/report.html
	bin/segue report 2026-03-22.1 --lake .segue/screens/lake --out .segue/screens/first.html
	bin/segue diff 2026-03-24.1 2026-03-25.1 --lake .segue/screens/lake --format html > .segue/screens/diff.html || [[ $$? == 1 ]]
	.segue/browser/bin/python local/screens/screens.py .segue/screens/shots .segue/screens/{report,first,diff}.html

.PHONY: golden
golden: ## write the golden files again; look at the diff
	SEGUE_GOLDEN=1 go test ./schemas/... ./transforms/... ./scripts/... -run Golden

.PHONY: contracts
contracts: ## write the data contracts and dictionaries of the tables from their structs
	go run ./scripts/contracts

.PHONY: check
check: test tiers race ## what CI runs, without network or container

.PHONY: clean
clean: ## remove what the other targets made
	rm -rf bin .segue .venv .venv-peers .venv-beam .venv-iceberg

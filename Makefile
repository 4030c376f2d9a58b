# Segue. `make` lists the targets.
SHELL := bash
.DEFAULT_GOAL := help
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
GOFLAGS_BUILD := -trimpath -ldflags "-s -w -X main.version=$(VERSION)"
VENV := .venv

.PHONY: help build test check lint race bench demo readers crash golden contracts clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

build: ## build bin/segue and bin/segue-dev
	CGO_ENABLED=0 go build $(GOFLAGS_BUILD) -o bin/segue ./jobs/segue
	CGO_ENABLED=0 go build $(GOFLAGS_BUILD) -o bin/segue-dev ./jobs/segue-dev

test: lint ## check the code, then run every test that needs Go alone
	go test ./...

check: test ## what the project's own checks run: the same as test

lint: ## formatting, go vet, staticcheck and the rules of scripts/lint
	@out=$$(go tool gofumpt -l .); if [ -n "$$out" ]; then echo "not formatted, run go tool gofumpt -w on:"; echo "$$out"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...

race: ## the packages without Beam under the race detector (needs cgo)
	go test -race ./transforms/algo/... ./transforms/io/lake/... ./transforms/io/npy/... ./schemas/...

bench: ## run every benchmark once
	go test -run '^$$' -bench . -benchtime 1x ./...

demo: build ## a whole night on a generated world, in an S3 of its own; LANDING=dir uses your input
	bin/segue-dev demo --segue bin/segue $(if $(LANDING),--landing $(LANDING))

readers: build ## open every table with DuckDB, Polars and PyArrow (makes .venv)
	@test -x $(VENV)/bin/python || python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r local/readers/requirements.txt
	scripts/readers.sh $(VENV)/bin/python

crash: ## kill the night 100 times at random moments (minutes)
	SEGUE_CRASHES=100 go test -count=1 -timeout 60m -run TestKilledNights -v ./jobs/segue

golden: ## write the expected outputs of tests anew; review the diff
	go test ./transforms/io/parquetio/ -update

contracts: ## write data contracts and the data dictionary anew from the rows
	go run ./scripts/contracts

clean: ## remove what was built
	rm -rf bin $(VENV)

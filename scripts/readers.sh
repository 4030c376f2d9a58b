#!/usr/bin/env bash
# Runs a small night into a directory lake and opens every table with other readers. Usage: readers.sh PYTHON
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bin/segue-dev generate --out "$work/in" --seed 5 --playlists 400 --users 150 --songs 800 --days 7
bin/segue import --from "$work/in" --lake "$work/lake" --date "$(cat "$work/in/date")"
bin/segue nightly --lake "$work/lake" --date "$(cat "$work/in/date")" --progress none --set embed.dim=32
"$1" local/readers/readers.py "$work/lake"

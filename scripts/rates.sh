#!/usr/bin/env bash
# Measures first nights of generated worlds and writes what stages take into pipelines/nightly/rates.go.
# The worlds differ in what there is much of: playlists, listeners or plays. Run it on an idle machine of two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(mktemp -d "${TMPDIR:-/tmp}/segue-rates.XXXXXX")
trap 'rm -rf "$dir"' EXIT

lakes=()
while read -r playlists users plays; do
	world=$dir/world lake=$dir/lake-$playlists-$users-$plays
	echo "$playlists playlists, $users listeners, $plays plays" >&2
	bin/segue-dev generate --out "$world" --shape mpd --playlists "$playlists" --songs $((playlists * 11 / 5)) \
		--artists $((playlists * 3 / 10)) --users "$users" --plays "$plays" >/dev/null
	bin/segue import --from parquet --lake "$lake" --playlists "$world/playlists.parquet" --songs "$world/songs.parquet" \
		--plays "$world/plays.parquet" --users "$world/users.parquet" >/dev/null
	sync
	bin/segue nightly --lake "$lake" --date 2026-03-29 --progress none >/dev/null
	rm -rf "$world"
	lakes+=("$lake")
done <<'END'
10000 10000 100000
30000 30000 300000
100000 100000 1000000
100000 5000 50000
10000 100000 1000000
10000 10000 2000000
END
SEGUE_RATES="${lakes[*]}" go test ./pipelines/nightly -count=1 -run '^TestWriteRates$' -v

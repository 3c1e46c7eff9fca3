#!/bin/sh
# Measures what a newcomer waits for: from nothing (no module, no compiled package,
# no keys) to the first authorised prediction, with the lines that the server
# itself shows. Fails above 90 seconds.
#
#	scripts/first-answer.sh
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
server=
clean() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	chmod -R u+w "$work" && rm -rf "$work"
}
trap clean EXIT INT TERM

export GOMODCACHE="$work/modules" GOCACHE="$work/build"
begin=$(date +%s%N)
go run ./cmd/mlapi serve --port 0 --data "$work/data" >"$work/out" 2>"$work/err" &
server=$!
while [ ! -s "$work/data/first-client.txt" ]; do
	kill -0 "$server" 2>/dev/null || { cat "$work/err" >&2; echo "error: the server ended before it served" >&2; exit 1; }
	sleep 0.1
done
grep -E '^(REFRESH|TOKENS|curl)' "$work/data/first-client.txt" >"$work/lines.sh"
answer=$(sh "$work/lines.sh")
end=$(date +%s%N)
pkill -P "$server" 2>/dev/null || true # go run's child

seconds=$(( (end - begin) / 100000000 ))
echo "first answer $answer after $(( seconds / 10 )).$(( seconds % 10 )) s, on $(nproc) cores, caches empty"
[ "$seconds" -le 900 ] || { echo "error: more than 90 s" >&2; exit 1; }

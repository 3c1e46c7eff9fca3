#!/bin/sh
# Measures what a newcomer waits for: from nothing (no module, no compiled package,
# no keys) to the first authorised prediction, with the lines that the server
# itself shows; then how soon a later start answers, and its memory. Fails above
# 90 seconds, 200 milliseconds or 40 MB.
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
wait "$server" 2>/dev/null || true
server=

seconds=$(( (end - begin) / 100000000 ))
echo "first answer $answer after $(( seconds / 10 )).$(( seconds % 10 )) s, on $(nproc) cores, caches empty"
[ "$seconds" -le 900 ] || { echo "error: more than 90 s" >&2; exit 1; }

go build -o "$work/mlapi" ./cmd/mlapi
best=1000000
for _ in 1 2 3 4 5; do
	begin=$(date +%s%N)
	"$work/mlapi" serve --port 18431 --data "$work/data" >"$work/out" 2>"$work/err" &
	server=$!
	until curl -fs -o "$work/health" http://127.0.0.1:18431/; do
		kill -0 "$server" 2>/dev/null || { cat "$work/err" >&2; exit 1; }
	done
	ready=$(( ($(date +%s%N) - begin) / 1000000 ))
	[ "$ready" -ge "$best" ] || best=$ready
	sleep 1
	resident=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$server/status")
	kill "$server"
	wait "$server" || true
done
server=
echo "a later start answers after $best ms (best of 5) and takes $((resident / 1024)) MB, nobody logged in"
[ "$best" -le 200 ] || { echo "error: more than 200 ms" >&2; exit 1; }
[ "$resident" -le 40960 ] || { echo "error: more than 40 MB" >&2; exit 1; }

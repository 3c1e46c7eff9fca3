#!/bin/sh
# Runs every fuzz target of the module for the time given, one after the other.
#
#	scripts/fuzz.sh 15s
set -eu
cd "$(dirname "$0")/.."
time=${1:?how long each target runs, such as 15s}
grep -rl --include='*_test.go' '^func Fuzz' . | sort | while read -r file; do
	grep -o '^func Fuzz[A-Za-z0-9_]*' "$file" | cut -d' ' -f2 | while read -r target; do
		echo "$(dirname "$file") $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 5x "$(dirname "$file")" </dev/null
	done
done

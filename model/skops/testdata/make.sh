#!/bin/sh
# Writes the fixtures anew: each model as .skops and, for comparison, as .joblib, by
# exactly pinned wheels in virtual environments of a temporary folder.
#
#   ./make.sh
#
# Python 3.10 and 3.12 are looked for as $PYTHON3_10 and so on, with pyenv, and as
# python3.10.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

find_python() { # find_python 3.10
	variable=PYTHON$(echo "$1" | tr . _)
	eval "found=\${$variable:-}"
	if [ -z "$found" ] && command -v pyenv >/dev/null; then
		found=$(ls -d "$(pyenv root)/versions/$1".*/bin/python 2>/dev/null | head -n 1)
	fi
	[ -n "$found" ] || found=$(command -v "python$1") || {
		echo "error: Python $1 was not found" >&2
		echo "hint: install it (pyenv install $1) or name it in $variable" >&2
		exit 1
	}
	echo "$found"
}

fixtures() { # fixtures PYTHON SKOPS NAME==VERSION...
	python=$(find_python "$1") version=$2
	shift 2
	"$python" -m venv "$work/$version"
	"$work/$version/bin/python" -m pip install --quiet --disable-pip-version-check "skops==$version" "$@"
	"$work/$version/bin/python" -B "$here/make.py" "$here/$version"
}

fixtures 3.10 0.9.0 scikit-learn==1.2.2 numpy==1.23.5 scipy==1.10.1
fixtures 3.12 0.16.0 scikit-learn==1.7.2 numpy==2.2.6 scipy==1.15.3

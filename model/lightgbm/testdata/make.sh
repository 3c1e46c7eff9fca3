#!/bin/sh
# Makes the fixtures again: one folder per LightGBM version, in throw-away virtual
# environments. Needs pyenv's CPython 3.7, 3.8, 3.10 and 3.12 and the Python registry.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
one() { # lightgbm python packages...
	lightgbm=$1 python=$2
	shift 2
	"$(pyenv prefix "$python")/bin/python" -m venv "$made/$lightgbm"
	"$made/$lightgbm/bin/pip" install -q "lightgbm==$lightgbm" "$@"
	"$made/$lightgbm/bin/python" "$here/fixtures.py" "$here/$lightgbm"
}
one 2.2.3 3.7.16 numpy==1.19.5 scipy==1.5.4 scikit-learn==0.22.2.post1 pandas==1.0.5
one 2.3.1 3.7.16 numpy==1.19.5 scipy==1.5.4 scikit-learn==0.22.2.post1 pandas==1.0.5
one 3.2.1 3.8.18 numpy==1.21.6 scipy==1.7.3 scikit-learn==0.24.2 pandas==1.2.5
one 3.3.5 3.10.13 numpy==1.23.5 scipy==1.10.1 scikit-learn==1.2.2 pandas==1.5.3
one 4.6.0 3.12.1 numpy==2.3.5 scipy==1.16.3 scikit-learn==1.7.2 pandas==2.3.3

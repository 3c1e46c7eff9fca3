#!/bin/sh
# Makes the fixtures again: one folder per XGBoost version, in throw-away virtual
# environments. Needs pyenv's CPython 3.7, 3.8, 3.10, 3.11 and 3.12 and the Python
# registry.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
one() { # xgboost python package packages...
	version=$1 python=$2 package=$3
	shift 3
	"$(pyenv prefix "$python")/bin/python" -m venv "$made/$version"
	"$made/$version/bin/pip" install -q --no-deps "$package==$version"
	"$made/$version/bin/pip" install -q "$@"
	"$made/$version/bin/python" "$here/fixtures.py" "$here/$version"
}
one 0.90 3.7.16 xgboost numpy==1.19.5 scipy==1.5.4 scikit-learn==0.22.2.post1 pandas==1.0.5
one 1.0.2 3.7.16 xgboost numpy==1.19.5 scipy==1.5.4 scikit-learn==0.22.2.post1 pandas==1.0.5
one 1.3.3 3.8.18 xgboost numpy==1.21.6 scipy==1.7.3 scikit-learn==0.24.2 pandas==1.2.5
one 1.5.2 3.8.18 xgboost numpy==1.21.6 scipy==1.7.3 scikit-learn==0.24.2 pandas==1.2.5
one 1.7.6 3.10.13 xgboost numpy==1.23.5 scipy==1.10.1 scikit-learn==1.2.2 pandas==1.5.3
one 2.0.3 3.11.7 xgboost numpy==1.26.4 scipy==1.11.4 scikit-learn==1.3.2 pandas==2.1.4
one 3.4.1 3.12.1 xgboost-cpu numpy==2.3.5 scipy==1.16.3 scikit-learn==1.7.2 pandas==2.3.3

#!/bin/sh
# Writes the fixtures anew: one virtual environment per scikit-learn version, each
# with exactly pinned wheels, in a temporary folder, and in each fixtures.py, which
# writes the folders here, and zoo.py, which writes zoo/.
#
#   ./make.sh                    all versions, into this folder
#   ./make.sh -o DIR 1.5 0.24    only versions that begin so, into DIR
#   ./make.sh -k DIR ...         keeps the environments in DIR and finds them there again
#
# Python 3.6 to 3.13 is looked for as $PYTHON3_6 and so on, with pyenv, and as python3.6.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$here
keep=
while getopts o:k: option; do
	case $option in
	o) out=$OPTARG ;;
	k) keep=$OPTARG ;;
	*) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
wanted=${*:-all}

if [ -n "$keep" ]; then
	mkdir -p "$keep" && work=$(cd "$keep" && pwd)
else
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$out" && out=$(cd "$out" && pwd)

# The same bytes again: no threads, no random order.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONHASHSEED=0

find_python() { # find_python 3.6
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

chosen() { # chosen VERSION: was it asked for?
	for w in $wanted; do
		case $1 in "$w"*) return 0 ;; esac
	done
	[ "$wanted" = all ]
}

fixtures() { # fixtures PYTHON SCIKIT-LEARN NAME==VERSION...
	minor=$1 version=$2
	shift 2
	chosen "$version" || return 0
	python=$(find_python "$minor")
	env=$work/$version
	if [ ! -e "$env/ready" ]; then
		"$python" -m venv "$env"
		"$env/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: --no-deps \
			"scikit-learn==$version" "$@"
		touch "$env/ready"
	fi
	case $version in
	0.18*) ;; # the zoo alone goes back so far
	*) "$env/bin/python" -B "$here/fixtures.py" "$out" ;;
	esac
	case $version in
	1.4* | 1.6* | 1.7*) ;; # these store what their neighbours store
	*) "$env/bin/python" -B "$here/zoo.py" "$out/zoo" 2>"$work/$version.left-out" || { cat "$work/$version.left-out" >&2; exit 1; } ;;
	esac
	echo "scikit-learn $version: $(ls "$out/$version" "$out/zoo/$version" 2>/dev/null | wc -l) files"
}

# What pandas needs beside itself.
dates="python-dateutil==2.9.0.post0 pytz==2025.2 six==1.17.0"

# shellcheck disable=SC2086 # $dates are words
{
fixtures 3.6 0.18.2 numpy==1.13.3 scipy==0.19.1 pandas==0.22.0 $dates
fixtures 3.6 0.20.4 numpy==1.16.6 scipy==1.2.3 pandas==0.24.2 $dates imbalanced-learn==0.4.3 \
	lightgbm==2.3.1 xgboost==0.90
fixtures 3.7 0.22.2.post1 numpy==1.18.5 scipy==1.4.1 joblib==0.14.1 pandas==1.0.5 $dates
fixtures 3.8 0.24.2 numpy==1.19.5 scipy==1.5.4 joblib==1.0.1 threadpoolctl==3.5.0 lz4==4.3.3 \
	pandas==1.1.5 $dates imbalanced-learn==0.8.1
fixtures 3.9 1.0.2 numpy==1.21.6 scipy==1.7.3 joblib==1.1.1 threadpoolctl==3.5.0 \
	pandas==1.3.5 $dates imbalanced-learn==0.9.0
fixtures 3.10 1.2.2 numpy==1.23.5 scipy==1.10.1 joblib==1.2.0 threadpoolctl==3.5.0 \
	pandas==1.5.3 $dates imbalanced-learn==0.10.1 lightgbm==3.3.5 xgboost==1.7.6
fixtures 3.11 1.3.2 numpy==1.25.2 scipy==1.11.4 joblib==1.3.2 threadpoolctl==3.5.0 \
	pandas==2.1.4 $dates tzdata==2025.2
fixtures 3.12 1.4.2 numpy==1.26.4 scipy==1.12.0 joblib==1.4.2 threadpoolctl==3.5.0 \
	pandas==2.2.2 $dates tzdata==2025.2
fixtures 3.11 1.5.2 numpy==1.26.4 scipy==1.13.1 joblib==1.4.2 threadpoolctl==3.5.0 \
	pandas==2.2.3 $dates tzdata==2025.2 imbalanced-learn==0.12.4
fixtures 3.12 1.6.1 numpy==2.0.2 scipy==1.14.1 joblib==1.4.2 threadpoolctl==3.5.0 \
	pandas==2.2.3 $dates tzdata==2025.2
fixtures 3.13 1.7.2 numpy==2.2.6 scipy==1.15.3 joblib==1.5.2 threadpoolctl==3.6.0 \
	pandas==2.3.3 $dates tzdata==2025.2
fixtures 3.13 1.9.1 numpy==2.3.5 scipy==1.18.1 joblib==1.6.0 threadpoolctl==3.8.0 \
	narwhals==2.29.0 cloudpickle==3.1.2 lz4==4.4.5 pandas==3.1.1 python-dateutil==4.0.0 tzdata==2026.6 \
	imbalanced-learn==0.14.2 sklearn-compat==0.1.6 lightgbm==4.6.0 xgboost-cpu==3.2.0
}

#!/bin/sh
# Installs what the integration tests use, where it is missing: nginx, PostgreSQL,
# openssl and curl from Debian, newman from the npm registry, staticcheck from the Go proxy.
# Versions are pinned where the registry lets one choose.
set -eu
newman=6.2.1
staticcheck=v0.7.0

need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
missing=
need nginx nginx-light
need openssl openssl
need curl curl
need systemd-analyze systemd
need gcc gcc
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
need npm npm
if [ -n "$missing" ]; then
	sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get update -qq
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing
fi
command -v newman >/dev/null 2>&1 || npm install --global --silent "newman@$newman"
command -v staticcheck >/dev/null 2>&1 || GOFLAGS= GOBIN=/usr/local/bin go install "honnef.co/go/tools/cmd/staticcheck@$staticcheck"

# The newest scikit-learn, for pipelines that it makes and Go reads (the pins are those
# of model/sklearn/testdata/make.sh).
cd "$(dirname "$0")/.."
if [ ! -e build/sklearn/ready ]; then
	python=
	for minor in 3.13 3.12 3.11; do
		for candidate in "$(command -v "python$minor" || :)" $(command -v pyenv >/dev/null 2>&1 && ls -d "$(pyenv root)/versions/$minor".*/bin/python 2>/dev/null || :); do
			if [ -z "$python" ] && [ -n "$candidate" ] && "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
				python=$candidate
			fi
		done
	done
	if [ -z "$python" ]; then
		echo "error: Python 3.11 to 3.13 with venv was not found" >&2
		echo "hint: install it (pyenv install 3.13, or apt-get install python3-venv)" >&2
		exit 1
	fi
	rm -rf build/sklearn
	"$python" -m venv build/sklearn
	build/sklearn/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --no-deps \
		scikit-learn==1.9.1 numpy==2.3.5 scipy==1.18.1 joblib==1.6.0 threadpoolctl==3.8.0 narwhals==2.29.0 cloudpickle==3.1.2 \
		lz4==4.4.5 pandas==3.1.1 python-dateutil==4.0.0 tzdata==2026.6 imbalanced-learn==0.14.2 sklearn-compat==0.1.6
	touch build/sklearn/ready
fi

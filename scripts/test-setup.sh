#!/bin/sh
# Installs what the integration tests use, where it is missing: nginx, openssl and
# curl from Debian, newman from the npm registry, staticcheck from the Go proxy.
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

#!/usr/bin/env bash
# Fills the template as Agave does and runs a program of one line.
set -euo pipefail
here="$(cd "$(dirname "$0")/.." && pwd)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cp "$here/ipt-lib.sh" . 2>/dev/null || cp "$here/../ipt-lib.sh" .
# shellcheck disable=SC2016 # the inner script expands it
printf '#!/bin/sh\necho "$OMP_NUM_THREADS threads: $*"\n' >one
sed -e 's/[$]{args}/a b/' -e 's/[$]{threads}/2/' -e 's/[$]{binary}/one/' \
  -e 's/^=[$]{.*}$/=/' "$here/wrapper.sh" >job.sh
[ "$(bash job.sh)" = "2 threads: a b" ]

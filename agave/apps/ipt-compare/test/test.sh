#!/usr/bin/env bash
# Fills the template as Agave does and compares a program of one line with itself.
set -euo pipefail
here="$(cd "$(dirname "$0")/.." && pwd)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cp "$here/ipt-lib.sh" . 2>/dev/null || cp "$here/../ipt-lib.sh" .
printf '#!/bin/sh\necho "$*"\n' >one
sed -e 's/[$]{args}/a b/' -e 's/[$]{counts}/1 2/' -e 's/[$]{serial}/one/' \
  -e 's/^=[$]{.*}$/=/' "$here/wrapper.sh" >job.sh
bash job.sh
[ "$(cut -f 1 IPT_COMPARE | tr '\n' ' ')" = "serial 1 2 " ]
cmp compare/serial.out compare/2.out

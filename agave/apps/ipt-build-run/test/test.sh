#!/usr/bin/env bash
# Fills the template as Agave does, compiles a program of one line and runs it.
set -euo pipefail
here="$(cd "$(dirname "$0")/.." && pwd)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cp "$here/ipt-lib.sh" . 2>/dev/null || cp "$here/../ipt-lib.sh" .
echo 'int main(int count, char **words) { return words[1][0] != 120; }' >one.c
sed -e 's/[$]{compileCommand}/gcc/' -e 's/[$]{output}/one/' -e 's/[$]{driver}/one.c/' \
  -e 's/[$]{args}/x/' -e 's/^=[$]{.*}$/=/' "$here/wrapper.sh" >job.sh
bash job.sh
[ "$(cat IPT_STAGE)" = run ]

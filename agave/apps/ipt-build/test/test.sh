#!/usr/bin/env bash
# Fills the template as Agave does and compiles a program of one line.
set -euo pipefail
here="$(cd "$(dirname "$0")/.." && pwd)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cp "$here/ipt-lib.sh" . 2>/dev/null || cp "$here/../ipt-lib.sh" .
echo 'int main(void) { return 0; }' >one.c
sed -e 's/[$]{command}/gcc/' -e 's/[$]{output}/one/' -e 's/[$]{driver}/one.c/' \
  -e 's/^=[$]{.*}$/=/' "$here/wrapper.sh" >job.sh
bash job.sh
./one

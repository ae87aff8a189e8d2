#!/usr/bin/env bash
# Runs one program and takes its time; the template of the app ipt-run.
#
# Before it starts, Agave replaces each placeholder (a dollar sign and a name in
# braces) by a value that somebody typed.  So a placeholder stands only inside a
# quoted here-document, where bash reads nothing into it; the document's end holds
# the job's id, which nobody knows when the value is sent; and this script writes
# its own variables without braces.  It keeps to bash 3.2.

IFS= read -r -d '' command <<'IPT-${AGAVE_JOB_ID}'
=${command}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' args <<'IPT-${AGAVE_JOB_ID}'
=${args}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' modules <<'IPT-${AGAVE_JOB_ID}'
=${modules}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' threads <<'IPT-${AGAVE_JOB_ID}'
=${threads}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' binary <<'IPT-${AGAVE_JOB_ID}'
=${binary}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' supplementalFiles <<'IPT-${AGAVE_JOB_ID}'
=${supplementalFiles}
IPT-${AGAVE_JOB_ID}

tell_failure() {
  :
  ${AGAVE_JOB_CALLBACK_FAILURE}
}

fault=""
# Agave leaves an input where a file of the app has the same name.
case "$binary$supplementalFiles" in
  *[=[:space:]]ipt-lib.sh[[:space:]]*)
    fault="An input may not be named 'ipt-lib.sh', as the app has a file of that name: rename it."
    ;;
esac
[ -f ./ipt-lib.sh ] || fault="The app lacks its file ipt-lib.sh: tell the operator."
if [ -n "$fault" ]; then
  printf '64\n' >IPT_EXIT_CODE
  printf '%s\n' "$fault" >&2
  tell_failure
  exit 64
fi
# shellcheck source=../ipt-lib.sh
. ./ipt-lib.sh

take command args modules threads binary supplementalFiles
find_files "$supplementalFiles"
take_inputs "$binary"
set_threads "$threads"
need_file "The program" "$binary"
load_modules "$modules"
run "$command" "$binary" "$args"

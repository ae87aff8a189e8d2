#!/usr/bin/env bash
# Runs one program and takes its time; the template of the app ipt-run.
#
# Before it starts, Agave replaces each placeholder (a dollar sign and a name in
# braces) by a value that somebody typed.  So a placeholder stands only inside a
# quoted here-document, where bash reads nothing into it; the document's end holds
# the job's id, which nobody knows when the value is sent; and this script writes
# its own variables without braces.  It keeps to bash 3.2.
set -o pipefail

stop_with() { # CODE SENTENCE: end the job with that exit code.
  printf '%s\n' "$1" >IPT_EXIT_CODE
  printf '%s\n' "$2" >&2
  ${AGAVE_JOB_CALLBACK_FAILURE}
  exit "$1"
}

refuse() { stop_with 64 "$1"; }

checked=""
check() { # NAME TEXT: set $checked to the one line that TEXT holds.
  checked="${2#=}"
  checked="${checked%$'\n'}"
  case $checked in
    *$'\n'* | *$'\r'*) refuse "The value of '$1' holds a line break." ;;
    \$\{*\}) checked="" ;; # optional, and not given
  esac
}

words=()
split() { # NAME TEXT: set $words as a shell would, but expand nothing.
  local word
  words=()
  case $2 in *[!\ ]*) ;; *) return ;; esac
  printf '%s\n' "$2" | xargs printf '%s\0' >/dev/null 2>&1 ||
    refuse "The value of '$1' has a quotation mark without its partner."
  while IFS= read -r -d '' word; do
    words+=("$word")
  done < <(printf '%s\n' "$2" | xargs printf '%s\0')
}

load_modules() { # NAMES: each with the module system, where there is one.
  local name
  split modules "$1"
  [ "${#words[@]}" -gt 0 ] || return
  if ! command -v module >/dev/null 2>&1; then
    printf '%s\n' "There is no module system here; no module is loaded." >&2
    return
  fi
  for name in "${words[@]}"; do
    module load "$name" || refuse "The module '$name' could not be loaded."
  done
}

IFS= read -r -d '' command <<'IPT-${AGAVE_JOB_ID}'
=${command}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' arguments <<'IPT-${AGAVE_JOB_ID}'
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

check command "$command" && command=$checked
check args "$arguments" && arguments=$checked
check modules "$modules" && modules=$checked
check threads "$threads" && threads=$checked
check binary "$binary" && binary=$checked

threads="${threads%.0}" # a number may be written so
case $threads in
  "") ;;
  0* | *[!0-9]* | ?????*) refuse "The number of threads must lie between 1 and 9999." ;;
  *) export OMP_NUM_THREADS="$threads" ;;
esac
[ -f "./$binary" ] || refuse "The program '$binary' is not in the job's folder."
chmod +x "./$binary" # an archive does not keep the right to execute

load_modules "$modules"
split command "$command"
line=("${words[@]}" "./$binary")
for word in "${words[@]}"; do
  case $word in # typed with the program in it, as in ./a.out
    ./) line=("./$binary") ;;
    ./*) line=("${words[@]}") ;;
  esac
done
split args "$arguments"
line+=("${words[@]}")

# Open MPI refuses root, which is what a user of a sandbox is inside it.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

exec 3>&2
TIMEFORMAT=%3R
{ time "${line[@]}" 2>&3 3>&-; } 2>IPT_TIME
code=$?
exec 3>&-
# Above the time stands what bash says of a program that a signal ended.
seconds="$(tail -n 1 IPT_TIME)"
printf '%s\n' "${seconds/,/.}" >IPT_TIME

case $code in
  0) printf '0\n' >IPT_EXIT_CODE ;;
  126 | 127) stop_with "$code" "The command '${line[0]}' can't be started on this system, or ended with code $code." ;;
  134) stop_with "$code" "The program gave up by itself (abort)." ;;
  136) stop_with "$code" "The program was ended by an arithmetic fault, such as a division by zero." ;;
  137) stop_with "$code" "The program was killed: too much memory, or past its time." ;;
  139) stop_with "$code" "The program touched memory that is not its own (segmentation fault)." ;;
  *) stop_with "$code" "The program ended with code $code." ;;
esac

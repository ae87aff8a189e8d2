#!/usr/bin/env bash
# Compares a serial and a parallel program; the template of the app ipt-compare.
#
# Before it starts, Agave replaces each placeholder (a dollar sign and a name in
# braces) by a value that somebody typed.  So a placeholder stands only inside a
# quoted here-document, where bash reads nothing into it; the document's end holds
# the job's id, which nobody knows when the value is sent; and this script writes
# its own variables without braces.  It keeps to bash 3.2.

IFS= read -r -d '' serialCompile <<'IPT-${AGAVE_JOB_ID}'
=${serialCompile}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' parallelCompile <<'IPT-${AGAVE_JOB_ID}'
=${parallelCompile}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' launcher <<'IPT-${AGAVE_JOB_ID}'
=${launcher}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' counts <<'IPT-${AGAVE_JOB_ID}'
=${counts}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' repeats <<'IPT-${AGAVE_JOB_ID}'
=${repeats}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' args <<'IPT-${AGAVE_JOB_ID}'
=${args}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' modules <<'IPT-${AGAVE_JOB_ID}'
=${modules}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' serial <<'IPT-${AGAVE_JOB_ID}'
=${serial}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' parallel <<'IPT-${AGAVE_JOB_ID}'
=${parallel}
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
case "$serial$parallel$supplementalFiles" in
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

most=16777216 # bytes that are kept of a program's output

numbers=()
read_counts() { # TEXT: set $numbers.
  local word seen=" "
  split counts "$1"
  numbers=("${words[@]}")
  case ${#numbers[@]} in
    [1-8]) ;;
    *) refuse "There must be between 1 and 8 counts, such as 1 2 4." ;;
  esac
  for word in "${numbers[@]}"; do
    number "$word" 9999 "$unit"
    [ -n "$number" ] || refuse "The number of $unit must lie between 1 and 9999."
    case $seen in *" $number "*) refuse "The count $number is there twice." ;; esac
    seen="$seen$number "
  done
}

prepare() { # FIELD COMMAND FILE NAME: set $made, a program; or end the job.
  local word behind=""
  case $2 in
    *[!\ ]*) ;;
    *)
      ! is_source "$3" || refuse "'$3' is a source, so '$1' must say how to compile it."
      need_program "$3"
      made="./$3"
      return
      ;;
  esac
  split "$1" "$2"
  for word in "${words[@]}"; do
    case $word in # a library does its work only behind the sources that need it
      -l*[!A-Za-z0-9_.:+-]*) ;;
      -l?*) behind="$behind $word" ;;
    esac
  done
  made="./compare/$4.run"
  rm -f "$made"
  compile "$1" "$2" "$3" "compare/$4.run" "$1" "$behind"
}

measure() { # LABEL REPEAT WHO: run $line, and add a line to the table.
  local out="./compare/$1.out"
  [ "$2" -eq 1 ] || out=./compare/again
  rm -f "$out"
  show_line
  run_timed >"$out"
  note_time
  to_seconds "$took"
  printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$code" "$seconds" >>./IPT_COMPARE
  if [ "$2" -gt 1 ]; then
    rm -f "$out"
  elif [ "$(wc -c <"$out")" -gt "$most" ]; then
    head -c "$most" "$out" >./compare/again && mv -f ./compare/again "$out"
    printf '%s\n' "The output in compare/$1.out is cut off at 16 MiB." >&2
  fi
  end_if_stopped
  printf '%s\n' "$3, run $2 of $repeats: $seconds s, exit code $code"
  [ "$code" -eq 0 ] || explain "$3" "$code"
}

take serialCompile parallelCompile launcher counts repeats args modules
take serial parallel supplementalFiles
[ -n "$parallel" ] || parallel=$serial # one source, compiled in two ways
find_files "$supplementalFiles"
take_inputs "$serial" "$parallel"
! is_input compare || refuse "An input may not be named 'compare', as the job makes a folder of that name: rename it."
need_file "The serial program" "$serial"
need_file "The parallel program" "$parallel"
split launcher "$launcher"
launch=("${words[@]}")
unit=threads
if [ "${#launch[@]}" -gt 0 ]; then
  unit=ranks
  case $launcher in
    *"{ranks}"*) ;;
    *) refuse "The launcher must say by {ranks} where the number of ranks stands." ;;
  esac
fi
read_counts "$counts"
number "$repeats" 5 repeats
repeats=$number
[ -n "$repeats" ] || repeats=1
split args "$args"
given=("${words[@]}")

load_modules "$modules"
mkdir -p ./compare || refuse "The folder 'compare' can't be made."
rm -f ./IPT_COMPARE
prepare serialCompile "$serialCompile" "$serial" serial
one=$made
prepare parallelCompile "$parallelCompile" "$parallel" parallel
many=$made
allow_root

export OMP_NUM_THREADS=1
line=("$one" "${given[@]}")
for ((turn = 1; turn <= repeats; turn++)); do
  measure serial "$turn" "The serial program"
  [ "$code" -eq 0 ] || stop_with "$code" "$sentence There is nothing to compare with."
done

for count in "${numbers[@]}"; do
  [ "$unit" = ranks ] || export OMP_NUM_THREADS="$count"
  line=("${launch[@]//\{ranks\}/$count}" "$many" "${given[@]}")
  who="The parallel program with $count $unit"
  [ "$count" -ne 1 ] || who="${who%s}"
  for ((turn = 1; turn <= repeats; turn++)); do
    measure "$count" "$turn" "$who"
    [ "$code" -eq 0 ] || printf '%s\n' "$sentence" >&2
  done
done
note IPT_EXIT_CODE 0

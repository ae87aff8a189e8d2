#!/usr/bin/env bash
# Compiles one program; the template of the app ipt-build.
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

files=()
find_files() { # NAMES: set $files; names may hold spaces, so ask the folder.
  local rest="$1" name shorter
  files=()
  while [ -n "$rest" ]; do
    name=$rest
    while [ ! -e "./$name" ]; do
      shorter="${name% *}"
      [ "$shorter" != "$name" ] || refuse "The file '$name' is not in the job's folder."
      name=$shorter
    done
    [ -z "$name" ] || files+=("$name")
    rest="${rest:${#name}}"
    rest="${rest# }"
  done
}

IFS= read -r -d '' command <<'IPT-${AGAVE_JOB_ID}'
=${command}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' output <<'IPT-${AGAVE_JOB_ID}'
=${output}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' arguments <<'IPT-${AGAVE_JOB_ID}'
=${args}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' modules <<'IPT-${AGAVE_JOB_ID}'
=${modules}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' driver <<'IPT-${AGAVE_JOB_ID}'
=${driver}
IPT-${AGAVE_JOB_ID}
IFS= read -r -d '' supplements <<'IPT-${AGAVE_JOB_ID}'
=${supplementalFiles}
IPT-${AGAVE_JOB_ID}

check command "$command" && command=$checked
check output "$output" && output=$checked
check args "$arguments" && arguments=$checked
check modules "$modules" && modules=$checked
check driver "$driver" && driver=$checked
check supplementalFiles "$supplements" && supplements=$checked

case $output in
  "" | . | .. | */*) refuse "The output must be a plain file name." ;;
esac
[ -f "./$driver" ] || refuse "The source file '$driver' is not in the job's folder."

load_modules "$modules"
split command "$command"
[ "${#words[@]}" -gt 0 ] || refuse "There is no compile command."
line=("${words[@]}" "./$driver")

find_files "$supplements"
for file in "${files[@]}"; do
  case $file in # a header or a data file only has to lie there
    *.c | *.cc | *.cpp | *.cxx | *.c++ | *.C | *.cu | *.s | *.S | *.o | *.a | *.so)
      line+=("./$file")
      ;;
  esac
done

line+=(-o "./$output")
split args "$arguments"
line+=("${words[@]}")

printf '%q ' "${line[@]}"
printf '\n'
"${line[@]}"
code=$?

case $code in
  0) ;;
  126 | 127) stop_with "$code" "The compiler '${line[0]}' can't be started on this system." ;;
  *) stop_with "$code" "The compiler ended with code $code; its messages are above." ;;
esac
[ -f "./$output" ] || stop_with 1 "The compiler found no fault, but made no file '$output'."
chmod +x "./$output"
printf '0\n' >IPT_EXIT_CODE

# What the wrappers of all apps share.  It lies in each app's folder, so Agave puts it
# beside the job's inputs, and a wrapper reads it by `. ./ipt-lib.sh`.  Agave fills in
# nothing here.  It keeps to bash 3.2.
# shellcheck shell=bash

ending="" # set while the job ends by a sentence of ours

note() { # NAME LINE: leave a line for the platform, which reads it after the job.
  rm -f "./$1"
  printf '%s\n' "$2" >"./$1"
}

stop_with() { # CODE SENTENCE: end the job with that exit code.
  ending=1
  note IPT_EXIT_CODE "$1"
  printf '%s\n' "$2" >&2
  tell_failure
  exit "$1"
}

refuse() { stop_with 64 "$1"; }

take() { # ID...: make each of these variables the one line that its document held.
  local id text
  for id; do
    text="${!id#=}"
    text="${text%$'\n'}"
    case $text in
      *$'\n'* | *$'\r'*) refuse "The value of '$id' holds a line break." ;;
      "\${$id}") text="" ;; # optional, and not given
    esac
    printf -v "$id" '%s' "$text"
  done
}

words=()
blanks=$' \t'
stops=$' \t\'"\\\\' # a backslash in a pattern is written twice
split() { # NAME TEXT: set $words as a shell would, but expand nothing.
  local name="$1" rest="$2" word="" begun="" piece LC_ALL=C
  words=()
  while [ -n "$rest" ]; do
    case $rest in
      [$blanks]*)
        [ -z "$begun" ] || words+=("$word")
        word="" begun=""
        rest="${rest:1}"
        continue
        ;;
      \'*)
        rest="${rest:1}"
        case $rest in *\'*) ;; *) refuse_quotes ;; esac
        piece="${rest%%\'*}"
        rest="${rest:${#piece}+1}"
        ;;
      \"*) split_quoted ;;
      \\*)
        piece="${rest:1:1}"
        [ -n "$piece" ] || refuse "The value of '$name' ends in a backslash with nothing behind it."
        rest="${rest:2}"
        ;;
      *)
        # shellcheck disable=SC2295 # a pattern is meant
        piece="${rest%%[$stops]*}"
        rest="${rest:${#piece}}"
        ;;
    esac
    word="$word$piece"
    begun=1
  done
  [ -z "$begun" ] || words+=("$word")
}

split_quoted() { # for `split`: take what double quotes hold from $rest into $piece.
  local part
  piece=""
  rest="${rest:1}"
  while :; do
    part="${rest%%[\"\\]*}"
    piece="$piece$part"
    rest="${rest:${#part}}"
    case $rest in
      "") refuse_quotes ;;
      \"*) break ;;
      \\[\$\`\"\\]*) piece="$piece${rest:1:1}" rest="${rest:2}" ;;
      *) piece="$piece\\" rest="${rest:1}" ;;
    esac
  done
  rest="${rest:1}"
}

refuse_quotes() { refuse "The value of '$name' has a quotation mark without its partner."; }

number() { # VALUE MOST WHAT: set $number, or leave it empty where there is no value.
  number="${1%.0}" # Agave may write a number so
  case $number in
    "") return ;;
    0* | *[!0-9]* | ?????*) ;;
    *) [ "$number" -gt "$2" ] || return 0 ;;
  esac
  refuse "The number of $3 must lie between 1 and $2."
}

files=() # the further files
find_files() { # NAMES: set $files; names may hold spaces, so ask the folder.
  local dead=" " least="$1" LC_ALL=C
  files=()
  [ -z "$1" ] || part_names "$1" ||
    refuse "The file '${least%% *}' is not in the job's folder."
}

part_names() { # REST: for `find_files`: whether it is made of names of files.
  local name="${1:0:256}"
  case $dead in *" ${#1} "*) return 1 ;; esac
  [ "${#1}" -ge "${#least}" ] || least="$1"
  [ "${#1}" -le 255 ] || name="${name% *}" # no name is longer
  while [ -n "$name" ]; do
    if [ -e "./$name" ] &&
      { [ "$name" = "$1" ] || part_names "${1:${#name}+1}"; }; then
      files=("$name" "${files[@]}")
      return 0
    fi
    [ "${name% *}" != "$name" ] || break
    name="${name% *}"
  done
  dead="$dead${#1} "
  return 1
}

inputs=() # every file that was given
take_inputs() { # NAME...: the main files; $files are the further ones.
  local name
  inputs=("$@" "${files[@]}")
  for name in "${inputs[@]}"; do
    case $name in
      IPT_EXIT_CODE | IPT_TIME | IPT_STAGE | IPT_COMPARE)
        refuse "An input may not be named '$name', as the job writes a file of that name: rename it."
        ;;
    esac
  done
  # The app's own test is of no use to a job, and a program may well be called so.
  is_input test || { rm -f ./test/test.sh && rmdir ./test; } 2>/dev/null
}

is_input() { # NAME
  local name
  for name in "${inputs[@]}"; do
    [ "$name" != "$1" ] || return 0
  done
  return 1
}

need_file() { # WHAT NAME
  [ ! -d "./$2" ] || [ -z "$2" ] || refuse "$1 '$2' is a folder, not a file."
  [ -f "./$2" ] || refuse "$1 '$2' is not in the job's folder."
}

need_program() { # NAME: a shell would take any other file for a script of its own.
  local start="" LC_ALL=C
  IFS= read -r -d '' -n 4 start <"./$1"
  case $start in
    $'\x7fELF' | '#!'*) chmod +x "./$1" ;; # an archive does not keep that right
    $'\xcf\xfa\xed\xfe' | $'\xca\xfe\xba\xbe') chmod +x "./$1" ;; # of macOS
    *) stop_with 126 "'$1' is not a program: neither one for a machine, nor a script that begins with #!" ;;
  esac
}

is_source() { # NAME
  case $1 in *.c | *.cc | *.cpp | *.cxx | *.c++ | *.C | *.cu | *.s | *.S) ;; *) return 1 ;; esac
}

is_linked() { # NAME: whether a compiler is given it; a header only has to lie there.
  case $1 in *.o | *.a | *.so) ;; *) is_source "$1" ;; esac
}

check_output() { # NAME: of the program to make.
  local own="" LC_ALL=C
  case $1 in
    "" | . | .. | */*) refuse "The output must be a plain file name." ;;
    ipt-lib.sh | wrapper.sh | *.ipcexe | IPT_EXIT_CODE | IPT_TIME | IPT_STAGE) own=1 ;;
  esac
  [ ! "./$1" -ef /dev/stdout ] && [ ! "./$1" -ef /dev/stderr ] || own=1
  [ -z "$own" ] || refuse "The output may not be named '$1', as the job has a file of that name."
  [ "${#1}" -le 255 ] || refuse "The name of the output is longer than 255 bytes."
  ! is_input "$1" || refuse "The output '$1' has the name of an input: choose another one."
  rm -f "./$1" # of an earlier try
  [ ! -e "./$1" ] || refuse "The output '$1' has the name of a folder: choose another one."
}

load_modules() { # NAMES: each with the module system, where there is one.
  local name names status
  split modules "$1"
  [ "${#words[@]}" -gt 0 ] || return 0
  names=("${words[@]}")
  check_modules "${names[@]}"
  find_module_system ""
  if ! command -v module >/dev/null 2>&1; then
    printf '%s\n' "There is no module system here; no module is loaded." >&2
    return 0
  fi
  for name in "${names[@]}"; do
    module load "$name" 2>./.ipt-modules
    status=$?
    cat ./.ipt-modules >&2
    # Old module systems say so, and return 0.
    ! grep -q ':ERROR:' ./.ipt-modules || status=1
    rm -f ./.ipt-modules
    [ "$status" -eq 0 ] || refuse "The module '$name' could not be loaded."
  done
}

check_modules() { # NAME...
  local name LC_ALL=C
  for name; do
    case $name in
      "" | [!A-Za-z0-9]* | *[!A-Za-z0-9._/+-]*) refuse "'$name' is not the name of a module." ;;
    esac
  done
}

find_module_system() { # ROOT: look for `module` where a login would find it.
  local place
  for place in "${MODULESHOME:-/nowhere}/init/bash" "${LMOD_PKG:-/nowhere}/init/bash" \
    "${BASH_ENV:-/nowhere}"; do
    ! command -v module >/dev/null 2>&1 || return 0
    read_place
  done
  command -v module >/dev/null 2>&1 || for place in "$1"/etc/profile.d/*mod*.sh; do
    read_place # all of them: one may name the system, another one its modules
  done
  for place in "$1"/usr/share/{lmod/lmod,modules,Modules}/init/bash \
    "$1"/opt/{apps/lmod/lmod,ohpc/admin/lmod/lmod,cray/pe/modules/default,modules/default}/init/bash \
    "$1"/usr/local/{lmod/lmod,Modules}/init/bash; do
    ! command -v module >/dev/null 2>&1 || return 0
    read_place
  done
}

read_place() { # without arguments of its own, which the script would take for its
  # shellcheck source=/dev/null
  [ ! -f "$place" ] || . "$place" >/dev/null 2>&1
}

line=()     # the words to run
code=0      # what they ended with
program=""  # the process, while it runs
began=""    # when it did, where its time is taken
spent=0     # milliseconds, of all programs so far
stopping="" # set once the job is told to end
heard=""

now() { # set $now, in milliseconds.
  case ${EPOCHREALTIME-} in
    "") now="$(date +%s%N)" now="${now%N}" now="${now}000000000" now="${now:0:13}" ;;
    *) now="${EPOCHREALTIME/[.,]/}" now="${now%???}" ;;
  esac
}

to_seconds() { # MILLISECONDS: set $seconds.
  printf -v seconds '%d.%03d' "$(($1 / 1000))" "$(($1 % 1000))"
}

measure_time() { # set $took, in milliseconds since $began.
  now
  took=$((10#$now - began))
  [ "$took" -ge 0 ] || took=0 # somebody set the clock
}

note_time() {
  to_seconds "$spent"
  note IPT_TIME "$seconds"
}

on_term() { # the job is cancelled, or past its time: pass it on, keep what is known.
  heard=1
  [ -z "$ending" ] || return 0
  stopping=1
  [ -z "$program" ] || kill -TERM "$program" 2>/dev/null
  note IPT_EXIT_CODE 143
  [ -n "$began" ] || return 0
  measure_time
  to_seconds "$((spent + took))"
  note IPT_TIME "$seconds" # in case that the program does not end, and all is killed
}
trap on_term TERM
# The limit of a file's size is the program's matter: it must not end this script.
trap : XFSZ

end_if_stopped() {
  [ -n "$stopping" ] || return 0
  [ ! -e ./IPT_TIME ] || note_time
  printf '%s\n' "The job was stopped, or is past its time." >&2
  exit 143
}

run_line() { # run $line and set $code; no word of it is a command of this shell.
  end_if_stopped
  (exec -- "${line[@]}") </dev/null &
  program=$!
  [ -z "$stopping" ] || kill -TERM "$program" 2>/dev/null
  while :; do
    heard=""
    wait "$program" 2>/dev/null
    code=$?
    [ -n "$heard" ] || break # else it was not the program that ended the waiting
  done
  program=""
}

run_timed() { # run $line; set $code and $took, and add to $spent.
  now
  began=$now
  run_line
  measure_time
  began=""
  spent=$((spent + took))
}

show_line() { # print $line so that a shell would read the same words.
  local shown
  printf -v shown ' %q' "${line[@]}"
  printf '%s\n' "${shown:1}"
}

explain() { # WHO CODE: set $sentence.
  case $2 in
    126 | 127) sentence="The command '${line[0]}' can't be started on this system, or ended with code $2." ;;
    132) sentence="$1 used an instruction that this processor does not know." ;;
    134) sentence="$1 gave up by itself (abort)." ;;
    135) sentence="$1 touched memory that is not there (bus error)." ;;
    136) sentence="$1 was ended by an arithmetic fault, such as a division by zero." ;;
    137) sentence="$1 was killed: too much memory, or past its time." ;;
    139) sentence="$1 touched memory that is not its own (segmentation fault)." ;;
    143) sentence="$1 was told to end (signal TERM)." ;;
    152) sentence="$1 used more processor time than is allowed." ;;
    153) sentence="$1 wrote a file that is larger than allowed." ;;
    *) sentence="$1 ended with code $2." ;;
  esac
}

compile() { # FIELD COMMAND SOURCE OUTPUT FIELD ARGUMENTS: with $files; or end the job.
  local file
  split "$1" "$2"
  [ "${#words[@]}" -gt 0 ] || refuse "There is no compile command."
  line=("${words[@]}" "./$3")
  for file in "${files[@]}"; do
    ! is_linked "$file" || line+=("./$file")
  done
  line+=(-o "./$4")
  split "$5" "$6"
  line+=("${words[@]}")
  show_line
  run_line
  end_if_stopped
  case $code in
    0) ;;
    126 | 127) stop_with "$code" "The compiler '${line[0]}' can't be started on this system." ;;
    13? | 15?) explain "The compiler" "$code" && stop_with "$code" "$sentence" ;;
    *) stop_with "$code" "The compiler ended with code $code; its messages are above." ;;
  esac
  [ -f "./$4" ] || stop_with 1 "The compiler found no fault, but made no file '$4'."
  chmod +x "./$4"
}

set_threads() { # NUMBER, or nothing
  number "$1" 9999 threads
  [ -z "$number" ] || export OMP_NUM_THREADS="$number"
}

allow_root() { # Open MPI refuses root, which is what a user of a sandbox is inside it.
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
}

run() { # LAUNCHER PROGRAM ARGUMENTS: run it, take its time, and end the job.
  local word
  need_program "$2"
  split command "$1"
  line=("${words[@]}" "./$2")
  for word in "${words[@]}"; do
    case $word in # typed with the program in it, as in ./a.out
      ./) line=("./$2") ;;
      ./*) line=("${words[@]}") ;;
    esac
  done
  split args "$3"
  line+=("${words[@]}")
  allow_root
  run_timed
  note_time
  end_if_stopped
  if [ "$code" -ne 0 ]; then
    explain "The program" "$code"
    stop_with "$code" "$sentence"
  fi
  note IPT_EXIT_CODE 0
}

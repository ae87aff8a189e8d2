#!/bin/bash
# The constant part of a job script (job_script.py puts the values of one job before
# it): runs a program once, within its limits, and says how it ended.
# Bash 3.2 and later; what a file name or a value holds is never read as a command.
# shellcheck disable=SC2154  # the values are in the part before

why='' child='' signals=0
trap 'stop_program ended' TERM INT XCPU
trap 'stop_program time' USR1
trap 'stop_program bytes' USR2

# What tells this run of the script from any other process, now or later.
identify() {
  local stat
  if [ -n "${SLURM_JOB_ID-}" ]; then
    echo "$SLURM_JOB_ID"
  elif read -r stat 2>/dev/null <"$proc/$$/stat"; then
    # shellcheck disable=SC2086  # the fields after the name
    set -- ${stat##*) }
    echo "$$:$(cat "$proc/sys/kernel/random/boot_id"):${20}"
  else
    echo "$$::$(LC_ALL=C TZ=UTC0 ps -o lstart= -p $$ | tr -s ' ' '_')"
  fi
}

# The numbers of the program's processes that live; 0 stands for the sandbox itself,
# which is not asked to end: it would do so at once, with all in it.
members() {
  ps -A -o pid= -o pgid= -o stat= -o comm= | awk -v group="$child" '
    $2 == group && $3 !~ /^[ZX]/ { print $4 ~ /(^|\/)(bwrap|prlimit)$/ ? 0 : $1 }'
}

# Ask the program to end, and force it to.
# shellcheck disable=SC2317  # traps call it
stop_program() {
  signals=$((signals + 1))
  [ -z "$why" ] || return 0
  why=$1
  child=${child:-${!-}}
  [ -z "$child" ] || end_program
}

end_program() {
  local until=$((SECONDS + grace)) asked=' 0 ' pid found
  while [ "$SECONDS" -le "$until" ]; do
    found=$(members)
    [ -n "$found" ] || break
    for pid in $found; do
      case "$asked" in *" $pid "*) continue ;; esac
      # Once each; some may only just have begun.
      asked="$asked$pid "
      kill -TERM "$pid" 2>/dev/null
    done
    sleep 0.1
  done
  kill -KILL -- "-$child" 2>/dev/null
}

# End what the program has left behind, in its group and elsewhere.
sweep() {
  local rounds=0 left pid
  kill -KILL -- "-$child" 2>/dev/null
  while [ "$rounds" -lt 5 ]; do
    left=$(grep -lszxF -- "AGAVE_RUN=$mark" "$proc"/[0-9]*/environ 2>/dev/null)
    [ -n "$left" ] || break
    for pid in $left; do
      pid=${pid%/environ}
      kill -KILL "${pid##*/}" 2>/dev/null
    done
    rounds=$((rounds + 1))
  done
}

# Tell whether the program has more processes than it may, or more threads than four
# for each of them: as nobody's own, they would stop everybody else on the machine.
is_crowded() {
  [ -n "$processes" ] || return 1
  ps -eL -o pid= -o ppid= | awk -v top="$child" -v most="$processes" '
    !($1 in tasks) { inner[$2] = inner[$2] " " $1 }
    { tasks[$1]++ }
    END {
      line[last = 1] = top
      for (next_one = 1; next_one <= last; next_one++) {
        threads += tasks[line[next_one]]
        count = split(inner[line[next_one]], found, " ")
        for (i = 1; i <= count; i++) line[++last] = found[i]
      }
      exit !(last > most || threads > 4 * most)
    }'
}

# Look after time, processes and room; runs beside the program.
watch_limits() {
  local wait=2 began
  trap - TERM INT XCPU USR1 USR2
  while sleep 1; do
    # Nobody else is left to end the program of a script that was killed.
    if ! kill -0 $$ 2>/dev/null; then
      kill -KILL -- "-$child" 2>/dev/null
      return
    fi
    if [ "$SECONDS" -ge "$seconds" ]; then
      kill -USR1 $$
      return
    fi
    if is_crowded; then
      # At once: there would be more of them with every moment of grace.
      : >"$control/crowded"
      kill -KILL -- "-$child" 2>/dev/null
      return
    fi
    wait=$((wait - 1))
    [ "$wait" -le 0 ] || continue
    began=$SECONDS
    if [ "$(du -sk . 2>/dev/null | cut -f 1)" -gt "$total_kib" ]; then
      kill -USR2 $$
      return
    fi
    # A folder that takes long to measure is measured less often.
    wait=$((2 + 20 * (SECONDS - began)))
  done
}

# Become the program, in the process that this is called in.
become_program() {
  trap - TERM INT XCPU USR1 USR2
  # Also where the startup script ends the shell.
  # shellcheck disable=SC2064  # the variable may change
  trap ": >$(printf %q "$control/unstarted")" EXIT
  ulimit -c 0
  ulimit -f "$file_kib"
  [ -z "$memory_kib" ] || ulimit -v "$memory_kib"
  [ -z "$filter" ] || exec 9<"$filter"
  export AGAVE_RUN="$mark"
  replace_shell "$control/unstarted" "$startup" "$@"
}

# From here on a variable may hold anything: the values are in the parameters.
replace_shell() {
  set_environment
  [ ! -f "$2" ] || read_startup "$2"
  # A shell that fails to become a program can't note it any more.
  if ! type -P -- "$3" >/dev/null; then
    echo "The program $3 is not there, or is not executable." >&2
    exit 127
  fi
  shift 2
  exec -- "$@"
}

read_startup() {
  local file=$1
  shift
  # shellcheck source=/dev/null
  . "$file" >/dev/null
}

# Say how the program ended, in one step.
finish() {
  # The file has its room from the start: a full disk does not keep the end back.
  printf '%-100s\n' "{\"reason\": \"$1\", \"code\": $2}" 1<>"$control/.exit.json" &&
    mv -f -- "$control/.exit.json" "$control/exit.json"
  leave "$2"
}

leave() {
  : >"$events/$job.ended"
  exit "$1"
}

# Who comes second ends at once.
mkdir -- "$control/claim" 2>/dev/null || exit 0
number=$(identify)
if [ ! -s "$control/number" ]; then
  echo "$number" >"$control/number.$$" && mv -f -- "$control/number.$$" "$control/number"
fi
# Two clusters may share a node, and count their jobs alike.
mark=${SLURM_JOB_ID:+$job:}$number
printf '%-100s\n' '' >"$control/.exit.json"
: >"$events/$job.started"
exec </dev/null

cd -- "$work" || finish start 126
for file in "$slug.out" "$slug.err"; do
  if [ -e "./$file" ] || [ -L "./$file" ] || ! : >"./$file"; then
    finish start 126
  fi
done
if [ -z "$why" ]; then
  # In a process group of its own.
  set -m
  (become_program "$@") >"./$slug.out" 2>"./$slug.err" &
  child=$!
  echo "$child" >"$control/program"
  watch_limits &
  watcher=$!
  # Its end is no news.
  disown "$watcher"
  set +m
  [ -z "$why" ] || end_program
  seen=0
  wait "$child" 2>/dev/null
  code=$?
  # A signal breaks a wait: then the program's own code is still to come.
  while [ "$signals" -ne "$seen" ]; do
    seen=$signals
    wait "$child" 2>/dev/null
    again=$?
    [ "$again" -eq 127 ] || code=$again
  done
  # Somebody may end program and script together: the script hears of it next.
  [ "$code" -ne 143 ] || [ -n "$why" ] || sleep 0.3
  trap '' TERM INT XCPU USR1 USR2
  kill -KILL -- "-$watcher" 2>/dev/null
  sweep
else
  code=143
fi

if [ "$why" = ended ] && [ ! -e "$control/asked" ]; then
  # Not by the tenant: the scheduler knows more, unless the time was over anyway.
  [ "$((SECONDS + 5))" -ge "$seconds" ] || leave "$code"
  why='time'
fi
if [ -e "$control/unstarted" ]; then
  why='start'
elif [ -e "$control/crowded" ]; then
  why='processes'
elif [ -z "$why" ] && [ "$code" -ne 0 ] && [ -n "$(
  find . -type f -size "+$((file_kib - 1))k" -print 2>/dev/null | head -n 1
)" ]; then
  why='bytes'
fi
finish "${why:-exited}" "$code"

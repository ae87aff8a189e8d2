"""A machine without a scheduler: a run is a process, known by number and start."""

import re
from collections.abc import Collection, Mapping

from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.schedulers.base import (
    Run,
    SchedulerRefused,
    Sight,
    State,
)
from agave_local.services.jobs.schedulers.job_script import GRACE_SECONDS, to_script
from agave_local.services.jobs.schedulers.submission import (
    CLEAN,
    MISSING,
    check_job_id,
    read_number,
    submit_once,
    to_assignments,
)
from agave_local.services.jobs.shells.base import Shell
from agave_local.services.jobs.shells.errors import HostSilent

FORCE_SECONDS = GRACE_SECONDS + 3
_NUMBER = re.compile(r"\d{1,10}:[0-9A-Za-z-]*:[0-9A-Za-z_:]+")

_START = """\
bash=$(command -v bash) || exit 69
# One that was started keeps its number itself.
if [ ! -d claim ]; then
  detach=$(command -v setsid || command -v nohup) || exit 69
  CLEAN "$detach" "$bash" "$control/job.sh" </dev/null >>job.log 2>&1 8>&- &
fi
tries=0
until [ -s number ] || [ "$tries" -ge 200 ]; do
  sleep 0.05
  tries=$((tries + 1))
done
[ -s number ] || exit 76
cat number
exit 0
""".replace("CLEAN", CLEAN)

# is_alive NUMBER: whether that very process lives. It sets pid, boot and began.
_IDENTITY = """\
now_boot=$(cat "$proc/sys/kernel/random/boot_id" 2>/dev/null)
split() {
  pid=${1%%:*}
  began=${1#*:}
  boot=${began%%:*}
  began=${began#*:}
}
is_alive() {
  split "$1"
  if [ -z "$boot" ]; then
    found=$(LC_ALL=C TZ=UTC0 ps -o lstart= -p "$pid" | tr -s ' ' '_')
    [ "$found" = "$began" ]
    return
  fi
  [ "$boot" = "$now_boot" ] || return 1
  stat=
  read -r stat 2>/dev/null <"$proc/$pid/stat" || return 1
  # The fields after the name, which may itself hold spaces.
  set -- ${stat##*) }
  case "$1" in Z | X) return 1 ;; esac
  [ "${20}" = "$began" ]
}
"""

_LOOK = """\
while read -r number; do
  if is_alive "$number"; then
    echo "$number RUNNING"
  elif [ -n "$boot" ] && [ "$boot" != "$now_boot" ]; then
    echo "$number RESTARTED"
  else
    echo "$number GONE"
    # What a job script that was killed has left behind.
    left=$(grep -lszxF -- "AGAVE_RUN=$number" "$proc"/[0-9]*/environ 2>/dev/null)
    for found in $left; do
      found=${found%/environ}
      kill -KILL "${found##*/}" 2>/dev/null
    done
  fi
done
echo 'done'
"""

_CANCEL = """\
is_alive "$number" || exit 0
now=$(date +%s)
first=
# Before anything is signalled: it tells the job script that the tenant asks.
if cd -- "$control" 2>/dev/null && [ ! -s asked ]; then
  echo "$now" >asked
  first=yes
fi
since=$(cat asked 2>/dev/null)
force_end() {
  is_alive "$number" || return
  # The job script is given the time for its last word.
  # As dash, too, has it for a group.
  kill -s KILL -- "-$(cat program 2>/dev/null)" 2>/dev/null
  kill -CONT "$pid"
  sleep 2
  is_alive "$number" && kill -KILL "$pid"
}
if [ "$((now - ${since:-0}))" -ge "$force" ]; then
  force_end
  exit 0
fi
kill -TERM "$pid" 2>/dev/null
if [ -n "$first" ]; then
  (
    trap '' HUP
    sleep "$force" && force_end
  ) </dev/null >/dev/null 2>&1 &
fi
exit 0
"""


class RemoteProcesses:
    """Processes of an account on a machine.

    Args:
        force_seconds: after which a run that was asked to end is forced to.
        proc: where the machine tells of its processes, if it does.
    """

    def __init__(self, force_seconds: int = FORCE_SECONDS, proc: str = "/proc") -> None:
        self._force = force_seconds
        self._proc = proc

    def submit(self, shell: Shell, run: Run) -> str:
        """Start a run, unless it was started before; return its number.

        Raises:
            SchedulerRefused: the machine lacks what it takes.
        """
        check_job_id(run.job_id)
        script = to_script(run, proc=self._proc)
        done = submit_once(shell, run, script, _START)
        if done.code == MISSING:
            raise SchedulerRefused("The system has no bash to run jobs with.")
        return read_number(done)

    def look(self, shell: Shell, numbers: Collection[str]) -> Mapping[str, Sight]:
        """Return what is known of some runs, in one question for all of them.

        Raises:
            HostSilent: the answer was broken off.
        """
        asked = [number for number in numbers if _NUMBER.fullmatch(number)]
        lines = "".join(f"{number}\n" for number in asked)
        script = to_assignments(proc=self._proc) + _IDENTITY + _LOOK
        done = shell.run(script, stdin=lines.encode())
        words = done.out.decode(errors="replace").splitlines()
        if words[-1:] != ["done"]:
            raise HostSilent("The system did not say what became of its jobs.")
        found = dict(line.split(" ", 1) for line in words[:-1])
        return {number: _SIGHTS[found.get(number, "GONE")] for number in numbers}

    def cancel(self, shell: Shell, run: Run, number: str) -> None:
        """Ask a run to end, and force it a little later; one that is over stays so."""
        if not _NUMBER.fullmatch(number):
            return
        values = to_assignments(
            proc=self._proc,
            number=number,
            control=run.control,
            force=str(self._force),
        )
        shell.run(values + _IDENTITY + _CANCEL)


_SIGHTS = {
    "RUNNING": Sight(State.RUNNING),
    "RESTARTED": Sight(
        State.GONE, "The machine was restarted while it ran.", exit=Exit("lost")
    ),
    "GONE": Sight(
        State.GONE,
        "Somebody has ended it on the machine, or the machine was out of memory.",
    ),
}

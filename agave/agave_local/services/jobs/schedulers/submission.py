"""Starting a run exactly once, however often and from wherever that is asked for.

    <control>/lock     held while one of them submits
    <control>/number   of the run, kept in one step
    <control>/tried    made before the scheduler is given the run

Whoever comes later finds the number.  Where the first one was killed before it kept
the number, the scheduler is asked, or the job script keeps it; and if the program is
given to a machine twice in spite of all, the second job script ends at once, since the
first has the claim.
"""

import re
import shlex

from agave_local.services.jobs.schedulers.base import Run, SchedulerRefused
from agave_local.services.jobs.shells import words
from agave_local.services.jobs.shells.base import Done, Shell
from agave_local.services.jobs.shells.errors import HostDenied, HostFull, HostSilent

REFUSED, MISSING, UNWRITABLE, BUSY, UNCLEAR = 65, 69, 73, 75, 76
_JOB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
# Of any scheduler; it is kept, and shown to the job's owner.
_NUMBER = re.compile(r"[0-9A-Za-z:_-]{1,100}")
_LAST_BYTES = 200
_ENCODING = "utf-8", "surrogateescape"
_FULL = re.compile(r"no space left|quota exceeded|file too large", re.IGNORECASE)

# What a login shell of the account would know, by the file that `profile` names.
PROFILE = """\
know() {
  command -v "$1" >/dev/null 2>&1 && return
  # shellcheck source=/dev/null
  [ ! -r "$profile" ] || . "$profile" >/dev/null 2>&1
  command -v "$1" >/dev/null 2>&1
}
"""
# The program gets nothing of whoever submits it.
CLEAN = (
    'env -i HOME="${HOME-/}" PATH="$PATH" USER="$(id -un)" LOGNAME="$(id -un)" '
    "SHELL=/bin/bash LANG=C.UTF-8"
)
_ONCE = """\
umask 077
mkdir -p -- "$control" "$events" && cd -- "$control" || exit 73
exec 8>>lock || exit 73
# A machine without flock relies on the claim alone.
if command -v flock >/dev/null 2>&1; then flock -w 30 8 || exit 75; fi
if [ -s number ]; then cat number; exit 0; fi
cat >job.new && mv -f job.new job.sh || exit 73
keep() {
  printf '%s\\n' "$1" >number.new && mv -f number.new number || exit 73
  echo "$1"
  exit 0
}
"""


def submit_once(shell: Shell, run: Run, script: str, start: str) -> Done:
    """Start a run unless that was done; return how it went, with its number.

    Args:
        shell: machine.
        run: to start.
        script: job script.
        start: what to do, for a POSIX shell in the control folder; it calls `keep`
            with the number, or exits with one of the codes of this module.

    Raises:
        HostError: the machine is at fault.
    """
    values = to_assignments(control=run.control, events=run.events)
    done = shell.run(values + _ONCE + start, stdin=script.encode(*_ENCODING))
    said = (done.out + done.err).decode(errors="replace")
    if done.code == UNWRITABLE and _FULL.search(said):
        raise HostFull(words.FULL)
    if done.code == UNWRITABLE:
        raise HostDenied(words.DENIED)
    if done.code == BUSY:
        raise HostSilent("The system is still busy with an earlier try of this job.")
    return done


def to_assignments(**values: str) -> str:
    """Return lines that give variables of a shell their values."""
    return "".join(f"{name}={shlex.quote(text)}\n" for name, text in values.items())


def check_job_id(job_id: str) -> str:
    """Return a job's id, if schedulers can take it as part of a name.

    Raises:
        SchedulerRefused: they can't.
    """
    if not _JOB_ID.fullmatch(job_id):
        raise SchedulerRefused("The job's id can't be the name of a run.")
    return job_id


def read_number(done: Done) -> str:
    """Return the number that a submission printed last.

    Raises:
        SchedulerRefused: there is none.
    """
    said = done.out[-_LAST_BYTES:].decode(errors="replace").split()
    if done.code != 0 or not said or not _NUMBER.fullmatch(said[-1]):
        raise SchedulerRefused(
            "The system did not say whether it took the job.", may_pass=True
        )
    return said[-1]

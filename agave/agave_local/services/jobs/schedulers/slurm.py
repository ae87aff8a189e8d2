"""Slurm: jobs by sbatch, news by one squeue for all of them."""

import math
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime

from agave_local.services.jobs.schedulers import slurm_words
from agave_local.services.jobs.schedulers.base import (
    Run,
    SchedulerRefused,
    Sight,
    State,
)
from agave_local.services.jobs.schedulers.job_script import GRACE_SECONDS, to_script
from agave_local.services.jobs.schedulers.slurm_refusals import (
    NO_ANSWER,
    is_silence,
    to_refusal,
)
from agave_local.services.jobs.schedulers.submission import (
    CLEAN,
    MISSING,
    PROFILE,
    REFUSED,
    check_job_id,
    read_number,
    submit_once,
    to_assignments,
)
from agave_local.services.jobs.shells.base import Shell
from agave_local.services.jobs.shells.errors import HostSilent

FORCE_SECONDS = GRACE_SECONDS + 3
_PREFIX = "ipt-"
_NUMBER = re.compile(r"\d{1,18}")
_ACCOUNTED = 500  # numbers in one question to the accounting
_MOST_SAID = 20_000  # bytes of a refusal that are read
_NO_SLURM = "Slurm's commands are not there for the system's account."

_START = """\
know sbatch || exit 69
if [ -e tried ]; then
  # Whoever tried may have been killed before the number was kept.
  found=$(squeue --noheader --all --states=all --user="$(id -u)" --name="$name" \\
    --format=%A) || exit 65
  found=$(printf '%s\\n' "$found" | head -n 1)
  [ -z "$found" ] || keep "$found"
fi
: >tried || exit 73
# --export=ALL of a clean environment: with NONE, Slurm starts a login shell for each
# job, and srun in a job passes nothing on.
if ! said=$(CLEAN ${SLURM_CONF:+"SLURM_CONF=$SLURM_CONF"} sbatch --parsable \\
  --job-name="$name" ${queue:+"--partition=$queue"} --chdir="$work" --output="$log" \\
  --input=/dev/null --no-requeue --export=ALL "$control/job.sh"); then
  scontrol --oneliner show partition "$queue" 2>/dev/null
  exit 65
fi
# A site's own words may stand around the number.
number=$(printf '%s\\n' "$said" | grep -E '^[0-9]+(;.*)?$' | tail -n 1)
number=${number%%;*}
[ -n "$number" ] || exit 76
keep "$number"
""".replace("CLEAN", CLEAN)

# A line for each of the numbers that Slurm knows, and how many wait before it.
# No more of a name than is needed: anybody's may hold lines that look like ours.
_LOOK = """\
know squeue || exit 69
{
  cat
  echo
  TZ=UTC0 SLURM_TIME_FORMAT=standard squeue --noheader --all --states=all \\
    --sort=-p,i --format='%A|%P|%T|%S|%Q|%r|%.4j' || echo failed
} | awk -F '|' '
  !begun && $0 == "" { begun = 1; next }
  !begun { wanted[$0] = 1; next }
  $0 == "failed" { failed = 1 }
  ($1 in wanted) && index($7, "ipt-") == 1 {
    print $1 "|" $3 "|" $4 "|" (waiting[$2] + 0) "|" $6
  }
  $3 == "PENDING" && $5 > 0 { waiting[$2]++ }
  END { exit failed ? 75 : 0 }
'
"""

_CANCEL = """\
know scancel || exit 69
now=$(date +%s)
first=
# Before anything is signalled: it tells the job script that the tenant asks.
if cd -- "$control" 2>/dev/null && [ ! -s asked ]; then
  echo "$now" >asked
  first=yes
fi
since=$(cat asked 2>/dev/null)
if [ "$((now - ${since:-0}))" -ge "$force" ]; then
  scancel --jobname="$name" $number
  exit
fi
scancel --state=PENDING --jobname="$name" $number
scancel --batch --signal=TERM --jobname="$name" $number
if [ -n "$first" ]; then
  (
    trap '' HUP
    sleep "$force" && scancel --jobname="$name" $number
  ) </dev/null >/dev/null 2>&1 &
fi
"""

_ACCOUNT = """\
know sacct || exit 0
sacct --noheader --allocations --parsable2 --jobs="$numbers" \\
  --format=JobIDRaw,State 2>/dev/null
exit 0
"""


class Slurm:
    """A Slurm whose commands the machine has.

    Args:
        force_seconds: after which a run that was asked to end is forced to.
        profile: script of the machine that leads to Slurm's commands, where they are
            not found without it.
    """

    def __init__(
        self, force_seconds: int = FORCE_SECONDS, profile: str = "/etc/profile"
    ) -> None:
        self._force = force_seconds
        self._know = to_assignments(profile=profile) + PROFILE

    def submit(self, shell: Shell, run: Run) -> str:
        """Start a run, unless it was started before; return its number.

        Raises:
            SchedulerRefused: Slurm does not take it.
        """
        directives = to_directives(run)
        start = to_assignments(
            name=_PREFIX + check_job_id(run.job_id),
            queue=run.queue,
            work=run.work,
            log=_to_pattern(f"{run.control}/job.log"),
        )
        script = to_script(run, directives=directives, limits_memory=False)
        done = submit_once(shell, run, script, self._know + start + _START)
        if done.code == MISSING:
            raise SchedulerRefused(_NO_SLURM)
        if done.code == REFUSED:
            said, queue = (
                text[-_MOST_SAID:].decode(errors="replace")
                for text in (done.err, done.out)
            )
            raise to_refusal(said, queue, run)
        return read_number(done)

    def look(self, shell: Shell, numbers: Collection[str]) -> Mapping[str, Sight]:
        """Return what is known of some runs, in one question for all of them.

        Raises:
            HostSilent: Slurm does not answer.
        """
        asked = [number for number in numbers if _NUMBER.fullmatch(number)]
        found = _read_sights(self._ask(shell, asked)) if asked else {}
        missing = [number for number in asked if number not in found]
        found.update(self._look_back(shell, missing))
        gone = Sight(State.GONE, slurm_words.to_end("", ""))
        return {number: found.get(number, gone) for number in numbers}

    def cancel(self, shell: Shell, run: Run, number: str) -> None:
        """Ask a run to end, and force it a little later; one that is over stays so.

        Raises:
            HostSilent: Slurm does not answer.
        """
        values = to_assignments(
            name=_PREFIX + check_job_id(run.job_id),
            control=run.control,
            number=number if _NUMBER.fullmatch(number) else "",
            force=str(self._force),
        )
        done = shell.run(self._know + values + _CANCEL)
        # What is over can't be signalled, and says so: nothing to tell anybody.
        if is_silence(done.err.decode(errors="replace")):
            raise HostSilent(NO_ANSWER)

    def _ask(self, shell: Shell, numbers: Collection[str]) -> str:
        lines = "".join(f"{number}\n" for number in numbers)
        done = shell.run(self._know + _LOOK, stdin=lines.encode())
        if done.code:
            raise HostSilent(NO_ANSWER)
        return done.out.decode(errors="replace")

    def _look_back(self, shell: Shell, numbers: list[str]) -> dict[str, Sight]:
        """Ask the accounting, if there is one, for what the controller forgot."""
        found = {}
        for first in range(0, len(numbers), _ACCOUNTED):
            some = ",".join(numbers[first : first + _ACCOUNTED])
            done = shell.run(self._know + to_assignments(numbers=some) + _ACCOUNT)
            for line in done.out.decode(errors="replace").splitlines():
                number, _, word = line.partition("|")
                if number in numbers and slurm_words.to_state(word) is State.GONE:
                    found[number] = _to_sight(word, "", 0, "")
        return found


def to_directives(run: Run) -> list[str]:
    """Return what a run asks Slurm for, and what its queue adds to that.

    Later lines count more: the queue's operator has the last word.

    Raises:
        SchedulerRefused: the queue's additions are no options.
    """
    memory = [] if run.memory_mib is None else [f"--mem={run.memory_mib}M"]
    return [
        f"--nodes={run.nodes}",
        f"--ntasks={run.nodes * run.processors}",
        f"--ntasks-per-node={run.processors}",
        f"--time={max(1, math.ceil(run.seconds / 60))}",
        *memory,
        *_join_options(run),
    ]


def _join_options(run: Run) -> Iterator[str]:
    """Return the queue's directives, each an option with its value."""
    option = ""
    for word in _words(run):
        if word.startswith("-"):
            if option:
                yield option
            option = word
        elif not option:
            raise SchedulerRefused(
                f"The description of the queue {run.queue_label or run.queue} has a "
                "directive that is no option; the system's operator has to mend it."
            )
        else:
            option = f"{option} {word}"
    if option:
        yield option


def _words(run: Run) -> Iterator[str]:
    for directive in run.directives:
        for line in directive.splitlines():
            yield from (word for word in line.split() if word != "#SBATCH")


def _to_pattern(path: str) -> str:
    """Return a path in which Slurm replaces nothing."""
    return path if "\\" in path else path.replace("%", "%%")


def _read_sights(text: str) -> dict[str, Sight]:
    """Read the lines of a look."""
    found = {}
    for line in text.splitlines():
        number, word, start, ahead, reason = line.split("|", 4)
        found[number] = _to_sight(word, start, int(ahead), reason)
    return found


def _to_sight(word: str, start: str, ahead: int, reason: str) -> Sight:
    state = slurm_words.to_state(word)
    if state is State.WAITING:
        return Sight(
            state,
            slurm_words.to_reason(word, reason),
            ahead if word == "PENDING" else None,
            _to_seconds(start),
        )
    if state is State.RUNNING:
        return Sight(state)
    return Sight(
        state, slurm_words.to_end(word, reason), exit=slurm_words.to_exit(word)
    )


def _to_seconds(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None

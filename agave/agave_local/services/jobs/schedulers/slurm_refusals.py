"""Why Slurm does not take a job, in words for the job's owner."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from agave_local.services.jobs.schedulers.base import Run, SchedulerRefused
from agave_local.services.jobs.schedulers.slurm_words import clean, when

NO_ANSWER = "The scheduler does not answer."


@dataclass(frozen=True)
class _Refusal:
    pattern: re.Pattern[str]
    message: Callable[[Run, dict[str, str]], str]
    may_pass: bool = False


def to_refusal(said: str, queue: str, run: Run) -> SchedulerRefused:
    """Return why Slurm does not take a job.

    Args:
        said: by sbatch.
        queue: line of `scontrol show partition`, or nothing.
        run: that was refused.
    """
    facts = dict(re.findall(r"\b(\w+)=(\S+)", queue))
    for refusal in _REFUSALS:
        if refusal.pattern.search(said):
            message = refusal.message(run, facts)
            return SchedulerRefused(message, may_pass=refusal.may_pass)
    return SchedulerRefused(f"The scheduler does not take the job: {_last(said)}")


def is_silence(said: str) -> bool:
    """Tell whether Slurm's controller did not answer a command."""
    return _SILENT.search(said) is not None


def _too_long(run: Run, facts: dict[str, str]) -> str:
    most = to_minutes(facts.get("MaxTime", ""))
    if most is None:
        return f"The {_name(run)} does not allow so much run time."
    unit = "minute" if most == 1 else "minutes"
    return f"The {_name(run)} allows at most {most} {unit} of run time."


def _too_many_nodes(run: Run, facts: dict[str, str]) -> str:
    most = facts.get("MaxNodes", "")
    if most.isdecimal() and int(most) < run.nodes:
        unit = "node" if most == "1" else "nodes"
        return f"The {_name(run)} allows at most {most} {unit} for a job."
    there = facts.get("TotalNodes", "")
    if there.isdecimal() and int(there) < run.nodes:
        unit = "node" if there == "1" else "nodes"
        return f"The {_name(run)} has {there} {unit}; the job asks for {run.nodes}."
    return (
        f"The {_name(run)} does not give a job {run.processors} processors on "
        f"{run.nodes} of its nodes; ask for less."
    )


def to_minutes(text: str) -> int | None:
    """Return Slurm's `days-hours:minutes:seconds` as minutes; None where it is none."""
    found = re.fullmatch(r"(?:(\d+)-)?(\d+):(\d+):(\d+)", text)
    if found is None:
        return None
    days, hours, minutes, _ = (int(part or 0) for part in found.groups())
    return (days * 24 + hours) * 60 + minutes


def _last(said: str) -> str:
    """Return the last complaint of a command, without its own name."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    line = lines[-1] if lines else ""
    line = re.sub(r"^(sbatch: )?(error: )?(Batch job submission failed: ?)?", "", line)
    return f"{clean(line).rstrip('.') or 'it gives no reason'}."


def _plain(message: str) -> Callable[[Run, dict[str, str]], str]:
    return lambda run, _: message.format(queue=_name(run), name=_own(run))


def _name(run: Run) -> str:
    return f"queue {_own(run)}" if run.queue else "usual queue"


def _own(run: Run) -> str:
    """Return the name by which the owner of a job chose its queue."""
    return run.queue_label or run.queue


_SILENT = when(
    r"unable to contact slurm controller|socket timed out|connection refused|"
    r"zero bytes were transmitted|communication (shutdown|connection) failure|"
    r"insane message length|transport endpoint|controller in standby"
)
# The first that fits counts: what sbatch says in detail comes before its summary.
_REFUSALS = (
    _Refusal(_SILENT, _plain(NO_ANSWER), may_pass=True),
    _Refusal(
        when(r"munge|authentication"),
        _plain("The scheduler's sign-in service does not work on the system."),
        may_pass=True,
    ),
    _Refusal(
        when(r"time limit|PartitionTimeLimit|MaxWallDuration|MaxTimePer"), _too_long
    ),
    _Refusal(
        when(r"invalid partition"),
        _plain("The scheduler has no queue {name}; choose another one."),
    ),
    _Refusal(
        when(r"account(/| or )partition|invalid account|valid account"),
        _plain(
            "The scheduler does not know the account of the system for the "
            "{queue}; the system's operator has to set another one."
        ),
    ),
    _Refusal(
        when(r"invalid qos"),
        _plain(
            "The scheduler does not know the quality of service that the {queue} "
            "names; the system's operator has to set another one."
        ),
    ),
    _Refusal(
        when(r"MaxSubmit|MaxJobs|job submit limit|temporarily unable to accept"),
        _plain("The scheduler takes no more jobs of this account for now."),
        may_pass=True,
    ),
    _Refusal(
        when(r"memory specification|MaxMemPer"),
        _plain("The {queue} has no node with so much memory; ask for less."),
    ),
    _Refusal(
        when(r"generic resource|invalid gres|constraint|invalid feature"),
        _plain(
            "The {queue} has not what its description asks for in addition; "
            "the system's operator has to mend it."
        ),
    ),
    _Refusal(
        when(
            r"partition not available|partition is inactive|inactive or drain|"
            r"PartitionDown|PartitionInactive"
        ),
        _plain("The {queue} is closed for now."),
        may_pass=True,
    ),
    _Refusal(
        when(r"node not available|down, drained or reserved"),
        _plain("The nodes of the {queue} are not available for now."),
        may_pass=True,
    ),
    _Refusal(
        when(
            r"node count|node configuration|more processors|cpu count|nodes? limit|"
            r"MaxNodesPer|MaxCpuPer|task count|violates accounting"
        ),
        _too_many_nodes,
    ),
    _Refusal(
        when(r"access/permission denied|user.{0,20}not found|invalid user"),
        _plain("The scheduler does not take jobs of the system's account."),
    ),
    _Refusal(
        when(r"error writing|no space left"),
        _plain("The scheduler has no room for further jobs."),
        may_pass=True,
    ),
    _Refusal(
        when(r"unrecognized option|invalid option|ambiguous option"),
        _plain(
            "The description of the {queue} has a directive that the scheduler "
            "does not know; the system's operator has to mend it."
        ),
    ),
)

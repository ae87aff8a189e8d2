"""Why a job failed, as one word that a page can give advice for.

The platform tells an exit code and a sentence; what the words of that sentence mean is
known here alone.  Words of older and newer platforms are looked for as well.
"""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["Cause", "Failure", "to_cause"]

Cause = Literal[
    "compile",  # the compiler found a fault
    "program",  # the program says that it failed
    "signal",  # a signal ended the program
    "time",  # it ran past its time
    "memory",  # it used more memory than it may
    "output",  # it wrote more than it may
    "refused",  # the job as it is was not taken: a form can mend it
    "unreachable",  # the system did not answer
    "start",  # the program can't be started on this system
    "platform",  # nothing that the person did
    "",
]
_REFUSED: Final = 64
_NO_START: Final = frozenset({126, 127})
_SIGNAL: Final = 128
_MOST_SIGNALS: Final = 64
_OF_SIGNALS: Final[dict[int, Cause]] = {24: "time", 25: "output"}


def _of(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE)


_UNREACHABLE: Final = _of(
    r"does not answer|took too long|not let the tenant in|not show the key|"
    r"connection (to|refused|timed out|broke)"
)
# Whatever the exit code is, somebody else ended it.
_TROUBLE: Final = _of(
    r"tenant was shut down|supervisor is gone|cancelled at the scheduler|"
    r"node .*(failed|could not be started)|to make room|was restarted|"
    r"does not know the job|archiving failed"
)
_LIMITS: Final[tuple[tuple[Cause, re.Pattern[str]], ...]] = (
    ("time", _of(r"past its time|run time was over|time limit|deadline")),
    ("memory", _of(r"used more memory|out[_-]of[_-]memory|oom.?kill")),
    ("output", _of(r"wrote more than it may")),
    ("start", _of(r"could not be started|before its program could run")),
)
# What only somebody who looks after the system can mend.
_NOT_MINE: Final = _of(
    r"local tenant|tenant.s |shut down|operator|administ|sign-in service|no room|"
    r"no bash|commands are not there|machine|storage is full|the log says"
)


@dataclass(frozen=True)
class Failure:
    """What is known of a job that failed.

    Attributes:
        message: What the platform says.
        exit_code: Of the compiler or program, None where neither has ended.
        states: That the job was in.
        compiling: Whether what ended is a compiler, not the program.
        measured: Whether the program has begun, as its time was taken.
    """

    message: str
    exit_code: int | None
    states: AbstractSet[str]
    compiling: bool
    measured: bool


def to_cause(failed: Failure) -> Cause:
    """Return the word for why a job failed."""
    if "RUNNING" not in failed.states and failed.exit_code is None:
        return _before_the_start(failed.message)
    for cause, words in _LIMITS:
        if words.search(failed.message):
            return cause
    if _TROUBLE.search(failed.message):
        return "platform"
    return _by_code(failed)


def _before_the_start(message: str) -> Cause:
    if _UNREACHABLE.search(message):
        return "unreachable"
    return "platform" if not message or _NOT_MINE.search(message) else "refused"


def _by_code(failed: Failure) -> Cause:
    code = failed.exit_code or 0
    number = -code if code < 0 else code - _SIGNAL
    if code == 0:
        return "unreachable" if _UNREACHABLE.search(failed.message) else "platform"
    if 0 < number <= _MOST_SIGNALS:
        return _OF_SIGNALS.get(number, "signal")
    if code in _NO_START:
        return "start"
    if code == _REFUSED and not failed.measured:
        return "refused"
    return "compile" if failed.compiling else "program"

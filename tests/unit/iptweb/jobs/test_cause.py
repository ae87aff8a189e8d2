"""Why a job failed, in one word."""

import pytest

from iptweb.jobs.cause import Failure, to_cause

RAN = frozenset({"QUEUED", "RUNNING", "CLEANING_UP", "FAILED"})
WAITED = frozenset({"PENDING", "QUEUED", "FAILED"})


def failure(message: str, code: int | None, *, ran: bool = True) -> Failure:
    """Return what is known of a run that failed."""
    states = RAN if ran else WAITED
    return Failure(message, code, states, compiling=False, measured=True)


@pytest.mark.parametrize(
    ("message", "code", "cause"),
    [
        ("The job's program ended with exit code 3.", 3, "program"),
        ("The job's program ended with exit code 64.", 64, "program"),
        ("The job's program was ended by the signal SIGSEGV (…).", 139, "signal"),
        ("", -11, "signal"),
        ("", 152, "time"),
        ("", 153, "output"),
        ("", 255, "program"),
        (
            "The job's program ended with exit code 127 (in most cases: …).",
            127,
            "start",
        ),
        ("The job ran past its time of 00:10:00.", 143, "time"),
        ("Its run time was over.", None, "time"),
        ("It could not end before the scheduler's deadline.", None, "time"),
        ("slurmstepd: error: *** JOB 7 CANCELLED DUE TO TIME LIMIT ***", 0, "time"),
        ("The job used more memory than it may and was ended.", 137, "memory"),
        ("It used more memory than it had asked for.", None, "memory"),
        ("The job wrote more than it may and was ended.", 137, "output"),
        ("The job's program could not be started.", None, "start"),
        ("It failed before its program could run, or without saying how.", 1, "start"),
        ("The job was ended because the tenant was shut down.", 143, "platform"),
        ("The job's supervisor is gone; the machine may …", None, "platform"),
        ("A node on which it ran has failed.", None, "platform"),
        ("The scheduler ended it to make room for a more urgent job.", 1, "platform"),
        ("Archiving failed: The storage is full.", 0, "platform"),
        ("", None, "platform"),
        (
            "What the job has made could not be fetched: It does not answer.",
            0,
            "unreachable",
        ),
    ],
)
def test_of_a_job_that_ran(message: str, code: int | None, cause: str) -> None:
    """What ended a program is told by the platform's words, then by its code."""
    assert to_cause(failure(message, code)) == cause


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (
            "The system's machine does not answer. It was tried for 600 s.",
            "unreachable",
        ),
        ("The scheduler does not answer.", "unreachable"),
        ("The system's machine does not let the tenant in. …", "unreachable"),
        ("The system's machine does not show the key that …", "unreachable"),
        ("The queue long allows at most 60 minutes of run time.", "refused"),
        ("The scheduler has no queue x; choose another one.", "refused"),
        ("/ada/heat.c is not there.", "refused"),
        ("The description of the queue x has …; the system's operator …", "platform"),
        ("The local tenant could not read or write a file.", "platform"),
        ("The system's machine has no room: its disk is full.", "platform"),
        ("", "platform"),
    ],
)
def test_of_a_job_that_never_ran(message: str, cause: str) -> None:
    """What never ran was refused as it is, or the platform or a system had trouble."""
    assert to_cause(failure(message, None, ran=False)) == cause


def test_of_a_compiler() -> None:
    """A compiler that finds a fault is another matter than one that is killed."""
    found = Failure("", 1, RAN, compiling=True, measured=False)
    refused = Failure("", 64, RAN, compiling=True, measured=False)
    killed = Failure("", 137, RAN, compiling=True, measured=False)

    assert [to_cause(one) for one in (found, refused, killed)] == [
        "compile",
        "refused",
        "signal",
    ]

"""What callers get of jobs (docs/architecture.md §5.3)."""

from typing import Any, Literal, NotRequired, TypedDict

from iptweb.files.answers import FileEntry

from .cause import Cause

__all__ = [
    "Event",
    "Job",
    "JobDetail",
    "JobKind",
    "JobPage",
    "JobText",
    "MeasuredJob",
    "NewJob",
    "Preview",
    "QueuePlace",
    "Warned",
    "Webhook",
]

# `other`: no function of ours submitted it.
JobKind = Literal["compile", "run", "build-run", "compare", "other"]


class Warned(TypedDict):
    """Something about one field that is possible and seldom meant.

    Attributes:
        field: Of the request.
        message: The sentence for a person.
    """

    field: str
    message: str


class Preview(TypedDict):
    """What would be submitted.

    Attributes:
        command_line: A line for each program that would run.
        document: The job document that Agave would get.
        curl: A command for a POSIX shell that submits `document` with `$TOKEN`.
        warnings: What a person should look at before.
    """

    command_line: str
    document: dict[str, Any]
    curl: str
    warnings: list[Warned]


class NewJob(TypedDict):
    """A job that was submitted, now or by an earlier delivery of the request.

    Attributes:
        id: Of the job, for the function `jobs`.
        name: `ipt-<kind>-<program>-<request id>`.
        status: As Agave has it.
        kind: As in the request.
        archive_path: The folder of the home that its files come to.
        command_line: A line for each program that runs.
    """

    id: str
    name: str
    status: str
    kind: Literal["compile", "run", "build-run", "compare"]
    archive_path: str
    command_line: str


class QueuePlace(TypedDict):
    """What the scheduler told of a waiting job.

    Attributes:
        ahead: How many jobs are before it; null where that is not known.
        expected_start: When it may start; null where that is not known.
        reason: Why it waits, in the scheduler's words.
        as_of: When the scheduler said so.
    """

    ahead: int | None
    expected_start: str | None
    reason: str
    as_of: str


class Job(TypedDict):
    """A job as lists have it.

    Attributes:
        id: Of the job.
        name: Of the job.
        kind: `other` for a job that no function of ours submitted.
        status: As Agave has it; FINISHED, FAILED, STOPPED and KILLED are ends.
        stage: How far a `build-run` job got; empty in lists and for other kinds.
        system: Name of its system, the platform's id of one that is not ours.
        system_label: What people call the system.
        command_line: A line for each program that runs; empty where that is not known.
        created: When it was submitted.
        started: When it began to run; empty before.
        ended: When it ended; empty before.
        queue: What the scheduler told while it waits, else null.
        exit_code: Of the program; null where it is not known.
        archive_path: The folder of the home that its files come to; may be empty.
        can_cancel: Whether there is something left to stop.
    """

    id: str
    name: str
    kind: JobKind
    status: str
    stage: Literal["compile", "run", ""]
    system: str
    system_label: str
    command_line: str
    created: str
    started: str
    ended: str
    queue: QueuePlace | None
    exit_code: int | None
    archive_path: str
    can_cancel: bool


class JobPage(TypedDict):
    """A part of the history.

    Attributes:
        jobs: The newest first.
        limit: As it was asked for.
        offset: As it was asked for.
        more: Whether there are further jobs behind these.
        partial: Only where the platform can't search: whether older jobs than the
            newest 500 were not looked at.
    """

    jobs: list[Job]
    limit: int
    offset: int
    more: bool
    partial: NotRequired[bool]


class Event(TypedDict):
    """One step of a job's life.

    Attributes:
        status: The state it came into.
        description: The platform's sentence.
        created: When.
    """

    status: str
    description: str
    created: str


class Webhook(TypedDict):
    """How the message about a job's end went.

    Attributes:
        url: Where it goes.
        sent: When it was sent last; empty before.
        delivered: Whether that worked; null where it is not known.
        response: The HTTP status of the answer, or null.
    """

    url: str
    sent: str
    delivered: bool | None
    response: int | None


class MeasuredJob(Job):
    """A job with what its wrapper noted.

    Attributes:
        run_seconds: How long the program itself ran; null where it is not known.
        message: The platform's last word on it.
    """

    run_seconds: float | None
    message: str


class JobDetail(MeasuredJob):
    """Everything about one job.

    Attributes:
        cause: Why it failed, for advice; empty where it did not.
        request: What would make the job again, but for its `request_id`; null for a
            job of kind `other`.
        webhook: Where the message about its end goes; null where none goes.
        diagnostics_available: Whether `/jobs/<job_id>/diagnostics` may have something.
        history: Its states, the oldest first.
        inputs: As the platform has them.
        parameters: As the platform has them.
        archived: Whether `outputs` are in the home.
        outputs: Its files; their `path` is empty where they are not in the home.
        outputs_truncated: Whether it has more files than 200.
        outputs_unavailable: Why no files can be told now, a sentence; else null.
        outputs_url: What the address of an output begins with; its name,
            percent-encoded, follows.
    """

    cause: Cause | Literal[""]
    request: dict[str, Any] | None
    webhook: Webhook | None
    diagnostics_available: bool
    history: list[Event]
    inputs: dict[str, Any]
    parameters: dict[str, Any]
    archived: bool
    outputs: list[FileEntry]
    outputs_truncated: bool
    outputs_unavailable: str | None
    outputs_url: str


class JobText(TypedDict):
    """A piece of what a job printed.

    Attributes:
        text: At most 64 KiB of it.
        offset: Of its first byte.
        next_offset: Where the next piece begins.
        size: Bytes that there are by now.
        done: Whether this was the last piece there will be.
    """

    text: str
    offset: int
    next_offset: int
    size: int
    done: bool

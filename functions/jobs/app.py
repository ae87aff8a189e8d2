"""Routes of `jobs`."""

from dataclasses import dataclass
from typing import Final, Literal

from iptweb.errors import BadRequest
from iptweb.http import App, Nothing, number, read_body, read_query, text
from iptweb.jobs import JobFilter
from iptweb.jobs.answers import Job, JobDetail, JobPage, JobText, NewJob
from iptweb.jobs.comparison import TOLERANCE
from iptweb.jobs.comparison.answers import Comparison
from iptweb.jobs.diagnostics.answers import Diagnostics
from iptweb.reference import offer_schema
from iptweb.runtime import Call, inline, warm

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("jobs")
run_inline = inline(app)
offer_schema(app)

_MOST: Final = 100
_FARTHEST: Final = 1_000_000
_LARGEST_FILE: Final = 2**53


@dataclass(frozen=True)
class JobsQuery:
    """Which jobs, and which part of them; what is empty does not matter.

    Attributes:
        search: Words that are all in the job's name; one may be a part of its id.
        kind: `other` for jobs that no function of ours submitted.
        status: States, several with commas: `RUNNING,QUEUED`.
        system: Name of a system.
        since: A day or a time, ISO 8601; jobs that were submitted then or later.
        until: The end of a day, or the time before which they were submitted.
        limit: Most jobs of the answer.
        offset: How many jobs to leave out before.
    """

    search: str = text(default="", max_length=100)
    kind: Literal["", "compile", "run", "build-run", "compare", "other"] = text(
        default=""
    )
    status: str = text(default="", max_length=200)
    system: str = text(default="", max_length=100)
    since: str = text(default="", max_length=40)
    until: str = text(default="", max_length=40)
    limit: int = number(default=20, least=1, most=_MOST)
    offset: int = number(default=0, most=_FARTHEST)


@dataclass(frozen=True)
class TextQuery:
    """Which piece of what a job printed.

    Attributes:
        stream: What was printed, or the complaints.
        offset: The first byte: `next_offset` of the answer before.
        from_end: Begin so many bytes before the end instead; not with `offset`.
    """

    stream: Literal["out", "err"] = text(default="out")
    offset: int = number(default=0, most=_LARGEST_FILE)
    from_end: int = number(default=0, most=_LARGEST_FILE)


@dataclass(frozen=True)
class ComparisonQuery:
    """How exact a comparison is.

    Attributes:
        tolerance: How far numbers with a fraction may be apart, in parts of the larger
            one: a number from 0 to 1, such as 1e-6.
    """

    tolerance: str = text(default=str(TOLERANCE), max_length=40)


@dataclass(frozen=True)
class Again:
    """The body of a resubmission; the form of the id is looked at with the rest.

    Attributes:
        request_id: Of the new job: 8 to 64 characters of letters, digits and `-`.
    """

    request_id: str = text(max_length=64)


@app.route("/jobs", query=JobsQuery, own_token=True)
def list_jobs(call: Call) -> JobPage:
    """List jobs, the newest first."""
    query = read_query(JobsQuery, call.request.query)
    wanted = JobFilter.read(
        search=query.search,
        kind=query.kind,
        status=query.status,
        system=query.system,
        since=query.since,
        until=query.until,
    )
    return call.jobs().list_jobs(wanted, limit=query.limit, offset=query.offset)


@app.route("/jobs/<job_id>", own_token=True)
def show_job(call: Call, job_id: str) -> JobDetail:
    """Show one job in full.

    Raises:
        NotFound: There is no such job, or it is somebody else's.
    """
    return call.jobs().show(job_id)


@app.route("/jobs/<job_id>/text", query=TextQuery, own_token=True)
def read_job_text(call: Call, job_id: str) -> JobText:
    """Read what a job printed, from a byte on or from near its end.

    Who asks again and again for `next_offset` reads along while the job runs.

    Raises:
        NotFound: There is no such job, or it is somebody else's.
        SystemUnreachable: The machine that has the files does not answer.
    """
    query = read_query(TextQuery, call.request.query)
    if query.offset and query.from_end:
        raise BadRequest(
            "from_end and offset can't both be given: each says where to begin.",
            field="from_end",
        )
    return call.jobs().read_text(
        job_id, query.stream, offset=query.offset, from_end=query.from_end
    )


@app.route("/jobs/<job_id>/diagnostics", own_token=True)
def show_diagnostics(call: Call, job_id: str) -> Diagnostics:
    """Show what the compiler complained about.

    Raises:
        NotFound: There is no such job, or it is somebody else's.
        SystemUnreachable: The machine that has the files does not answer.
    """
    return call.jobs().diagnose(job_id)


@app.route("/jobs/<job_id>/comparison", query=ComparisonQuery, own_token=True)
def show_comparison(call: Call, job_id: str) -> Comparison:
    """Show a serial program beside its parallel one.

    Raises:
        NotFound: There is no such job, or it is somebody else's.
        Conflict: It compares no programs.
        SystemUnreachable: The machine that has the files does not answer.
    """
    query = read_query(ComparisonQuery, call.request.query)
    return call.jobs().compare(job_id, _read_tolerance(query.tolerance))


@app.route("/jobs/<job_id>/cancel", methods=["POST"], own_token=True)
def cancel_job(call: Call, job_id: str) -> Job:
    """Stop a job; one that has ended stays as it is.

    Raises:
        NotFound: There is no such job, or it is somebody else's.
        Conflict: It is too late, or the platform can't stop it now.
    """
    return call.jobs().cancel(job_id)


@app.route(
    "/jobs/<job_id>/resubmit",
    methods=["POST"],
    body=Again,
    status=201,
    own_token=True,
)
def resubmit_job(call: Call, job_id: str) -> NewJob:
    """Submit a job once more; the same request id again is the same new job.

    Raises:
        NotFound: There is no such job, or it is somebody else's.
        Conflict: It is of kind `other`, or another delivery is submitting it.
    """
    again = read_body(Again, call.request.body)
    raw = call.jobs().find_whole(job_id)
    return call.submitter().resubmit(raw, again.request_id, call.registry())


@app.route("/jobs/<job_id>", methods=["DELETE"], own_token=True)
def delete_job(call: Call, job_id: str) -> Nothing:
    """Take a job out of the history; its files stay.

    Raises:
        NotFound: There is no such job, or it is somebody else's.
        Conflict: It has not ended yet.
    """
    call.jobs().delete(job_id)
    return {}


def _read_tolerance(wanted: str) -> float:
    try:
        tolerance = float(wanted)
    except ValueError:
        tolerance = -1.0
    # Not a number is in no order with anything.
    if not 0 <= tolerance <= 1:
        raise BadRequest(
            "tolerance must be a number from 0 to 1, such as 1e-6.", field="tolerance"
        )
    return tolerance

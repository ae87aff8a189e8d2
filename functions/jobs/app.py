"""Routes of `jobs`."""

from dataclasses import dataclass
from typing import Any, Final

from iptweb.errors import BadRequest
from iptweb.http import App, Request, Response, read_body, text
from iptweb.jobs import JobFilter
from iptweb.jobs.comparison import TOLERANCE
from iptweb.runtime import Call, inline, warm

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("jobs")
run_inline = inline(app)

_MOST: Final = 100
_FARTHEST: Final = 1_000_000
_LARGEST_FILE: Final = 2**53
_KINDS: Final = ("compile", "run", "build-run", "compare", "other")


@dataclass(frozen=True)
class Again:
    """The body of a resubmission; the form of the id is looked at with the rest."""

    request_id: str = text(max_length=64)


@app.route("/jobs")
def list_jobs(call: Call) -> dict[str, Any]:
    """List jobs, the newest first."""
    request = call.request
    wanted = JobFilter.read(
        search=request.text("search", max_length=100),
        kind=request.choice("kind", _KINDS),
        status=request.text("status", max_length=200),
        system=request.text("system", max_length=100),
        since=request.text("since", max_length=40),
        until=request.text("until", max_length=40),
    )
    return call.jobs().list_jobs(
        wanted,
        limit=request.number("limit", 20, least=1, most=_MOST),
        offset=request.number("offset", 0, most=_FARTHEST),
    )


@app.route("/jobs/<job_id>")
def show_job(call: Call, job_id: str) -> dict[str, Any]:
    """Show one job in full."""
    return call.jobs().show(job_id)


@app.route("/jobs/<job_id>/text")
def read_job_text(call: Call, job_id: str) -> dict[str, Any]:
    """Read what a job printed, from a byte on or from near its end."""
    request = call.request
    offset = request.number("offset", 0, most=_LARGEST_FILE)
    from_end = request.number("from_end", 0, most=_LARGEST_FILE)
    if offset and from_end:
        raise BadRequest(
            "from_end and offset can't both be given: each says where to begin.",
            field="from_end",
        )
    stream = request.choice("stream", ("out", "err"), "out")
    return call.jobs().read_text(
        job_id, "err" if stream == "err" else "out", offset=offset, from_end=from_end
    )


@app.route("/jobs/<job_id>/diagnostics")
def show_diagnostics(call: Call, job_id: str) -> dict[str, Any]:
    """Show what the compiler complained about."""
    return call.jobs().diagnose(job_id)


@app.route("/jobs/<job_id>/comparison")
def show_comparison(call: Call, job_id: str) -> dict[str, Any]:
    """Show a serial program beside its parallel one."""
    return call.jobs().compare(job_id, _read_tolerance(call.request))


@app.route("/jobs/<job_id>/cancel", methods=["POST"])
def cancel_job(call: Call, job_id: str) -> dict[str, Any]:
    """Stop a job."""
    return call.jobs().cancel(job_id)


@app.route("/jobs/<job_id>/resubmit", methods=["POST"])
def resubmit_job(call: Call, job_id: str) -> Response:
    """Submit a job once more; the same request id again is the same new job."""
    again = read_body(Again, call.request.body)
    raw = call.jobs().find_whole(job_id)
    made = call.submitter().resubmit(raw, again.request_id, call.registry())
    return Response(made, 201)


@app.route("/jobs/<job_id>", methods=["DELETE"])
def delete_job(call: Call, job_id: str) -> dict[str, Any]:
    """Take a job out of the history."""
    call.jobs().delete(job_id)
    return {}


def _read_tolerance(request: Request) -> float:
    try:
        tolerance = float(request.text("tolerance", str(TOLERANCE), max_length=40))
    except ValueError:
        tolerance = -1.0
    # Not a number is in no order with anything.
    if not 0 <= tolerance <= 1:
        raise BadRequest(
            "tolerance must be a number from 0 to 1, such as 1e-6.", field="tolerance"
        )
    return tolerance

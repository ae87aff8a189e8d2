"""Routes of `jobs`."""

from typing import Any, Final

from iptweb.http import App
from iptweb.runtime import Call, inline, warm

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("jobs")
run_inline = inline(app)

_MOST: Final = 100
_FARTHEST: Final = 1_000_000


@app.route("/jobs")
def list_jobs(call: Call) -> dict[str, Any]:
    """List jobs, the newest first."""
    request = call.request
    return call.jobs().list_jobs(
        limit=request.number("limit", 20, least=1, most=_MOST),
        offset=request.number("offset", 0, most=_FARTHEST),
        search=request.text("search", max_length=100),
        kind=request.choice("kind", ("compile", "run", "other")),
        status=request.text("status", max_length=40),
    )


@app.route("/jobs/<job_id>")
def show_job(call: Call, job_id: str) -> dict[str, Any]:
    """Show one job in full."""
    return call.jobs().show(job_id)


@app.route("/jobs/<job_id>/text")
def read_job_text(call: Call, job_id: str) -> dict[str, Any]:
    """Read what a job printed, from a byte on."""
    request = call.request
    stream = request.choice("stream", ("out", "err"), "out")
    offset = request.number("offset", 0, most=2**53)
    return call.jobs().read_text(job_id, "err" if stream == "err" else "out", offset)


@app.route("/jobs/<job_id>/cancel", methods=["POST"])
def cancel_job(call: Call, job_id: str) -> dict[str, Any]:
    """Stop a job."""
    return call.jobs().cancel(job_id)


@app.route("/jobs/<job_id>", methods=["DELETE"])
def delete_job(call: Call, job_id: str) -> dict[str, Any]:
    """Take a job out of the history."""
    call.jobs().delete(job_id)
    return {}

"""Routes of `job_submit`."""

from typing import Any

from iptweb.http import App, Response
from iptweb.runtime import Call, inline, warm

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("job_submit")
run_inline = inline(app)


@app.route("/systems")
def list_systems(call: Call) -> dict[str, Any]:
    """List the systems that jobs can run on."""
    return {"systems": call.registry().to_answer()}


@app.route("/jobs/preview", methods=["POST"])
def preview_job(call: Call) -> dict[str, Any]:
    """Show what would be submitted, and what a person should look at before."""
    submitter = call.submitter()
    return submitter.preview(call.job_request())


@app.route("/jobs", methods=["POST"])
def submit_job(call: Call) -> Response:
    """Submit a job."""
    submitter = call.submitter()
    return Response(submitter.submit(call.job_request()), 201)

"""Routes of `job_submit`."""

from iptweb.http import App
from iptweb.jobs.answers import NewJob, Preview
from iptweb.jobs.forms import AnyRequest
from iptweb.jobs.registry.answers import Systems
from iptweb.reference import offer_schema
from iptweb.runtime import Call, inline, warm

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("job_submit")
run_inline = inline(app)
offer_schema(app)


@app.route("/systems")
def list_systems(call: Call) -> Systems:
    """List the systems that jobs can run on.

    What a job may ask for stands here: queues with their limits, launchers, and the
    kinds that the system takes, which are those it has an app for.
    """
    return {"systems": call.registry().to_answer()}


@app.route("/jobs/preview", methods=["POST"], body=AnyRequest, own_token=True)
def preview_job(call: Call) -> Preview:
    """Show what would be submitted, and what a person should look at before."""
    submitter = call.submitter()
    return submitter.preview(call.job_request())


@app.route("/jobs", methods=["POST"], body=AnyRequest, status=201, own_token=True)
def submit_job(call: Call) -> NewJob:
    """Submit a job.

    The same `request_id` again gives the job that it gave before, so a message whose
    answer was lost is sent once more as it was.

    Raises:
        Conflict: Another delivery of the request is submitting it, and takes long.
    """
    submitter = call.submitter()
    return submitter.submit(call.job_request())

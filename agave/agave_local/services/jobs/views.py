"""What answers at the addresses of the jobs service."""

from werkzeug.wrappers import Response

from agave_local.bodies import page_of, read_object, read_page
from agave_local.call import Answer, Call
from agave_local.errors import BadRequest, NotImplementedHere
from agave_local.services.files.media import to_attachment
from agave_local.services.jobs.search import Matches, read_search
from agave_local.store import Document

# agavepy does not fill in an optional part of the path (spec: agavepy, requests).
_UNFILLED = "{filePath}"


def on_list(call: Call) -> Answer:
    """Answer the caller's jobs."""
    return _to_list(call, read_search(call.request.args.items(multi=True)))


def on_search(call: Call) -> Answer:
    """Answer the caller's jobs that have one value."""
    term = (call.args["attribute"], call.args["value"])
    return _to_list(call, read_search([term]))


def on_submit(call: Call) -> Answer:
    """Accept a job."""
    jobs = call.tenant.jobs
    job = jobs.submit(call.identity, read_object(call.request))
    return Answer(jobs.documents.to_full(job), 201)


def on_get(call: Call) -> Answer:
    """Answer a job."""
    return Answer(call.tenant.jobs.documents.to_full(_find(call)))


def on_manage(call: Call) -> Answer:
    """Stop a job, or submit it once more."""
    jobs, job_id = call.tenant.jobs, call.args["job_id"]
    action = read_object(call.request).get("action")
    if action in ("stop", "kill", "cancel"):
        return Answer(jobs.documents.to_full(jobs.end(call.identity, job_id)))
    if action == "resubmit":
        job = jobs.resubmit(call.identity, job_id)
        return Answer(jobs.documents.to_full(job), 201)
    raise BadRequest("`action` must be stop, kill, cancel or resubmit.")


def on_delete(call: Call) -> Answer:
    """Hide a job."""
    call.tenant.jobs.hide(call.identity, call.args["job_id"])
    return Answer()


def on_status(call: Call) -> Answer:
    """Answer a job's status."""
    return Answer(call.tenant.jobs.documents.to_status(_find(call)))


def on_history(call: Call) -> Answer:
    """Answer the states that a job has been in."""
    history = call.tenant.jobs.documents.to_history(_find(call))
    return Answer(page_of(history, call.request))


def on_list_outputs(call: Call) -> Answer:
    """Answer a listing of a job's folder."""
    limit, offset = read_page(call.request)
    path = _read_path(call)
    return Answer(call.tenant.jobs.list_outputs(_find(call), path, limit, offset))


def on_download_output(call: Call) -> Response:
    """Answer with the bytes of a file of a job."""
    path = _read_path(call)
    file = call.tenant.jobs.open_output(_find(call), path)
    return to_attachment(call.request, file, path.rstrip("/").rsplit("/", 1)[-1])


def on_list_pems(call: Call) -> Answer:
    """Answer who may see a job: its owner."""
    return Answer([call.tenant.jobs.documents.to_permission(_find(call))])


def on_change_pems(call: Call) -> Answer:
    """Refuse: jobs can't be shared here."""
    _find(call)
    raise NotImplementedHere("jobs.updatePermissions")


def _find(call: Call) -> Document:
    return call.tenant.jobs.get(call.identity, call.args["job_id"])


def _to_list(call: Call, matches: Matches) -> Answer:
    jobs = call.tenant.jobs
    page = page_of(jobs.list(call.identity, matches), call.request)
    return Answer([jobs.documents.to_summary(job) for job in page])


def _read_path(call: Call) -> str:
    path = str(call.args.get("path", ""))
    return "" if path == _UNFILLED else path

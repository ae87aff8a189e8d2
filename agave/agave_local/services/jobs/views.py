"""What answers at the addresses of the jobs service."""

from werkzeug.wrappers import Response

from agave_local.call import Answer, Call
from agave_local.errors import BadRequest, NotFound
from agave_local.permissions import Permission, read_permission
from agave_local.reading.bodies import page_of, read_object, read_page
from agave_local.reading.search import read_search, read_term
from agave_local.records.conditions import Condition
from agave_local.records.store import Document
from agave_local.services.files.media import to_attachment
from agave_local.services.jobs.outputs import is_wrapper
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.summaries import FIELDS
from agave_local.services.profiles.models import read_username

# agavepy does not fill in an optional part of the path (spec: agavepy, requests).
_UNFILLED = "{filePath}"
# The site's client sends them; the newest job is always the first.
_ORDERS = ("order", "orderBy")
_ENDS = {"stop": Status.STOPPED, "cancel": Status.STOPPED, "kill": Status.KILLED}


def on_list(call: Call) -> Answer:
    """Answer the jobs that the caller may see."""
    return _to_list(call, read_search(call.request, FIELDS, _ORDERS))


def on_search(call: Call) -> Answer:
    """Answer the jobs that have one value, among those that the caller may see."""
    found = read_term(call.args["attribute"], call.args["value"], FIELDS)
    return _to_list(call, found & read_search(call.request, FIELDS, _ORDERS))


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
    body = read_object(call.request)
    action = str(body.get("action")).lower()
    if action in _ENDS:
        job = jobs.end(call.identity, job_id, _ENDS[action])
        return Answer(jobs.documents.to_full(job))
    if action == "resubmit":
        job = jobs.resubmit(call.identity, job_id, body)
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
    return Answer(call.tenant.jobs.outputs.list(_find(call), path, limit, offset))


def on_download_output(call: Call) -> Response:
    """Answer with the bytes of a file of a job."""
    path = _read_path(call)
    job = _find(call)
    if is_wrapper(job, path):
        # It has the token by which the job itself calls back.
        _find(call, Permission.WRITE)
    file = call.tenant.jobs.outputs.open(job, path)
    return to_attachment(call.request, file, path.rstrip("/").rsplit("/", 1)[-1])


def on_list_pems(call: Call) -> Answer:
    """Answer who may do what with a job."""
    jobs, job = call.tenant.jobs, _find(call)
    pems = jobs.pems(call.identity, job["id"])
    shown = [jobs.documents.to_permission(job, name, pem) for name, pem in pems.items()]
    return Answer(page_of(shown, call.request))


def on_get_pem(call: Call) -> Answer:
    """Answer what somebody may do with a job."""
    jobs, job, username = call.tenant.jobs, _find(call), call.args["username"]
    permission = jobs.pems(call.identity, job["id"]).get(username)
    if permission is None:
        raise NotFound(f"{username} has no permission on {job['id']}.")
    return Answer(jobs.documents.to_permission(job, username, permission))


def on_give(call: Call) -> Answer:
    """Give somebody exactly a permission on a job."""
    jobs, job = call.tenant.jobs, _find(call, Permission.WRITE)
    body = read_object(call.request)
    username = read_username(call.args.get("username", body.get("username")))
    permission = read_permission(body.get("permission"), execute=False)
    jobs.give(call.identity, job["id"], username, permission)
    return Answer(jobs.documents.to_permission(job, username, permission), 201)


def on_take(call: Call) -> Answer:
    """Take every permission on a job from somebody."""
    username = read_username(call.args["username"])
    call.tenant.jobs.give(call.identity, call.args["job_id"], username, Permission.NONE)
    return Answer(None)


def on_take_all(call: Call) -> Answer:
    """Take every permission on a job from everybody but its owner."""
    call.tenant.jobs.take_all(call.identity, call.args["job_id"])
    return Answer(None)


def on_callback(call: Call) -> Answer:
    """Take what a job's own script tells; its token says which job it is."""
    jobs = call.tenant.jobs
    job = jobs.call_back(call.args["job_id"], call.args["token"], call.args["word"])
    return Answer(jobs.documents.to_status(job))


def _find(call: Call, permission: Permission = Permission.READ) -> Document:
    return call.tenant.jobs.get(call.identity, call.args["job_id"], permission)


def _to_list(call: Call, condition: Condition) -> Answer:
    jobs = call.tenant.jobs
    limit, offset = read_page(call.request)
    page = jobs.list(call.identity, condition, limit, offset)
    if "filter" in call.request.args:
        # Who picks fields picks them from all there are.
        return Answer([jobs.documents.to_full(job) for job in jobs.whole(page)])
    return Answer([jobs.documents.to_summary(summary) for summary in page])


def _read_path(call: Call) -> str:
    path = str(call.args.get("path", ""))
    return "" if path == _UNFILLED else path

"""What a job's own script tells the tenant, by `AGAVE_JOB_CALLBACK_…`.

The tenant sees for itself when a program begins and ends, so most of it is only
written down. Nobody signs in: whoever knows the job's own token is the job.
"""

import hmac

from agave_local.errors import BadRequest, Conflict, NotFound
from agave_local.records.store import Document
from agave_local.services.jobs.macros import CALLBACKS
from agave_local.services.jobs.records import JobRecords
from agave_local.services.jobs.states import HEARTBEAT, Status

TOLD = "JOB_RUNTIME_CALLBACK_EVENT"


def take_callback(records: JobRecords, job_id: str, token: str, word: str) -> Document:
    """Take what a script tells; return the job.

    Args:
        records: of the jobs.
        job_id: of the job that the caller says it is.
        token: that proves it.
        word: `RUNNING`, `CLEANING_UP`, `HEARTBEAT`, `NOTIFICATION` or `FAILED`.

    Raises:
        NotFound: there is no such job, or it has another token.
        BadRequest: for another word.
        Conflict: the job does not run.
    """
    job = records.get(job_id)
    known = str((job or {}).get("callbackToken") or "")
    given = token.encode("utf-8", "replace")
    # A job of an earlier version has none, which is nobody's token.
    if job is None or not known or not hmac.compare_digest(known.encode(), given):
        raise NotFound("There is no such job, or its token is another one.")
    if word not in CALLBACKS.values():
        raise BadRequest(f"A job tells one of {', '.join(CALLBACKS.values())}.")
    if job["status"] != Status.RUNNING:
        raise Conflict(f"The job does not run: it is {job['status']}.")
    if word == HEARTBEAT:
        records.note(job_id, HEARTBEAT, "The job is alive")
    elif word == "NOTIFICATION":
        records.note(job_id, TOLD, "The job told something")
    elif word == Status.FAILED:
        records.set(job_id, saidFailed="The job said that it failed.")
    return job

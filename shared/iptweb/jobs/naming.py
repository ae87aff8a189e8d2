"""What a job is called, and where its files go: both known before it is submitted."""

import datetime as dt
import re
from pathlib import PurePosixPath
from typing import Final

from .kinds import BuildRunJob, CompareJob, CompileJob, JobRequest, RunJob

__all__ = ["archive_path", "job_name"]

_NOT_IN_SLUG: Final = re.compile("[^a-z0-9]+")
_MOST_SLUG: Final = 24


def job_name(job: JobRequest) -> str:
    """Return the name that the job has in every list: what it does, and to what."""
    slug = _NOT_IN_SLUG.sub("-", PurePosixPath(_program(job)).stem.lower()).strip("-")
    parts = ("ipt", job.kind, slug[:_MOST_SLUG].strip("-"), job.request_id)
    return "-".join(part for part in parts if part)


def archive_path(job: JobRequest, now: float) -> str:
    """Return where the job's files will be, below the home.

    Made of the request's id rather than the job's, so that it is known beforehand.
    """
    day = dt.datetime.fromtimestamp(now, dt.UTC).date().isoformat()
    return f"jobs/{day}/{job.kind}-{job.system.name}-{job.request_id}"


def _program(job: JobRequest) -> str:
    match job:
        case CompileJob() | BuildRunJob():
            return job.source.name
        case RunJob():
            return job.binary.name
        case CompareJob():
            return job.parallel.name

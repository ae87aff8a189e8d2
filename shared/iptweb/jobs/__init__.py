"""Jobs: the systems they run on, requests, documents, and what became of them."""

from .kinds import BuildRunJob, CompareJob, CompileJob, JobRequest, RunJob
from .registry import Registry
from .request import read_job_request
from .search import JobFilter
from .service import JobService
from .submission import Submitter
from .webhook import is_loopback

__all__ = [
    "BuildRunJob",
    "CompareJob",
    "CompileJob",
    "JobFilter",
    "JobRequest",
    "JobService",
    "Registry",
    "RunJob",
    "Submitter",
    "is_loopback",
    "read_job_request",
]

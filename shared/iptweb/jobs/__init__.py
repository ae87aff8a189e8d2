"""Jobs: the systems they run on, requests, documents, and what became of them."""

from .registry import Registry
from .request import CompileRequest, RunRequest, read_job_request
from .service import JobService
from .submission import Submitter

__all__ = [
    "CompileRequest",
    "JobService",
    "Registry",
    "RunRequest",
    "Submitter",
    "read_job_request",
]

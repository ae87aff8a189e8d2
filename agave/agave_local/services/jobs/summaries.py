"""Short documents of jobs, which lists and searches read in their place.

A job's own document holds its app, its request and its history: a list of thousands
would read all of that. A summary is changed in the transaction that changes its job.
"""

from collections.abc import Mapping
from typing import Any

from agave_local.clock import to_iso
from agave_local.reading.search import Field, Kind
from agave_local.records.conditions import Condition
from agave_local.records.store import Document, Store
from agave_local.services.jobs.quantities import to_time

JOB, SUMMARY = "job", "job_summary"
_READY = "job_summaries"
_SAME = (
    "id",
    "name",
    "owner",
    "appId",
    "executionSystem",
    "batchQueue",
    "nodeCount",
    "processorsPerNode",
    "memoryPerNode",
    "archive",
    "archived",
    "archiveSystem",
    "archivePath",
    "outputPath",
    "localId",
    "retries",
    "exitCode",
    "status",
)
_TIMES = ("created", "lastUpdated", "submitTime", "startTime", "endTime")
_NUMBERS = ("nodeCount", "processorsPerNode", "memoryPerNode", "retries", "exitCode")
_SWITCHES = ("archive",)

# What jobs can be searched by, as callers name it.
FIELDS: Mapping[str, Field] = {
    **{name: Field(name) for name in (*_SAME, "maxRunTime") if name != "archived"},
    **{name: Field(name, Kind.NUMBER) for name in _NUMBERS},
    **{name: Field(name, Kind.SWITCH) for name in _SWITCHES},
    **{name: Field(name, Kind.TIME) for name in _TIMES},
    "status": Field("status", Kind.WORD),
    "uuid": Field("id"),
    "system": Field("executionSystem"),
    "queue": Field("batchQueue"),
}


class Summaries:
    """The summaries of the jobs that somebody can still see.

    Args:
        store: keeps kind `job_summary`; jobs of an earlier version get theirs here.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        if store.get(_READY, JOB) is None:
            with store.transaction():
                for job in store.find(JOB):
                    self.keep(job)
                store.put(_READY, JOB, {"name": JOB})

    def keep(self, job: Document) -> None:
        """Write a job's summary; a hidden job has none."""
        if job["visible"]:
            self._store.put(SUMMARY, job["id"], to_summary(job))
        else:
            self._store.delete(SUMMARY, job["id"])

    def page(self, condition: Condition, limit: int, offset: int) -> list[Document]:
        """Return a page of summaries, the newest first."""
        return self._store.select(
            SUMMARY, condition, newest=True, limit=limit, offset=offset
        )


def to_summary(job: Document) -> Document:
    """Return what lists and searches need of a job."""
    times: dict[str, Any] = {
        name: None if job[name] is None else to_iso(job[name]) for name in _TIMES
    }
    return {
        **{name: job[name] for name in _SAME},
        **times,
        "maxRunTime": to_time(job["seconds"]),
    }

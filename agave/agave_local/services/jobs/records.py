"""The records of jobs, and the only way to change a status."""

from typing import Any

from agave_local.clock import Clock
from agave_local.services.jobs.document import to_event
from agave_local.services.jobs.states import Status
from agave_local.store import Document, Store

KIND = "job"


class JobRecords:
    """Keeps jobs.

    A status only changes from the one that its changer has seen, so a stop and a
    step that happen at once can't both win.

    Args:
        store: of the tenant.
        clock: tells the time.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def add(self, job: Document) -> Document:
        """Keep a new job, which is PENDING from now on."""
        now = self._clock.now()
        job = {
            **job,
            "status": Status.PENDING,
            "lastUpdated": now,
            "history": [to_event(Status.PENDING, now)],
        }
        self._store.insert(KIND, job["id"], job)
        return job

    def get(self, job_id: str) -> Document | None:
        """Return a job, or None."""
        return self._store.get(KIND, job_id)

    def of(self, owner: str) -> list[Document]:
        """Return the jobs of somebody that are not hidden, the newest first."""
        return self._store.find(KIND, owner=owner, visible=True)[::-1]

    def not_over(self) -> list[Document]:
        """Return the jobs that still have something before them, oldest first."""
        found = [
            job
            for status in Status
            if not status.is_over
            for job in self._store.find(KIND, status=status.value)
        ]
        return sorted(found, key=lambda job: float(job["created"]))

    def advance(
        self, job_id: str, seen: Status, new: Status, more: str = "", **fields: Any
    ) -> Document | None:
        """Go from one status to another.

        Args:
            job_id: of the job.
            seen: the status that it must still have.
            new: its next one.
            more: for the history.
            fields: that change with it.

        Returns:
            The job, or None where it is gone or has another status by now.
        """
        now = self._clock.now()
        if new.is_over:
            fields.setdefault("endTime", now)

        with self._store.transaction():
            job = self._store.get(KIND, job_id)
            if job is None or job["status"] != seen:
                return None
            history = [*job["history"], to_event(new, now, more)]
            job |= {**fields, "status": new, "history": history, "lastUpdated": now}
            self._store.put(KIND, job_id, job)
            return job

    def set(self, job_id: str, **fields: Any) -> None:
        """Change fields other than the status."""
        self._store.update(KIND, job_id, lambda job: {**job, **fields})

    def close(self) -> None:
        """Close this thread's connection."""
        self._store.close()

"""The records of jobs, and the only way to change a status."""

from collections.abc import Callable
from typing import Any

from agave_local.clock import Clock
from agave_local.events import Event, Events
from agave_local.records.store import Document, Store
from agave_local.services.jobs.document import JobDocuments, to_event
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.summaries import JOB, Summaries

_MOST_EVENTS = 1_000


class JobRecords:
    """Keeps jobs.

    A status only changes from the one that its changer has seen, so a stop and a
    step that happen at once can't both win.

    Args:
        store: of the tenant.
        clock: tells the time.
        events: are told of every status.
        documents: write jobs for them.
    """

    def __init__(
        self, store: Store, clock: Clock, events: Events, documents: JobDocuments
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._documents = documents
        self.summaries = Summaries(store)

    def add(self, job: Document, also: Callable[[], None] = lambda: None) -> Document:
        """Keep a new job, which is PENDING from now on.

        Args:
            job: to keep.
            also: done in the same transaction, before anybody is told.
        """
        now = self._clock.now()
        job = {
            **job,
            "status": Status.PENDING,
            "lastUpdated": now,
            "history": [to_event(Status.PENDING, now)],
        }
        with self._store.transaction():
            self._store.insert(JOB, job["id"], job)
            self.summaries.keep(job)
            also()
            self.publish(job, Status.PENDING)
        return job

    def get(self, job_id: str) -> Document | None:
        """Return a job, or None."""
        return self._store.get(JOB, job_id)

    def not_over(self) -> list[Document]:
        """Return the jobs that still have something before them, oldest first."""
        found = [
            job
            for status in Status
            if not status.is_over
            for job in self._store.find(JOB, status=status.value)
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
            job = self._store.get(JOB, job_id)
            if job is None or job["status"] != seen:
                return None
            history = [*job["history"], to_event(new, now, more)]
            job |= {**fields, "status": new, "history": history, "lastUpdated": now}
            self._keep(job)
            self.publish(job, new)
            return job

    def remark(
        self, job_id: str, seen: Status, more: str, **fields: Any
    ) -> Document | None:
        """Add to the history what changed no status; nobody else is told.

        Args:
            job_id: of the job.
            seen: the status that it must still have.
            more: for the history.
            fields: that change with it.

        Returns:
            The job, or None where it is gone or has another status by now.
        """
        now = self._clock.now()
        with self._store.transaction():
            job = self._store.get(JOB, job_id)
            if job is None or job["status"] != seen:
                return None
            if len(job["history"]) < _MOST_EVENTS:
                job["history"] = [*job["history"], to_event(seen, now, more)]
            job |= {**fields, "lastUpdated": now}
            self._keep(job)
            return job

    def set(self, job_id: str, **fields: Any) -> Document | None:
        """Change fields other than the status; return the job, None if it is gone."""
        with self._store.transaction():
            job = self._store.get(JOB, job_id)
            if job is None:
                return None
            job |= fields
            self._keep(job)
            return job

    def note(self, job_id: str, name: str, description: str) -> None:
        """Write down something that happened, but changed no status, and tell it."""
        now = self._clock.now()
        with self._store.transaction():
            job = self._store.get(JOB, job_id)
            if job is None:
                return
            event = {"status": name, "created": now, "description": description}
            if len(job["history"]) < _MOST_EVENTS:
                job |= {"history": [*job["history"], event], "lastUpdated": now}
                self._keep(job)
            self.publish(job, name)

    def publish(self, job: Document, name: str) -> None:
        """Tell of an event, inside the transaction of what happened."""
        self._events.publish(
            Event(
                job["id"],
                str(name),
                job["owner"],
                self._documents.to_values(job),
                self._documents.to_full(job),
            )
        )

    def close(self) -> None:
        """Close this thread's connection."""
        self._store.close()

    def _keep(self, job: Document) -> None:
        self._store.put(JOB, job["id"], job)
        self.summaries.keep(job)

"""Which jobs have files on the machine of their system, or a run at its scheduler.

Written down before anything is sent and forgotten after everything is removed, so
that a tenant that was killed in between finds what it has left.
"""

from dataclasses import dataclass

from agave_local.records.store import Document, Store

_KIND = "job_trip"


@dataclass(frozen=True)
class Trip:
    """One job away from home.

    Attributes:
        job_id: of the job.
        system: to which it went.
        owner: whose credential signs in there.
        base: folder of the system; it may be changed while the job is away.
        output_path: of its work folder, from there.
        number: that the scheduler gave it; empty before that.
        fetched: whether its files are home again.
        scheduler: that has it, by the name that its system had for it when it went;
            empty for one that an earlier version sent.
    """

    job_id: str
    system: str
    owner: str
    base: str
    output_path: str
    number: str = ""
    fetched: bool = False
    scheduler: str = ""


class Trips:
    """The jobs that are away.

    Args:
        store: keeps kind `job_trip`.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, job_id: str) -> Trip | None:
        """Return a job's trip; None where it has not gone, or is home."""
        found = self._store.get(_KIND, job_id)
        return None if found is None else Trip(**found)

    def all(self) -> list[Trip]:
        """Return the trips of all jobs."""
        return [Trip(**found) for found in self._store.find(_KIND)]

    def begin(self, job: Document, base: str, scheduler: str = "") -> Trip:
        """Write down that a job goes; one that went already stays as it is."""
        with self._store.transaction():
            trip = self.get(job["id"])
            if trip is None:
                trip = Trip(
                    job["id"],
                    job["executionSystem"],
                    job["owner"],
                    base,
                    job["outputPath"],
                    scheduler=scheduler,
                )
                self._store.insert(_KIND, trip.job_id, vars(trip))
            return trip

    def set(self, job_id: str, **fields: object) -> None:
        """Write down what is new."""
        with self._store.transaction():
            found = self._store.get(_KIND, job_id)
            if found is not None:
                self._store.put(_KIND, job_id, {**found, **fields})

    def end(self, job_id: str) -> None:
        """Forget a job that is home."""
        self._store.delete(_KIND, job_id)

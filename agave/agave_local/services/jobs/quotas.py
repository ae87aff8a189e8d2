"""How many jobs a system, its queues and their users may have at once."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from agave_local.errors import NotFound
from agave_local.records.store import Document


@dataclass(frozen=True)
class Lane:
    """Where a job waits or runs.

    Attributes:
        system: its id.
        queue: its name.
        owner: of the job.
        is_remote: whether its scheduler, not this machine, has room for it or not.
    """

    system: str
    queue: str
    owner: str
    is_remote: bool = False


def lane_of(job: Document) -> Lane:
    """Return where a job waits or runs."""
    return Lane(
        job["executionSystem"],
        job["batchQueue"],
        job["owner"],
        bool(job.get("remote")),
    )


class Quotas:
    """The limits that systems set; a job that would pass one waits.

    Args:
        find: returns a system as it is now, or raises NotFound.
    """

    def __init__(self, find: Callable[[str], Document]) -> None:
        self._find = find
        self._turns = itertools.count(1)
        self._last_turn: dict[str, int] = {}

    def first(self, waiting: Mapping[str, Lane], busy: Iterable[Lane]) -> str | None:
        """Return the job that may run next beside those that do; None if none may.

        It is the first one of the owner who has the fewest there, and of several who
        have as few, of the one whose last turn is the longest ago.

        Args:
            waiting: lanes by job, in order.
            busy: lanes of the jobs that run.
        """
        lanes = list(busy)
        firsts: dict[Lane, str] = {}
        for job_id, lane in waiting.items():
            firsts.setdefault(lane, job_id)
        count = Counter((lane.owner, lane.is_remote) for lane in lanes)
        fair = sorted(
            firsts,
            key=lambda lane: (
                count[lane.owner, lane.is_remote],
                self._last_turn.get(lane.owner, 0),
            ),
        )
        for lane in fair:
            if self._allows(lane, lanes):
                self._last_turn[lane.owner] = next(self._turns)
                return firsts[lane]
        return None

    def _allows(self, lane: Lane, busy: list[Lane]) -> bool:
        try:
            system = self._find(lane.system)
        except NotFound:
            return True  # the job itself will find out
        queue: Document = next(
            (one for one in system.get("queues", ()) if one["name"] == lane.queue), {}
        )
        here = [one for one in busy if one.system == lane.system]
        beside = [one for one in here if one.queue == lane.queue]
        owners, queued = (
            Counter(one.owner for one in lanes) for lanes in (here, beside)
        )
        return (
            _has_room(system.get("maxSystemJobs"), len(here))
            and _has_room(system.get("maxSystemJobsPerUser"), owners[lane.owner])
            and _has_room(queue.get("maxJobs"), len(beside))
            and _has_room(queue.get("maxUserJobs"), queued[lane.owner])
        )


def _has_room(most: object, count: int) -> bool:
    """Tell whether one more is allowed; -1 and nothing at all are no limit."""
    return not isinstance(most, int) or most < 0 or count < most

"""Workers: who works for an actor, and what each of them does now (spec: Abaco, A.9).

REQUESTED ─▶ PULLING IMAGE ─▶ READY ⇄ BUSY ─▶ SHUTDOWN_REQUESTED ─▶ gone

They live in memory: they end with the tenant, so a record on disk would only be wrong.
SPAWNER SETUP, CREATING CONTAINER and UPDATING STORE of Abaco's take no time here.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from agave_local.clock import Clock

REQUESTED, PULLING, READY, BUSY = "REQUESTED", "PULLING IMAGE", "READY", "BUSY"
SHUTDOWN_REQUESTED = "SHUTDOWN_REQUESTED"
_AT_WORK = frozenset({BUSY, SHUTDOWN_REQUESTED})
WORKERS = 6
TTL_S = 86_400.0
SYNC_IDLE_S = 600.0


@dataclass(frozen=True)
class Plan:
    """What an actor wants of its workers.

    Attributes:
        image: that they run.
        revision: of the actor.
        limit: how many may be added by themselves.
        scales: whether they come and go with the messages.
        keeps_one: whether one of them stays for a while when there is nothing to do.
        alone: whether never two of them work at once, one of which is leaving.
    """

    image: str
    revision: int
    limit: int = 1
    scales: bool = False
    keeps_one: bool = False
    alone: bool = False


@dataclass
class Worker:
    """One worker.

    Attributes:
        id: its name.
        actor_id: of its actor.
        image: that it runs.
        revision: of the actor when it was requested.
        created: when that was.
        checked: when it was last seen to be well.
        status: what it does now.
        cid: name of its container.
        last_execution: when it last ended one.
    """

    id: str
    actor_id: str
    image: str
    revision: int
    created: float
    checked: float
    status: str = REQUESTED
    cid: str = field(default_factory=lambda: secrets.token_hex(16))
    last_execution: float | None = None

    def idle_since(self) -> float:
        """Return since when it had nothing to do."""
        return self.last_execution or self.created


class Crew:
    """The workers of one actor; whoever uses it holds the mailbox's lock.

    Args:
        actor_id: of the actor.
        new_id: names a worker.
        clock: stamps them.
    """

    def __init__(self, actor_id: str, new_id: Callable[[], str], clock: Clock) -> None:
        self._actor_id = actor_id
        self._new_id = new_id
        self._clock = clock
        self._workers: dict[str, Worker] = {}
        self._idle: list[Worker] = []
        self.plan = Plan("", 0, limit=0)

    def __len__(self) -> int:
        """Count those that are not leaving."""
        return sum(w.status != SHUTDOWN_REQUESTED for w in self._workers.values())

    def all(self) -> list[Worker]:
        """Return all workers, the oldest first."""
        return list(self._workers.values())

    def pending(self) -> int:
        """Count those that could take a message, now or soon."""
        return sum(w.status in {REQUESTED, PULLING, READY} for w in self.all())

    def add(self, status: str) -> Worker:
        """Add a worker for the present plan."""
        now = self._clock.now()
        worker = Worker(
            self._new_id(),
            self._actor_id,
            self.plan.image,
            self.plan.revision,
            now,
            now,
            status,
        )
        self._workers[worker.id] = worker
        if status == READY:
            self._idle.append(worker)
        return worker

    def follow(self, plan: Plan) -> None:
        """Let those go that were requested for another revision."""
        lowered = plan.limit < self.plan.limit
        self.plan = plan
        for worker in self.all():
            if worker.revision != plan.revision:
                self.dismiss(worker.id)
        surplus = len(self) - plan.limit if lowered else 0
        for worker in self._newest_idle_first()[: max(0, surplus)]:
            self.dismiss(worker.id)

    def _newest_idle_first(self) -> list[Worker]:
        staying = [w for w in self.all() if w.status != SHUTDOWN_REQUESTED]
        staying.reverse()
        return sorted(staying, key=_is_busy)

    def settle(self, *, ready: bool) -> None:
        """Have those that were requested begin to work, or wait for the image."""
        for worker in self.all():
            if worker.status in {REQUESTED, PULLING}:
                worker.status = READY if ready else PULLING
                if ready:
                    self._idle.append(worker)

    def take(self) -> Worker | None:
        """Return an idle worker, which is busy from now on; None where there is none.

        Without any worker one is added, and so it is where the actor may have more.
        """
        if self.plan.alone and any(w.status in _AT_WORK for w in self.all()):
            return None
        if not self._idle:
            if len(self) >= self._most():
                return None
            self.add(READY)
        worker = self._idle.pop(0)
        worker.status = BUSY
        return worker

    def give_back(self, worker: Worker) -> None:
        """Take a worker back from an execution that ended; it may have to leave."""
        worker.last_execution = self._clock.now()
        if worker.status == SHUTDOWN_REQUESTED:
            self._workers.pop(worker.id, None)
        else:
            worker.status = READY
            self._idle.append(worker)

    def dismiss(self, worker_id: str) -> bool:
        """Let a worker go, a busy one after its execution; false for an unknown one."""
        worker = self._workers.get(worker_id)
        if worker is None:
            return False
        if worker.status in {BUSY, SHUTDOWN_REQUESTED}:
            worker.status = SHUTDOWN_REQUESTED
        else:
            del self._workers[worker_id]
            if worker in self._idle:
                self._idle.remove(worker)
        return True

    def dismiss_all(self) -> None:
        """Let every worker go."""
        for worker in self.all():
            self.dismiss(worker.id)

    def review(self, *, waiting: int) -> None:
        """Do what Abaco's autoscaler and health checks do in one pass.

        Args:
            waiting: how many messages no worker took yet.
        """
        now = self._clock.now()
        for worker in self.all():
            worker.checked = now
            if worker.status == READY and now - worker.idle_since() >= TTL_S:
                self.dismiss(worker.id)
        if waiting:
            if waiting > self.pending() and len(self) < self._most():
                self.add(READY)
        elif self.plan.scales:
            self._shrink(now)

    def _most(self) -> int:
        return self.plan.limit if self.plan.scales else min(1, self.plan.limit)

    def _shrink(self, now: float) -> None:
        leaving = list(self._idle)
        if self.plan.keeps_one and len(leaving) == len(self) and leaving:
            latest = max(leaving, key=Worker.idle_since)
            if now - latest.idle_since() < SYNC_IDLE_S:
                leaving.remove(latest)
        for worker in leaving:
            self.dismiss(worker.id)


def _is_busy(worker: Worker) -> bool:
    return worker.status == BUSY

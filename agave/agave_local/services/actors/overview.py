"""What all actors, workers and executions add up to (spec: Abaco, A.11)."""

from typing import Any

from agave_local.records.store import Document
from agave_local.services.actors.display import Display, http_date
from agave_local.services.actors.engine import Engine
from agave_local.services.actors.executions import Executions
from agave_local.services.actors.registry import Registry
from agave_local.services.actors.workers import BUSY, PULLING, READY, REQUESTED, Worker

_NOTHING = {"count": 0, "cpu": 0, "io": 0, "runtime": 0}
_SUMS = (
    ("totalExecutionCpu", "cpu"),
    ("totalExecutionIo", "io"),
    ("totalExecutionRuntime", "runtime"),
    ("totalExecutions", "count"),
)


class Overview:
    """Counts, for everybody, and summaries for administrators.

    Args:
        registry: of actors.
        executions: of all of them.
        engine: knows the workers.
        display: how records look.
    """

    def __init__(
        self,
        registry: Registry,
        executions: Executions,
        engine: Engine,
        display: Display,
    ) -> None:
        self._registry = registry
        self._executions = executions
        self._engine = engine
        self._display = display

    def utilization(self) -> dict[str, int]:
        """Return how many actors and workers there are; the same in both cases."""
        existing, ever = self._registry.count()
        workers = self._workers()
        return {
            "currentActors": existing,
            "totalActors": ever,
            "workers": len(workers),
            "commandQueue": sum(worker.status == REQUESTED for worker in workers),
        }

    def actors(self) -> list[dict[str, Any]]:
        """Return all actors, with their workers and what their executions add up to."""
        totals = self._executions.totals_of_all()
        return [
            self._actor(actor, totals.get(actor["id"], _NOTHING))
            for actor in self._registry.every()
        ]

    def workers(self) -> dict[str, Any]:
        """Return all workers, and how many of them do what."""
        workers = self._workers()
        staffed = {worker.actor_id for worker in workers}
        states = [worker.status for worker in workers]
        summary = {
            "totalWorkers": len(workers),
            "readyWorkers": states.count(READY),
            "requestedWorkers": states.count(REQUESTED) + states.count(PULLING),
            "errorWorkers": sum(state.startswith("ERROR") for state in states),
            "busyWorkers": states.count(BUSY),
            "actorsNoWorkers": sum(
                actor["id"] not in staffed for actor in self._registry.every()
            ),
        }
        show = self._display.naming.show
        return {
            "summary": show(summary),
            "workers": [self._worker(worker) for worker in workers],
        }

    def executions(self) -> dict[str, Any]:
        """Return what the executions of each actor add up to, and all of them."""
        existing = {actor["id"]: actor for actor in self._registry.every()}
        known = existing | {actor["id"]: actor for actor in self._registry.past()}
        totals = {
            actor_id: sums
            for actor_id, sums in self._executions.totals_of_all().items()
            if actor_id in known
        }
        show = self._display.naming.show
        summary: dict[str, int] = {}
        for suffix, some in (("All", known), ("Existing", existing)):
            chosen = [sums for actor_id, sums in totals.items() if actor_id in some]
            summary[f"totalActors{suffix}"] = len(some)
            summary[f"totalActors{suffix}WithExecutions"] = len(chosen)
            for name, key in _SUMS:
                summary[f"{name}{suffix}"] = sum(sums[key] for sums in chosen)
        return {
            "summary": show(summary),
            "actors": [
                show(_summed(known[actor_id], sums))
                for actor_id, sums in totals.items()
            ],
        }

    def _actor(self, actor: Document, sums: dict[str, int]) -> dict[str, Any]:
        display = self._display
        shown = {
            **display.actor_fields(actor),
            "apiServer": display.base_url,
            "createTime": http_date(actor["created"]),
            "lastUpdateTime": http_date(actor["updated"]),
            "dbId": self._dbid(actor["id"]),
            "tenant": display.code,
            "executions": sums["count"],
            "runtime": sums["runtime"],
            "messages": self._engine.queue_length(actor["id"]),
            "workers": [
                self._line(worker) for worker in self._engine.workers(actor["id"])
            ],
        }
        return display.naming.show(shown, nulls=True)

    def _line(self, worker: Worker) -> dict[str, Any]:
        """Return a worker as Abaco has it in the list of actors, and only there."""
        shown = {
            **self._display.worker_fields(worker),
            "actorId": self._dbid(worker.actor_id),
            "createTime": http_date(worker.created),
            "lastExecutionTime": http_date(worker.last_execution) or 0,
            "lastHealthCheckTime": http_date(worker.checked),
        }
        return self._display.naming.show(shown)

    def _worker(self, worker: Worker) -> dict[str, Any]:
        whose = {
            "actorId": worker.actor_id,
            "actorDbid": self._dbid(worker.actor_id),
        }
        return self._display.worker(worker) | self._display.naming.show(whose)

    def _workers(self) -> list[Worker]:
        workers = [
            worker
            for actor in self._registry.every()
            for worker in self._engine.workers(actor["id"])
        ]
        return sorted(workers, key=lambda worker: worker.created)

    def _dbid(self, actor_id: str) -> str:
        return f"{self._display.code}_{actor_id}"


def _summed(actor: Document, sums: dict[str, int]) -> dict[str, Any]:
    return {
        "actorId": actor["id"],
        "image": actor["image"],
        "owner": actor["owner"],
        **{name: sums[key] for name, key in _SUMS},
    }

"""The records of executions: their messages while they wait, then logs and results.

A message is part of its execution's record, so accepting one is a single write, and
the queue of an actor is what is SUBMITTED.
"""

import base64
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agave_local.clock import Clock
from agave_local.entrance.metrics import Tally
from agave_local.records.conditions import Condition, equal, identified, less
from agave_local.records.store import Document, Store
from agave_local.records.tables import listed, summed, total, total_of_spans, without
from agave_local.services.actors.runner.base import Ending

SUBMITTED, RUNNING, COMPLETE, ERROR = "SUBMITTED", "RUNNING", "COMPLETE", "ERROR"
LOG_EXPIRY_S = 1_209_600
RESULT_EXPIRY_S = 1_200
RESULTS_LIMIT = 256
SHOWN = 1000
PURGED = "The message was purged before a worker took it."
TENANT_DIED = "The tenant ended while this execution was running."

_KIND, _LOG, _RESULT = "actors.execution", "actors.log", "actors.result"
_TOGETHER = 500
_SUMS = ("count", "cpu", "io", "runtime")
_TOTALS = summed(
    total("cpu"), total("io"), total_of_spans("started", "finished"), by="parent"
)


@dataclass(frozen=True)
class Message:
    """What was posted to an actor.

    Attributes:
        text: value of `MSG`; None for a binary message.
        content_type: value of `_abaco_Content_Type`.
        executor: who posted it.
        query: variables from the query.
        visitor: who takes turns with others, where the executor could be anybody.
    """

    text: str | None
    content_type: str
    executor: str
    query: dict[str, str] = field(default_factory=dict)
    visitor: str = ""

    @property
    def turn(self) -> str:
        """Who takes turns with others at the actor."""
        return self.visitor or self.executor


class Executions:
    """All executions of all actors.

    Args:
        store: keeps kinds `actors.execution`, `actors.log` and `actors.result`.
        clock: stamps them.
        folder: of the binary messages that wait.
        told: of each execution that has ended, inside that change.

    Attributes:
        accepted: how many messages were, since the tenant's process began.
        finished: how many executions were.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        folder: Path,
        told: Callable[[Document], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._folder = folder
        self._told = told
        self.accepted, self.finished = Tally(), Tally()

    def accept(self, execution_id: str, actor_id: str, message: Message) -> None:
        """Record a message; from now on nothing but its end removes it."""
        record = {
            "id": execution_id,
            "parent": actor_id,
            "status": SUBMITTED,
            "executor": message.executor,
            "received": self._clock.now(),
            "message": {
                "text": message.text,
                "content_type": message.content_type,
                "query": message.query,
            },
        }
        self._store.insert(_KIND, execution_id, record)
        self.accepted.add()

    def binary(self, execution_id: str) -> Path:
        """Return where the binary message of an execution is, or belongs."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._folder / execution_id

    def begin(self, execution_id: str, worker_id: str) -> Document | None:
        """Mark an execution as running; None where it does not wait any more."""
        with self._store.transaction(durable=False):
            record = self._store.get(_KIND, execution_id)
            if record is None or record["status"] != SUBMITTED:
                return None
            record |= {
                "status": RUNNING,
                "workerId": worker_id,
                "started": self._clock.now(),
            }
            self._store.put(_KIND, execution_id, record)
            return record

    def finish(self, execution_id: str, ending: Ending, log_expiry: int | None) -> None:
        """Record how an execution ended; its message is gone with that."""
        with self._store.transaction(durable=False):
            self._finish(execution_id, ending, log_expiry)
        self._drop_binary([execution_id])

    def finish_all(self, execution_ids: Sequence[str], ending: Ending) -> None:
        """Record that executions ended in the same way, many in one step."""
        for some in _in_batches(execution_ids):
            with self._store.transaction():
                for execution_id in some:
                    self._finish(execution_id, ending, None)
            self._drop_binary(some)

    def _finish(self, execution_id: str, ending: Ending, expiry: int | None) -> None:
        record = self._store.get(_KIND, execution_id)
        if record is None or record["status"] not in {SUBMITTED, RUNNING}:
            return
        record.pop("message", None)
        record |= {
            "status": COMPLETE if ending.error is None else ERROR,
            "finished": self._clock.now(),
            "exitCode": ending.exit_code,
            "cpu": ending.cpu,
            "io": ending.io,
            "error": ending.error,
        }
        if ending.state:
            record["state"] = dict(ending.state)
        self._store.put(_KIND, execution_id, record)
        self.finished.add()
        self._told(record)
        if ending.log:
            self._keep_log(record, ending.log, expiry)

    def _drop_binary(self, execution_ids: Sequence[str]) -> None:
        if self._folder.exists():
            for execution_id in execution_ids:
                (self._folder / execution_id).unlink(missing_ok=True)

    def _keep_log(self, record: Document, log: str, expiry: int | None) -> None:
        expires = self._clock.now() + (LOG_EXPIRY_S if expiry is None else expiry)
        kept = {"id": record["id"], "text": log, "expires": expires}
        self._store.put(_LOG, record["id"], kept)

    def find(self, actor_id: str, execution_id: str) -> Document | None:
        """Return an execution of an actor, or None."""
        record = self._store.get(_KIND, execution_id)
        return None if record is None or record["parent"] != actor_id else record

    def of(self, actor_id: str) -> list[Document]:
        """Return the executions of an actor, oldest first."""
        return self._store.find(_KIND, parent=actor_id)

    def latest(self, actor_id: str, executor: str | None) -> list[Document]:
        """Return the latest executions of an actor, the oldest of them first.

        Args:
            actor_id: of the actor.
            executor: whose executions; everybody's where None.
        """
        which = _those_of(actor_id, executor)
        found = self._store.select(_KIND, which, newest=True, limit=SHOWN)
        return found[::-1]

    def totals(self, actor_id: str, executor: str | None = None) -> dict[str, int]:
        """Return what all executions of an actor add up to.

        Returns:
            `count`, `cpu`, `io` and `runtime`.
        """
        which = _those_of(actor_id, executor)
        rows = self._store.rows(_KIND, _TOTALS, which) or [("", 0, 0, 0, 0)]
        return dict(zip(_SUMS, rows[0][1:], strict=True))

    def totals_of_all(self) -> dict[str, dict[str, int]]:
        """Return what the executions of each actor add up to, by the actor's id."""
        return {
            row[0]: dict(zip(_SUMS, row[1:], strict=True))
            for row in self._store.rows(_KIND, _TOTALS)
        }

    def waiting(self) -> Iterator[tuple[str, str, str]]:
        """Return all executions whose message no worker took yet, oldest first.

        Their messages, which may be large, are left where they are.

        Returns:
            Id, actor's id and executor of each.
        """
        table = listed("parent", "executor")
        yield from self._store.rows(_KIND, table, equal("status", SUBMITTED))

    def interrupted(self) -> list[str]:
        """Return the executions that were running when the tenant ended."""
        rows = self._store.rows(_KIND, listed(), equal("status", RUNNING))
        return [row[0] for row in rows]

    def those(self, condition: Condition) -> dict[str, str]:
        """Return the executions that satisfy a condition, oldest first.

        Returns:
            The id of the actor of each, by its own.
        """
        rows = self._store.rows(_KIND, listed("parent"), condition)
        return {row[0]: row[1] for row in rows}

    def read(self, execution_ids: Sequence[str]) -> Iterator[Document]:
        """Return executions without their messages, which may be large."""
        for some in _in_batches(execution_ids):
            rows = self._store.rows(_KIND, without("message"), identified(some))
            for (body,) in rows:
                yield json.loads(body)

    def logs(self, execution_ids: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Return the logs of executions, one after the other, with their ids."""
        for some in _in_batches(execution_ids):
            kept = self._store.rows(_LOG, listed(), identified(some))
            for (execution_id,) in kept:
                text = self.log(execution_id)
                if text:
                    yield execution_id, text

    def log(self, execution_id: str) -> str:
        """Return the log of an execution that ended, until it expires."""
        kept = self._store.get(_LOG, execution_id)
        if kept is None or kept["expires"] <= self._clock.now():
            return ""
        text: str = kept["text"]
        return text

    def add_result(self, execution_id: str, frame: bytes) -> None:
        """Keep a result frame until it is read."""
        with self._store.transaction(durable=False):
            if self._store.count(_RESULT, parent=execution_id) >= RESULTS_LIMIT:
                return
            identifier = secrets.token_hex(16)
            kept = {
                "id": identifier,
                "parent": execution_id,
                "frame": base64.b64encode(frame).decode(),
                "expires": self._clock.now() + RESULT_EXPIRY_S,
            }
            self._store.insert(_RESULT, identifier, kept)

    def take_result(self, execution_id: str) -> bytes:
        """Return the oldest result frame and forget it; nothing where none is left."""
        which = equal("parent", execution_id)
        with self._store.transaction():
            while found := self._store.select(_RESULT, which, limit=1):
                (kept,) = found
                self._store.delete(_RESULT, kept["id"])
                if kept["expires"] > self._clock.now():
                    return base64.b64decode(kept["frame"])
        return b""

    def forget_logs(self, actor_id: str) -> None:
        """Forget the logs of an actor that is deleted; its executions remain."""
        rows = self._store.rows(_KIND, listed(), equal("parent", actor_id))
        for some in _in_batches([row[0] for row in rows]):
            self._store.discard(_LOG, identified(some))

    def tidy(self) -> None:
        """Forget the logs and results that have expired."""
        for kind in (_LOG, _RESULT):
            self._store.discard(kind, less("expires", self._clock.now()))

    def tidy_binaries(self) -> None:
        """Forget binary messages that nobody waits for, at a tenant's start."""
        for path in self._folder.glob("*"):
            record = self._store.get(_KIND, path.name)
            if record is None or record["status"] != SUBMITTED:
                path.unlink(missing_ok=True)


def _those_of(actor_id: str, executor: str | None) -> Condition:
    which = equal("parent", actor_id)
    return which if executor is None else which & equal("executor", executor)


def _in_batches(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), _TOGETHER):
        yield items[start : start + _TOGETHER]

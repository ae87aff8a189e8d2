"""The records of executions: their messages while they wait, then logs and results.

A message is part of its execution's record, so accepting one is a single write, and
the queue of an actor is what is SUBMITTED.
"""

import base64
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from agave_local.clock import Clock
from agave_local.services.actors.runner.base import Ending
from agave_local.store import Document, Store

SUBMITTED, RUNNING, COMPLETE, ERROR = "SUBMITTED", "RUNNING", "COMPLETE", "ERROR"
LOG_EXPIRY_S = 1_209_600
RESULT_EXPIRY_S = 1_200
RESULTS_LIMIT = 256
PURGED = "The message was purged before a worker took it."
TENANT_DIED = "The tenant ended while this execution was running."

_KIND, _LOG, _RESULT = "actors.execution", "actors.log", "actors.result"


@dataclass(frozen=True)
class Message:
    """What was posted to an actor.

    Attributes:
        text: value of `MSG`; None for a binary message.
        content_type: value of `_abaco_Content_Type`.
        executor: who posted it.
        query: variables from the query.
    """

    text: str | None
    content_type: str
    executor: str
    query: dict[str, str] = field(default_factory=dict)


class Executions:
    """All executions of all actors.

    Args:
        store: keeps kinds `actors.execution`, `actors.log` and `actors.result`.
        clock: stamps them.
        folder: of the binary messages that wait.
    """

    def __init__(self, store: Store, clock: Clock, folder: Path) -> None:
        self._store = store
        self._clock = clock
        self._folder = folder

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

    def binary(self, execution_id: str) -> Path:
        """Return where the binary message of an execution is, or belongs."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._folder / execution_id

    def begin(self, execution_id: str, worker_id: str) -> Document | None:
        """Mark an execution as running; None where it does not wait any more."""
        with self._store.transaction():
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
        now = self._clock.now()
        with self._store.transaction():
            record = self._store.get(_KIND, execution_id)
            if record is None or record["status"] not in {SUBMITTED, RUNNING}:
                return
            record.pop("message", None)
            record |= {
                "status": COMPLETE if ending.error is None else ERROR,
                "finished": now,
                "exitCode": ending.exit_code,
                "cpu": ending.cpu,
                "io": ending.io,
                "error": ending.error,
            }
            self._store.put(_KIND, execution_id, record)
            if ending.log:
                self._keep_log(record, ending.log, log_expiry)
        if self._folder.exists():
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

    def waiting(self) -> list[Document]:
        """Return all executions whose message no worker took yet, oldest first."""
        return self._store.find(_KIND, status=SUBMITTED)

    def interrupted(self) -> list[Document]:
        """Return the executions that were running when the tenant ended."""
        return self._store.find(_KIND, status=RUNNING)

    def log(self, execution_id: str) -> str:
        """Return the log of an execution that ended, until it expires."""
        kept = self._store.get(_LOG, execution_id)
        if kept is None or kept["expires"] <= self._clock.now():
            return ""
        text: str = kept["text"]
        return text

    def add_result(self, execution_id: str, frame: bytes) -> None:
        """Keep a result frame until it is read."""
        with self._store.transaction():
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
        with self._store.transaction():
            for kept in self._store.find(_RESULT, parent=execution_id):
                self._store.delete(_RESULT, kept["id"])
                if kept["expires"] > self._clock.now():
                    return base64.b64decode(kept["frame"])
        return b""

    def forget_logs(self, actor_id: str) -> None:
        """Forget the logs of an actor that is deleted; its executions remain."""
        for record in self.of(actor_id):
            self._store.delete(_LOG, record["id"])

    def tidy(self) -> None:
        """Forget what has expired, and binary messages that nobody waits for."""
        now = self._clock.now()
        with self._store.transaction():
            for kind in (_LOG, _RESULT):
                for kept in self._store.find(kind):
                    if kept["expires"] <= now:
                        self._store.delete(kind, kept["id"])
        waiting = {record["id"] for record in self.waiting()}
        for path in self._folder.glob("*"):
            if path.name not in waiting:
                path.unlink(missing_ok=True)

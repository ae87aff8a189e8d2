"""Brings messages, workers and the runner together.

accept ─▶ mailbox ─▶ worker ─▶ runner.run ─▶ frames, end ─▶ records, waiting callers
   (the caller's thread does all this)      (the runner's thread, then `actors-ends`)
"""

import logging
import queue
import threading
from functools import partial
from typing import TYPE_CHECKING

from agave_local.errors import TooMany
from agave_local.services.actors.description import memory_limit
from agave_local.services.actors.environment import Environments
from agave_local.services.actors.errors import NO_PROCESS, no_actor
from agave_local.services.actors.executions import (
    PURGED,
    TENANT_DIED,
    Executions,
    Message,
)
from agave_local.services.actors.identifiers import ActorIds
from agave_local.services.actors.mailbox import Mailbox
from agave_local.services.actors.registry import ERROR, READY, Registry
from agave_local.services.actors.runner.base import KILLED, Ending, Runner, Task
from agave_local.services.actors.waiters import Waiters
from agave_local.store import Document, Store

WORKERS = 6
SHUTDOWN_S = 20.0
WAITING_LIMIT = 100

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)


class Engine:
    """Runs the messages of all actors; the runner's listener.

    Args:
        store: closed by the engine's own thread at its end.
        registry: of actors.
        executions: their records.
        environments: of executions.
        runner: that runs them.
        ids: names workers.
        may_run: tells whether an actor may have what its image runs.
    """

    def __init__(
        self,
        store: Store,
        *,
        registry: Registry,
        executions: Executions,
        environments: Environments,
        runner: Runner,
        ids: ActorIds,
        may_run: "Callable[[Document], bool]",
    ) -> None:
        self._store = store
        self._registry = registry
        self._executions = executions
        self._environments = environments
        self._runner = runner
        self._ids = ids
        self._may_run = may_run
        self.waiters = Waiters()
        self._lock = threading.Lock()
        self._mailboxes: dict[str, Mailbox] = {}
        self._running: dict[str, str] = {}
        self._doomed: set[str] = set()
        self._news: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Find again what an earlier tenant left, and begin to work."""
        with self._lock:
            self._mailboxes.clear()
        for execution in self._executions.interrupted():
            ending = Ending(KILLED, error=TENANT_DIED)
            self._executions.finish(execution["id"], ending, None)
        self._executions.tidy()
        actors = self._registry.every()
        known = {actor["id"] for actor in actors}
        for execution in self._executions.waiting():
            if execution["parent"] in known:
                mailbox = self._mailbox(execution["parent"])
                mailbox.put(execution["id"], execution["executor"])
            else:
                self._purge([execution["id"]])
        self._thread = threading.Thread(
            target=self._work, name="actors-ends", daemon=True
        )
        self._thread.start()
        self._runner.start(self)
        for actor in actors:
            self.prepare(actor)

    def stop(self) -> None:
        """End what runs; what waits is kept for the next start."""
        if self._thread is None:
            return
        for mailbox in list(self._mailboxes.values()):
            mailbox.serve(is_open=False, limit=0)
        self._runner.stop()
        self.waiters.abandon()
        self._news.put(None)
        self._thread.join()
        self._thread = None

    def prepare(self, actor: Document, *, renew: bool = False) -> None:
        """Have a worker for the actor's present description."""
        is_open = actor["status"] == READY
        self._mailbox(actor["id"]).serve(is_open=is_open, limit=_limit(actor))
        self._deliver(actor["id"])
        self._runner.prepare(actor["image"], renew=renew)

    def accept(self, actor_id: str, execution_id: str, message: Message) -> None:
        """Record a message, and run it as soon as a worker is free.

        Raises:
            NotFound: where the actor is being deleted.
        """
        self._executions.accept(execution_id, actor_id, message)
        if not self._mailbox(actor_id).put(execution_id, message.executor):
            self._purge([execution_id])
            raise no_actor(actor_id)
        self._deliver(actor_id)

    def queue_length(self, actor_id: str) -> int:
        """Count the messages of an actor that no worker took yet."""
        return len(self._mailbox(actor_id))

    def check_bound(self, actor_id: str, executor: str) -> None:
        """Let a message in, where not too many of its executor's wait already.

        Raises:
            TooMany: where they do.
        """
        if self._mailbox(actor_id).count(executor) >= WAITING_LIMIT:
            raise TooMany(
                f"{WAITING_LIMIT} of your messages wait for this actor; "
                "try again when some have run."
            )

    def has_room(
        self, actor_id: str, executor: str, most: int, patience: float
    ) -> bool:
        """Tell whether at most so many of an executor's messages wait, or soon will."""
        return self._mailbox(actor_id).wait_short(executor, most, patience)

    def turn_away(self, actor_id: str) -> None:
        """Refuse those who wait for an actor whose worker could not be started.

        Messages that nobody waits for are kept until there is one.
        """
        actor = self._registry.find(actor_id)
        if actor is None or actor["status"] != ERROR:
            return
        reason = actor["statusMessage"]
        mailbox = self._mailbox(actor_id)
        for execution_id in mailbox.withdraw(self.waiters.__contains__):
            ending = Ending(KILLED, error=reason)
            self._executions.finish(execution_id, ending, None)
            waiter = self.waiters.take(execution_id)
            if waiter is not None:
                waiter.refuse(reason)

    def purge(self, actor_id: str) -> None:
        """Drop the messages of an actor that no worker took yet."""
        self._purge(self._mailbox(actor_id).purge())

    def kill(self, execution_id: str) -> None:
        """End a running execution by force, also one that is only about to start."""
        if execution_id in self._running:
            self._doomed.add(execution_id)
        self._runner.kill(execution_id)

    def log(self, execution_id: str) -> str:
        """Return what a running execution wrote so far."""
        return self._runner.log(execution_id)

    def shut_down(self, actor_id: str) -> bool:
        """End an actor's workers; tell whether all of them ended in time."""
        mailbox = self._mailbox(actor_id)
        waiting, running = mailbox.close()
        self._purge(waiting)
        for execution_id in running:
            self.kill(execution_id)
        return mailbox.wait_idle(SHUTDOWN_S)

    def on_prepared(self, image: str, reason: str | None) -> None:
        """Open the mailboxes of the image's actors, or say why they stay closed."""
        self._news.put(partial(self._judge, image, reason))

    def on_frame(self, execution_id: str, frame: bytes) -> None:
        """Give a frame to the caller who waits for it, or keep it."""
        waiter = self.waiters.take(execution_id)
        if waiter is not None:
            waiter.tell(frame)
        else:
            self._news.put(partial(self._executions.add_result, execution_id, frame))

    def on_end(self, execution_id: str, ending: Ending) -> None:
        """Record the end, and give the worker its next message."""
        self._news.put(partial(self._end, execution_id, ending))

    def _mailbox(self, actor_id: str) -> Mailbox:
        with self._lock:
            mailbox = self._mailboxes.get(actor_id)
            if mailbox is None:
                mailbox = self._mailboxes[actor_id] = Mailbox(0, self._ids.new)
            return mailbox

    def _deliver(self, actor_id: str) -> None:
        mailbox = self._mailbox(actor_id)
        while (taken := mailbox.take()) is not None:
            execution_id, worker_id = taken
            self._running[execution_id] = actor_id
            try:
                self._launch(actor_id, execution_id, worker_id)
            except Exception as error:  # noqa: BLE001 - logged, and the record says so
                _log.exception("execution %s could not be started", execution_id)
                reason = f"Error executing container: {type(error).__name__}"
                self.on_end(execution_id, Ending(KILLED, error=reason))

    def _launch(self, actor_id: str, execution_id: str, worker_id: str) -> None:
        actor = self._registry.find(actor_id)
        execution = self._executions.begin(execution_id, worker_id)
        if actor is None or execution is None:
            self.on_end(execution_id, Ending(KILLED, error=PURGED))
            return
        # The image may have become a process only after the actor was registered.
        if not self._may_run(actor):
            self.on_end(execution_id, Ending(KILLED, error=NO_PROCESS))
            return
        binary = execution["message"]["text"] is None
        task = Task(
            execution_id,
            actor["image"],
            self._environments.of(actor, execution),
            self._executions.binary(execution_id) if binary else None,
            memory_limit(actor["memLimit"]),
        )
        self._runner.run(task)
        if execution_id in self._doomed:
            self._runner.kill(execution_id)

    def _purge(self, execution_ids: list[str]) -> None:
        for execution_id in execution_ids:
            self._executions.finish(execution_id, Ending(KILLED, error=PURGED), None)
            waiter = self.waiters.take(execution_id)
            if waiter is not None:
                waiter.tell(None)

    def _work(self) -> None:
        while (news := self._news.get()) is not None:
            try:
                news()
            except Exception:  # noqa: BLE001 - logged; the next news must not wait
                _log.exception("an execution's news could not be recorded")
        self._store.close()

    def _judge(self, image: str, reason: str | None) -> None:
        for found in self._registry.every(image=image):
            actor = self._registry.judge(found, reason)
            if actor is None or actor["image"] != image:
                continue
            is_open = actor["status"] == READY
            self._mailbox(actor["id"]).serve(is_open=is_open, limit=_limit(actor))
            self._deliver(actor["id"])
            self.turn_away(actor["id"])

    def _end(self, execution_id: str, ending: Ending) -> None:
        actor_id = self._running.pop(execution_id)
        self._doomed.discard(execution_id)
        try:
            actor = self._registry.find(actor_id)
            expiry = None if actor is None else actor["logEx"]
            self._executions.finish(execution_id, ending, expiry)
        finally:
            waiter = self.waiters.take(execution_id)
            if waiter is not None:
                waiter.tell(None, ending.log)
            self._mailbox(actor_id).release(execution_id)
            self._deliver(actor_id)


def _limit(actor: Document) -> int:
    """Return how many workers an actor may have: one where they share a state."""
    if not actor["stateless"]:
        return 1
    return int(actor["maxWorkers"] or WORKERS)

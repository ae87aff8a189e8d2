"""Brings messages, workers and the runner together.

accept ─▶ mailbox ─▶ worker ─▶ runner.run ─▶ frames, end ─▶ records, waiting callers
   (the caller's thread does all this)      (the runner's thread, then `actors-ends`)
"""

import logging
import queue
import threading
from functools import partial
from typing import TYPE_CHECKING

from agave_local.records.store import Document, Store
from agave_local.services.actors.description import memory_limit
from agave_local.services.actors.environment import Environments
from agave_local.services.actors.errors import NO_PROCESS, no_actor
from agave_local.services.actors.executions import (
    PURGED,
    TENANT_DIED,
    Executions,
    Message,
)
from agave_local.services.actors.failures import FAILED, Failures, Turns
from agave_local.services.actors.identifiers import ActorIds
from agave_local.services.actors.mailboxes import Mailboxes
from agave_local.services.actors.registry import (
    ERROR,
    READY,
    SHUTTING_DOWN,
    SPAWNER,
    Registry,
)
from agave_local.services.actors.runner.base import KILLED, Ending, Runner, Task
from agave_local.services.actors.waiters import Waiters
from agave_local.services.actors.workers import Plan, Worker

SHUTDOWN_S = 20.0

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from agave_local.clock import Clock

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
        clock: stamps workers.
        may_run: tells whether an actor may have what its image runs.
        scales: whether workers come and go with the messages.
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
        clock: "Clock",
        may_run: "Callable[[Document], bool]",
        scales: bool = True,
    ) -> None:
        self._store = store
        self._registry = registry
        self._executions = executions
        self._environments = environments
        self._runner = runner
        self._may_run = may_run
        self.waiters = Waiters()
        self._mailboxes = Mailboxes(
            ids,
            clock,
            scales=scales,
            exists=lambda actor_id: registry.find(actor_id) is not None,
        )
        self._running: dict[str, str] = {}
        self._doomed: set[str] = set()
        self._failures = Failures()
        self._retried = Turns()
        self._news: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Find again what an earlier tenant left, and begin to work."""
        self._mailboxes.clear()
        self._failures.clear()
        ending = Ending(KILLED, error=TENANT_DIED)
        self._executions.finish_all(self._executions.interrupted(), ending)
        self._executions.tidy()
        self._executions.tidy_binaries()
        actors = self._registry.every()
        known = {actor["id"] for actor in actors}
        orphans = []
        for execution_id, actor_id, executor in self._executions.waiting():
            if actor_id in known:
                self._mailboxes.of(actor_id).put(execution_id, executor)
            else:
                orphans.append(execution_id)
        self._purge(orphans)
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
        for _, mailbox in self._mailboxes.each():
            mailbox.pause()
        # Before what runs is ended: that end is no answer to anybody.
        self.waiters.abandon()
        self._runner.stop()
        self.waiters.abandon()
        self._news.put(None)
        self._thread.join()
        self._thread = None

    def turning(self, actor_id: str) -> "AbstractContextManager[object]":
        """Have no execution of an actor start while it gets another revision."""
        return self._mailboxes.of(actor_id).turn

    def prepare(self, actor: Document, *, renew: bool = False) -> None:
        """Have a worker for the actor's present description."""
        self._failures.forget(actor["id"])
        self._serve(actor["id"])
        self._deliver(actor["id"])
        self._runner.prepare(actor["image"], renew=renew)

    def accept(self, actor_id: str, execution_id: str, message: Message) -> None:
        """Record a message, and run it as soon as a worker is free.

        Raises:
            NotFound: where the actor is being deleted.
        """
        self._executions.accept(execution_id, actor_id, message)
        if not self.admit(actor_id, execution_id, message.turn):
            raise no_actor(actor_id)

    def admit(self, actor_id: str, execution_id: str, executor: str) -> bool:
        """Have a recorded message run; drop it, and say so, if the actor is going."""
        if not self._mailboxes.of(actor_id).put(execution_id, executor):
            self._purge([execution_id])
            return False
        self._deliver(actor_id)
        return True

    def waiting(self, actor_id: str, executor: str) -> int:
        """Count the messages of one executor that no worker took yet."""
        return self._mailboxes.of(actor_id).count(executor)

    def queue_length(self, actor_id: str) -> int:
        """Count the messages of an actor that no worker took yet."""
        return len(self._mailboxes.of(actor_id))

    def has_room(
        self, actor_id: str, executor: str, most: int, patience: float
    ) -> bool:
        """Tell whether at most so many of an executor's messages wait, or soon will."""
        return self._mailboxes.of(actor_id).wait_short(executor, most, patience)

    def turn_away(self, actor_id: str) -> None:
        """Refuse those who wait for an actor whose worker could not be started.

        Messages that nobody waits for are kept until there is one.
        """
        actor = self._registry.find(actor_id)
        if actor is None or actor["status"] != ERROR:
            return
        reason = actor["statusMessage"]
        mailbox = self._mailboxes.of(actor_id)
        for execution_id in mailbox.withdraw(self.waiters.__contains__):
            ending = Ending(KILLED, error=reason)
            self._executions.finish(execution_id, ending, None)
            waiter = self.waiters.take(execution_id)
            if waiter is not None:
                waiter.refuse(reason)

    def purge(self, actor_id: str) -> None:
        """Drop the messages of an actor that no worker took yet."""
        self._purge(self._mailboxes.of(actor_id).purge())

    def kill(self, execution_id: str) -> None:
        """End a running execution by force, also one that is only about to start."""
        if execution_id in self._running:
            self._doomed.add(execution_id)
            if execution_id not in self._running:  # it has just ended by itself
                self._doomed.discard(execution_id)
        self._runner.kill(execution_id)

    def log(self, execution_id: str) -> str:
        """Return what a running execution wrote so far."""
        return self._runner.log(execution_id)

    def workers(self, actor_id: str) -> list[Worker]:
        """Return the workers of an actor, the oldest first."""
        return self._mailboxes.of(actor_id).workers()

    def staff(self, actor_id: str, number: int) -> tuple[int, int]:
        """Have so many workers at least.

        Returns:
            How many were added, and how many there were.
        """
        staffed = self._mailboxes.of(actor_id).staff(number)
        self._deliver(actor_id)
        return staffed

    def dismiss(self, actor_id: str, worker_id: str) -> bool:
        """Let a worker go, a busy one after its execution; false for an unknown one."""
        return self._mailboxes.of(actor_id).dismiss(worker_id)

    def review(self) -> None:
        """Add and remove workers, as there is work for them."""
        for actor_id, mailbox in self._mailboxes.each():
            mailbox.review()
            self._deliver(actor_id)

    def retry(self) -> None:
        """Look again for the images of actors whose worker could not be started."""
        actors = self._registry.every(status=ERROR)
        lacking = {a["image"] for a in actors if a["statusMessage"].startswith(SPAWNER)}
        for image in self._retried.take(lacking):
            self._runner.prepare(image)

    def shut_down(self, actor_id: str) -> bool:
        """End an actor's workers; tell whether all of them ended in time."""
        mailbox = self._mailboxes.of(actor_id)
        waiting, running = mailbox.close()
        self._purge(waiting)
        for execution_id in running:
            self.kill(execution_id)
        return mailbox.wait_idle(SHUTDOWN_S)

    @property
    def mailboxes(self) -> int:
        """How many actors have a mailbox in memory."""
        return len(self._mailboxes.each())

    def forget(self, actor_id: str) -> None:
        """Keep nothing of an actor whose record is gone."""
        self._mailboxes.forget(actor_id)
        self._failures.forget(actor_id)

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

    def _deliver(self, actor_id: str) -> None:
        mailbox = self._mailboxes.of(actor_id)
        while (taken := mailbox.take()) is not None:
            execution_id, worker = taken
            self._running[execution_id] = actor_id
            try:
                with mailbox.turn:
                    self._launch(actor_id, execution_id, worker)
            except Exception as error:  # noqa: BLE001 - logged, and the record says so
                _log.exception("execution %s could not be started", execution_id)
                reason = f"{FAILED}{type(error).__name__}"
                self.on_end(execution_id, Ending(KILLED, error=reason))

    def _launch(self, actor_id: str, execution_id: str, worker: Worker) -> None:
        actor = self._registry.find(actor_id)
        # Whoever deletes the actor has not seen this worker take the message yet.
        if actor is None or actor["status"] == SHUTTING_DOWN:
            self.on_end(execution_id, Ending(KILLED, error=PURGED))
            return
        if worker.revision != actor["revision"]:
            self._hand_back(actor_id, execution_id)
            return
        execution = self._executions.begin(execution_id, worker.id)
        if execution is None:
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
            actor["maxCpus"],
            privileged=actor["privileged"],
            as_image_user=actor["useContainerUid"],
        )
        self._runner.run(task)
        if execution_id in self._doomed:
            self._runner.kill(execution_id)

    def _hand_back(self, actor_id: str, execution_id: str) -> None:
        del self._running[execution_id]
        if not self._mailboxes.of(actor_id).hand_back(execution_id):
            self._purge([execution_id])
        self._serve(actor_id)

    def _serve(self, actor_id: str, *, request: bool = True) -> None:
        """Have the mailbox follow the actor's record, which is read as it does."""

        def look() -> tuple[Plan, bool] | None:
            actor = self._registry.find(actor_id)
            if actor is None:
                return None
            return self._mailboxes.plan(actor), actor["status"] == READY

        self._mailboxes.of(actor_id).follow(look, request=request)

    def _purge(self, execution_ids: list[str]) -> None:
        self._executions.finish_all(execution_ids, Ending(KILLED, error=PURGED))
        for execution_id in execution_ids:
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
        for found in self._registry.unsettled(image, reason):
            mailbox = self._mailboxes.of(found["id"])
            if reason is None:
                mailbox.warm_up()
            actor = self._registry.judge(found, reason)
            if actor is None or actor["image"] != image:
                continue
            if actor["status"] == READY:
                self._serve(actor["id"], request=found["status"] != READY)
                self._deliver(actor["id"])
            else:
                mailbox.give_up(self._mailboxes.plan(actor))
            self.turn_away(actor["id"])

    def _end(self, execution_id: str, ending: Ending) -> None:
        actor_id = self._running.pop(execution_id)
        self._doomed.discard(execution_id)
        try:
            actor = self._registry.find(actor_id)
            expiry = None if actor is None else actor["logEx"]
            self._executions.finish(execution_id, ending, expiry)
            self._note_failure(actor_id, ending)
        finally:
            waiter = self.waiters.take(execution_id)
            if waiter is not None:
                waiter.tell(None, ending.log)
            self._mailboxes.of(actor_id).release(execution_id)
            self._deliver(actor_id)

    def _note_failure(self, actor_id: str, ending: Ending) -> None:
        """Give an actor up whose containers cannot be started again and again."""
        reason = self._failures.note(actor_id, ending)
        if reason is None:
            return
        actor = self._registry.condemn(actor_id, reason)
        if actor is not None:
            self._mailboxes.of(actor_id).give_up(self._mailboxes.plan(actor))
            self.turn_away(actor_id)

"""The queue of one actor, and the workers that empty it."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable

from agave_local.services.actors.workers import (
    READY,
    REQUESTED,
    SHUTDOWN_REQUESTED,
    Crew,
    Plan,
    Worker,
)


class Mailbox:
    """Executions that wait, and workers, idle or busy with one each.

    The executors take turns, so that nobody waits behind all of another's messages.

    Args:
        crew: its workers.

    Attributes:
        turn: held while one of them starts, and while the actor gets another revision,
            so that none starts as the one with what belongs to the other.
    """

    def __init__(self, crew: Crew) -> None:
        self.turn = threading.RLock()
        self._crew = crew
        self._changed = threading.Condition()
        self._waiting: OrderedDict[str, deque[str]] = OrderedDict()
        self._busy: dict[str, tuple[Worker, str]] = {}
        self._open = False
        self._closed = False

    def __len__(self) -> int:
        """Count the messages that no worker took yet."""
        with self._changed:
            return sum(map(len, self._waiting.values()))

    def count(self, executor: str) -> int:
        """Count the messages of one executor that no worker took yet."""
        with self._changed:
            return len(self._waiting.get(executor, ()))

    def put(self, execution_id: str, executor: str) -> bool:
        """Add an execution to its executor's; false where the actor is going."""
        with self._changed:
            if not self._closed:
                self._waiting.setdefault(executor, deque()).append(execution_id)
            return not self._closed

    def take(self) -> tuple[str, Worker] | None:
        """Give the next executor's oldest execution to a worker.

        None where either is missing.
        """
        with self._changed:
            if not (self._open and self._waiting):
                return None
            worker = self._crew.take()
            if worker is None:
                return None
            executor, queue = self._waiting.popitem(last=False)
            execution_id = queue.popleft()
            if queue:
                self._waiting[executor] = queue
            self._busy[execution_id] = worker, executor
            self._changed.notify_all()
            return execution_id, worker

    def hand_back(self, execution_id: str) -> bool:
        """Put an execution back to the front: its worker is of an old revision.

        False where the actor is going.
        """
        with self._changed:
            worker, executor = self._busy.pop(execution_id)
            worker.status = SHUTDOWN_REQUESTED
            self._crew.give_back(worker)
            if not self._closed:
                self._waiting.setdefault(executor, deque()).appendleft(execution_id)
                self._waiting.move_to_end(executor, last=False)
            self._changed.notify_all()
            return not self._closed

    def release(self, execution_id: str) -> None:
        """Take the worker back from an execution that ended."""
        with self._changed:
            worker, _ = self._busy.pop(execution_id, (None, ""))
            if worker is not None:
                self._crew.give_back(worker)
            self._changed.notify_all()

    def purge(self) -> list[str]:
        """Remove and return all that waits."""
        with self._changed:
            purged = [each for queue in self._waiting.values() for each in queue]
            self._waiting.clear()
            self._changed.notify_all()
            return purged

    def withdraw(self, wanted: Callable[[str], bool]) -> list[str]:
        """Remove and return those that wait and are wanted."""
        with self._changed:
            waiting = list(self._waiting.items())
            withdrawn: list[str] = []
            for executor, queue in waiting:
                left: deque[str] = deque()
                for execution_id in queue:
                    (withdrawn if wanted(execution_id) else left).append(execution_id)
                self._waiting[executor] = left
                if not left:
                    del self._waiting[executor]
            self._changed.notify_all()
            return withdrawn

    def serve(self, plan: Plan, *, is_open: bool, request: bool = True) -> None:
        """Follow an actor's plan; let its workers take messages, or not yet.

        Args:
            plan: of the actor as it is now.
            is_open: whether its image can run.
            request: whether to add a worker where there is none.
        """
        with self._changed:
            if self._closed:
                return
            self._open = is_open
            self._crew.follow(plan)
            if request and not len(self._crew):
                self._crew.add(REQUESTED)
            self._crew.settle(ready=is_open)

    def follow(
        self, look: Callable[[], tuple[Plan, bool] | None], *, request: bool = True
    ) -> None:
        """Serve an actor as its record is now, whoever changed it last.

        Args:
            look: returns its plan and whether its image can run; None where the
                actor is gone. Looked at in turn, so that nobody goes back to what
                somebody else has already replaced.
            request: whether to add a worker where there is none.
        """
        with self._changed:
            found = look()
            if found is not None:
                plan, is_open = found
                self.serve(plan, is_open=is_open, request=request)

    def warm_up(self) -> None:
        """Have the workers that were requested up, before anybody hears of it."""
        with self._changed:
            self._crew.settle(ready=True)

    def give_up(self, plan: Plan) -> None:
        """Let no worker take messages: none can be started."""
        with self._changed:
            self._open = False
            self._crew.follow(plan)
            self._crew.dismiss_all()

    def pause(self) -> None:
        """Let no worker take messages: the tenant stops."""
        with self._changed:
            self._open = False

    def review(self) -> None:
        """Add or remove workers, as there is work for them."""
        with self._changed:
            if self._open:
                self._crew.review(waiting=len(self))

    def workers(self) -> list[Worker]:
        """Return the workers, the oldest first."""
        with self._changed:
            return self._crew.all()

    def staff(self, number: int) -> tuple[int, int]:
        """Have so many workers at least.

        Returns:
            How many were added, and how many there were.
        """
        with self._changed:
            before = len(self._crew)
            missing = 0 if self._closed else max(0, number - before)
            for _ in range(missing):
                self._crew.add(READY if self._open else REQUESTED)
            return missing, before

    def dismiss(self, worker_id: str) -> bool:
        """Let a worker go, a busy one after its execution; false for an unknown one."""
        with self._changed:
            return self._crew.dismiss(worker_id)

    def close(self) -> tuple[list[str], list[str]]:
        """Take no more; return what waited and what runs."""
        with self._changed:
            self._open, self._closed = False, True
            self._crew.dismiss_all()
            return self.purge(), list(self._busy)

    def wait_short(self, executor: str, most: int, timeout: float) -> bool:
        """Wait until at most so many of an executor's wait; tell whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self.count(executor) <= most, timeout)

    def wait_idle(self, timeout: float) -> bool:
        """Wait until nothing runs; tell whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy, timeout)

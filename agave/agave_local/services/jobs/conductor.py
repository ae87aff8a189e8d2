"""The threads of the jobs service: who waits, who runs, who may begin.

add ──▶ workers: Engine.drive ──▶ waiting ──slot──▶ workers: launch ──▶ running
▲                                                     │
└──────────── workers: finish ◀──── the watcher sees an end
"""

import logging
import queue
import threading
import time
from collections.abc import Callable

from agave_local.services.jobs.engine import Engine
from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.quotas import Lane, Quotas, lane_of
from agave_local.services.jobs.states import Status

_log = logging.getLogger(__name__)
LOOK_SECONDS = 0.05
_END_SECONDS = 10.0
_JOIN_SECONDS = 10.0

Task = Callable[[], None]


class Conductor:
    """Runs at most so many jobs at once; the others stay queued.

    Args:
        engine: moves single jobs on.
        quotas: say which of the waiting jobs may run.
        slots: how many may run at once.
        workers: how many are staged, started or archived at once.
    """

    def __init__(
        self, engine: Engine, quotas: Quotas, slots: int, workers: int = 4
    ) -> None:
        self._engine = engine
        self._quotas = quotas
        self._slots = slots
        self._workers = workers
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._waiting: dict[str, Lane] = {}
        self._running: dict[str, Lane] = {}
        self._starting: dict[str, Lane] = {}
        self._driven: set[str] = set()
        self._again: set[str] = set()
        self._lock = threading.Lock()
        self._bell = threading.Event()
        self._stopping = False
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Take up the jobs that an earlier process left, and begin to work."""
        if self._threads:
            return
        self._stopping = False
        for jobs in (self._waiting, self._running, self._starting):
            jobs.clear()
        self._again.clear()
        self._threads = [
            threading.Thread(target=target, name=f"jobs-{number}", daemon=True)
            for number, target in enumerate(
                [self._watch, *[self._work] * self._workers]
            )
        ]
        for job in self._engine.records.not_over():
            self._engine.recover(job)
            if job["status"] == Status.RUNNING:
                with self._lock:
                    self._starting[job["id"]] = lane_of(job)
                self._start(job["id"])
            else:
                self.add(job["id"])
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the running jobs, which fail and say why, and stop working."""
        if not self._threads:
            return
        self._stopping = True
        self._bell.set()
        for _ in range(self._workers):
            self._tasks.put(None)
        for thread in self._threads:
            thread.join(_JOIN_SECONDS)
        self._threads = []
        self._end_all()

    def add(self, job_id: str) -> None:
        """Move a job on as soon as somebody has time."""
        self._tasks.put(lambda: self._drive(job_id))

    def ring(self) -> None:
        """Let the watcher look now."""
        self._bell.set()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            if self._stopping:
                continue  # the next process takes it up
            try:
                task()
            except Exception:  # noqa: BLE001 - a worker outlives any task
                _log.exception("a step of a job failed")
        self._engine.records.close()

    def _watch(self) -> None:
        while not self._stopping:
            self._bell.wait(LOOK_SECONDS if self._running else None)
            self._bell.clear()
            try:
                self._look()
                self._fill()
            except Exception:  # noqa: BLE001 - jobs must go on
                _log.exception("the watcher of the jobs failed")
                time.sleep(1)
        self._engine.records.close()

    def _look(self) -> None:
        """Notice the programs that have ended."""
        for job_id in tuple(self._running):
            control = self._engine.folders(job_id).control
            if self._engine.records.get(job_id) is None:
                self._engine.launcher.end(control)
            ended = self._engine.launcher.look(control)
            if ended is not None:
                with self._lock:
                    self._running.pop(job_id, None)
                self._finish(job_id, ended)

    def _fill(self) -> None:
        """Let waiting jobs run while there are free slots."""
        while True:
            with self._lock:
                job_id = self._next()
                if job_id is None:
                    return
                self._starting[job_id] = self._waiting.pop(job_id)
            if self._engine.begin(job_id):
                self._start(job_id)
            else:
                self._drive(job_id)

    def _next(self) -> str | None:
        """Return the job that is to run next; None while there is none."""
        busy = [*self._running.values(), *self._starting.values()]
        if self._stopping or not self._waiting or len(busy) >= self._slots:
            return None
        return self._quotas.first(self._waiting, busy)

    def _drive(self, job_id: str) -> None:
        """Move a job on; where somebody does already, it is looked at once more."""
        with self._lock:
            self._starting.pop(job_id, None)
            if job_id in self._driven:
                self._again.add(job_id)
                return
            self._driven.add(job_id)
        try:
            job = self._engine.drive(job_id)
        finally:
            with self._lock:
                self._driven.discard(job_id)
                again = job_id in self._again
                self._again.discard(job_id)
        if again:
            self.add(job_id)
        elif job is not None and job["status"] == Status.QUEUED:
            with self._lock:
                self._waiting.setdefault(job_id, lane_of(job))
        self._bell.set()

    def _start(self, job_id: str) -> None:
        self._tasks.put(lambda: self._launch(job_id))

    def _launch(self, job_id: str) -> None:
        job = self._engine.records.get(job_id)
        ended = Exit("ended") if job is None else self._engine.launch(job)
        with self._lock:
            lane = self._starting.pop(job_id, None)
            if ended is None and job is not None:
                self._running[job_id] = lane or lane_of(job)
        self._bell.set()
        if ended is not None:
            self._finish(job_id, ended)

    def _finish(self, job_id: str, ended: Exit) -> None:
        def task() -> None:
            self._engine.finish(job_id, ended)
            self._drive(job_id)

        self._tasks.put(task)

    def _end_all(self) -> None:
        """End what runs; the supervisors force it after their grace."""
        engine = self._engine
        left = {job_id: engine.folders(job_id).control for job_id in self._running}
        for control in left.values():
            engine.launcher.end(control)
        until = time.monotonic() + _END_SECONDS
        while left and time.monotonic() < until:
            for job_id, control in tuple(left.items()):
                ended = engine.launcher.look(control)
                if ended is not None:
                    del left[job_id]
                    engine.finish(job_id, ended, shutdown=ended.reason == "ended")
            time.sleep(LOOK_SECONDS if left else 0)
        self._running.clear()

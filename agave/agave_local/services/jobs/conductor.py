"""The threads of the jobs service: who waits, who runs, who may begin.

add ──▶ workers: Engine.drive ──▶ waiting ──slot──▶ workers: launch ──▶ running
▲                                                     │
└──────────── workers: finish ◀──── the watcher sees an end

Jobs of other machines have workers of their system's own, are dispatched rather than
launched, and are watched by their system's own watcher (`remote/sites.py`).
"""

import logging
import threading
import time
from collections.abc import Callable

from agave_local.records.store import Document
from agave_local.services.jobs.engine import Engine
from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.quotas import Lane, Quotas, lane_of
from agave_local.services.jobs.remote.journey import TryLater
from agave_local.services.jobs.remote.sites import Sites
from agave_local.services.jobs.remote.watch import Pace
from agave_local.services.jobs.schedulers.base import Sight
from agave_local.services.jobs.shells.errors import HostError
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.workers import Task, Workers

_log = logging.getLogger(__name__)
LOOK_SECONDS = 0.05
_END_SECONDS = 10.0
_JOIN_SECONDS = 10.0


class Conductor:
    """Runs at most so many jobs at once; the others stay queued.

    Args:
        engine: moves single jobs on.
        quotas: say which of the waiting jobs may run.
        slots: how many may run at once on this machine.
        workers: how many of them are staged, started or archived at once.
        pace: of the watchers of other machines.
    """

    def __init__(
        self,
        engine: Engine,
        quotas: Quotas,
        slots: int,
        workers: int = 4,
        pace: Pace | None = None,
    ) -> None:
        self._engine = engine
        self._quotas = quotas
        self._slots = slots
        self._workers = Workers("jobs", workers, engine.records.close)
        self._sites = Sites(engine.journey.runner, self, engine.records.close, pace)
        self._waiting: dict[str, Lane] = {}
        self._running: dict[str, Lane] = {}
        self._starting: dict[str, Lane] = {}
        self._away: dict[str, Lane] = {}
        self._driven: set[str] = set()
        self._again: set[str] = set()
        self._lock = threading.Lock()
        self._bell = threading.Event()
        self._stopping = False
        self._watcher: threading.Thread | None = None

    def start(self) -> None:
        """Take up the jobs that an earlier process left, and begin to work."""
        if self._watcher is not None:
            return
        self._stopping = False
        for jobs in (self._waiting, self._running, self._starting, self._away):
            jobs.clear()
        self._again.clear()
        self._sites.start()
        self._take_up()
        self._workers.start()
        self._watcher = threading.Thread(
            target=self._watch, name="jobs-watch", daemon=True
        )
        self._watcher.start()

    def stop(self) -> None:
        """End the running jobs of this machine, which fail and say why; stop working.

        What other machines run goes on; the next process takes it up.
        """
        if self._watcher is None:
            return
        self._stopping = True
        self._bell.set()
        self._workers.end()
        self._sites.stop()
        self._workers.join()
        self._watcher.join(_JOIN_SECONDS)
        self._watcher = None
        self._end_all()

    def add(self, job_id: str) -> None:
        """Move a job on as soon as somebody has time."""
        self._workers_of(job_id).do(lambda: self._drive(job_id))

    def ring(self) -> None:
        """Let the watcher look now."""
        self._bell.set()

    def cancel(self, job: Document) -> None:
        """Ask a running job to end."""
        job_id = job["id"]
        if job.get("remote"):
            self._attempt(job_id, lambda: self._engine.journey.cancel(job_id))
            return
        self._engine.launcher.end(self._engine.folders(job_id).control)
        self.ring()

    def began(self, job_id: str) -> None:
        """Take it that a job on another machine runs."""
        self._engine.journey.forget(job_id)
        self._engine.begin(job_id)

    def waits(self, job_id: str, sight: Sight) -> None:
        """Take it that a job waits at its scheduler."""
        self._engine.journey.note(job_id, sight)

    def ended(self, job_id: str, ended: Exit, why: str) -> None:
        """Take it that a job on another machine is over."""
        self._engine.begin(job_id)
        self._forget(job_id)
        self._finish(job_id, ended, why)

    def is_lost(self, job_id: str, error: HostError) -> bool:
        """Note that a job can't be looked at; tell whether it is to be given up."""
        return self._engine.journey.is_lost(job_id, error)

    def is_seen(self, job_id: str) -> None:
        """Take it that a job can be looked at again."""
        self._engine.journey.is_seen(job_id)

    def _take_up(self) -> None:
        """Find what an earlier process left."""
        trips = {trip.job_id: trip for trip in self._engine.journey.runner.trips.all()}
        for job in self._engine.records.not_over():
            self._engine.recover(job)
            trip = trips.pop(job["id"], None)
            status = Status(job["status"])
            if trip is not None and trip.number and status in _AT_SCHEDULER:
                self._follow(job["id"], lane_of(job))
                if job["stopRequested"]:
                    self.cancel(job)
            elif status is Status.RUNNING:
                with self._lock:
                    self._starting[job["id"]] = lane_of(job)
                self._start(job["id"], lane_of(job))
            else:
                self.add(job["id"])
        for job_id in trips:
            self._tidy(job_id)

    def _workers_of(self, job_id: str) -> Workers:
        """Return who moves a job: its system's own, where it is another machine."""
        job = self._engine.records.get(job_id)
        if job is not None and job.get("remote"):
            return self._sites.of(job["executionSystem"]).workers
        return self._workers

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
                lane = self._starting[job_id] = self._waiting.pop(job_id)
            if lane.is_remote or self._engine.begin(job_id):
                self._start(job_id, lane)
            else:
                self._drive(job_id)

    def _next(self) -> str | None:
        """Return the job that is to run next; None while there is none."""
        if self._stopping or not self._waiting:
            return None
        jobs = (self._running, self._starting, self._away)
        busy = [lane for lanes in jobs for lane in lanes.values()]
        waiting = self._waiting
        if sum(not lane.is_remote for lane in busy) >= self._slots:
            waiting = {job: lane for job, lane in waiting.items() if lane.is_remote}
        return self._quotas.first(waiting, busy)

    def _drive(self, job_id: str) -> None:
        """Move a job on; where somebody does already, it is looked at once more."""
        with self._lock:
            self._starting.pop(job_id, None)
            if job_id in self._driven:
                self._again.add(job_id)
                return
            self._driven.add(job_id)
        job = None
        try:
            job = self._engine.drive(job_id)
        except TryLater as wait:
            self._later(job_id, wait, lambda: self._drive(job_id))
        finally:
            with self._lock:
                self._driven.discard(job_id)
                again = job_id in self._again
                self._again.discard(job_id)
        if again:
            self.add(job_id)
        elif job is not None and job["status"] == Status.QUEUED:
            with self._lock:
                if job_id not in self._away:
                    self._waiting.setdefault(job_id, lane_of(job))
        elif job is None or Status(job["status"]).is_over:
            self._tidy(job_id)
        self._bell.set()

    def _start(self, job_id: str, lane: Lane) -> None:
        if lane.is_remote:
            task = self._sites.of(lane.system).workers
            task.do(lambda: self._dispatch(job_id, lane))
        else:
            self._workers.do(lambda: self._launch(job_id))

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

    def _dispatch(self, job_id: str, lane: Lane) -> None:
        try:
            is_there = self._engine.journey.dispatch(job_id)
        except TryLater as wait:
            self._later(job_id, wait, lambda: self._dispatch(job_id, lane))
            return
        if is_there:
            self._follow(job_id, lane)
        with self._lock:
            self._starting.pop(job_id, None)
        if not is_there:
            self._drive(job_id)
        self._bell.set()

    def _follow(self, job_id: str, lane: Lane) -> None:
        trip = self._engine.journey.runner.trips.get(job_id)
        if trip is not None:
            with self._lock:
                self._away[job_id] = lane
            self._sites.of(lane.system).follow(trip)

    def _forget(self, job_id: str) -> None:
        with self._lock:
            lane = self._away.pop(job_id, None)
            self._waiting.pop(job_id, None)
        self._engine.journey.forget(job_id)
        if lane is not None:
            self._sites.of(lane.system).leave(job_id)
        self._bell.set()

    def _finish(self, job_id: str, ended: Exit, why: str = "") -> None:
        def task() -> None:
            self._engine.finish(job_id, ended, why=why)
            self._drive(job_id)

        self._workers_of(job_id).do(task)

    def _tidy(self, job_id: str) -> None:
        """Leave nothing of a job that is over on another machine."""
        if self._engine.journey.runner.trips.get(job_id) is not None:
            self._forget(job_id)
            self._attempt(job_id, lambda: self._engine.journey.tidy(job_id))

    def _attempt(self, job_id: str, task: Task) -> None:
        """Do a task on a job's other machine, again and again until it is done."""

        def attempt() -> None:
            try:
                task()
            except TryLater as wait:
                self._later(job_id, wait, attempt)

        trip = self._engine.journey.runner.trips.get(job_id)
        if trip is not None:
            self._sites.of(trip.system).workers.do(attempt)

    def _later(self, job_id: str, wait: TryLater, task: Callable[[], None]) -> None:
        trip = self._engine.journey.runner.trips.get(job_id)
        if trip is not None:
            self._sites.of(trip.system).workers.later(wait.seconds, task)
        else:
            self._workers_of(job_id).later(wait.seconds, task)

    def _end_all(self) -> None:
        """End what runs here; the supervisors force it after their grace."""
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


_AT_SCHEDULER = (Status.QUEUED, Status.RUNNING)

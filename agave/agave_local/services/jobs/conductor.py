"""The threads of the jobs service: who waits, who runs, who may begin.

add ──▶ workers: move on ──▶ waiting ──slot──▶ workers: launch ──▶ running
▲                                                     │
└───────────── an end ◀──── the watcher sees it ◀─────┘

Jobs of other machines have workers of their system's own, are dispatched rather than
launched, and are watched by their system's own watcher (`remote/sites.py`).

Whatever happens to a job, it is only noted, and then the job is moved on: by one thread
at a time, and again after a while where that did not succeed.
"""

import logging
import threading
import time
from typing import NamedTuple

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
from agave_local.services.jobs.workers import Workers

_log = logging.getLogger(__name__)
LOOK_SECONDS = 0.05
_END_SECONDS = 10.0
_JOIN_SECONDS = 10.0
_NOBODY = Lane("", "", "")


class End(NamedTuple):
    """How a job's program ended, and what its scheduler says of that."""

    ended: Exit
    why: str = ""


class Conductor:
    """Runs at most so many jobs at once; the others stay queued.

    Args:
        engine: moves single jobs on.
        quotas: say which of the waiting jobs may run.
        slots: how many may run at once on this machine.
        workers: how many of them are staged, started or archived at once.
        pace: of the watchers of other machines, and after a fault of our own.
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
        self._fault_seconds = (pace or Pace()).fault
        self._workers = Workers("jobs", workers, engine.records.close)
        self._sites = Sites(engine.journey.runner, self, engine.records.close, pace)
        self._waiting: dict[str, Lane] = {}
        self._starting: dict[str, Lane] = {}
        self._running: dict[str, Lane] = {}
        self._away: dict[str, Lane] = {}
        self._ends: dict[str, End] = {}
        self._moved: set[str] = set()
        self._again: set[str] = set()
        self._due: dict[str, float] = {}
        self._lock = threading.Lock()
        self._bell = threading.Event()
        self._stopping = False
        self._watcher: threading.Thread | None = None

    def start(self) -> None:
        """Take up the jobs that an earlier process left, and begin to work."""
        if self._watcher is not None:
            return
        self._stopping = False
        for jobs in (self._waiting, self._starting, self._running, self._away):
            jobs.clear()
        for notes in (self._ends, self._moved, self._again, self._due):
            notes.clear()
        self._sites.start()
        self._workers.start()
        self._take_up()
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
        self._do(job_id, self._lane_of(job_id))

    def ring(self) -> None:
        """Let the watcher look now."""
        self._bell.set()

    def cancel(self, job: Document) -> None:
        """Ask a running job to end."""
        job_id = job["id"]
        if job.get("remote"):
            self.add(job_id)
            return
        self._engine.launcher.end(self._engine.folders(job_id).control)
        self.ring()

    def began(self, job_id: str) -> None:
        """Take it that a job on another machine runs."""
        self._engine.journey.forget(job_id)
        self._engine.begin(job_id)

    def waits(self, job_id: str, sight: Sight) -> None:
        """Take it that a job waits at its scheduler."""
        if job_id in self._away:
            self._engine.journey.note(job_id, sight)

    def ended(self, job_id: str, ended: Exit, why: str) -> None:
        """Take it that a job on another machine is over."""
        self._finish(job_id, self._lane_of(job_id), ended, why)
        self._forget(job_id)

    def is_lost(self, job_id: str, error: HostError) -> bool:
        """Note that a job can't be looked at; tell whether it is to be given up."""
        return self._engine.journey.is_lost(job_id, error)

    def is_seen(self, job_id: str) -> None:
        """Take it that a job can be looked at again."""
        self._engine.journey.is_seen(job_id)

    def _take_up(self) -> None:
        """Find what an earlier process left."""
        engine = self._engine
        trips = {trip.job_id: trip for trip in engine.journey.runner.trips.all()}
        for job in engine.records.not_over():
            engine.recover(job)
            job_id, lane = job["id"], lane_of(job)
            trip = trips.pop(job_id, None)
            if trip is not None and trip.number and job["status"] in _AT_SCHEDULER:
                engine.journey.confirm(trip)
                self._follow(job_id, lane)
            elif job["status"] == Status.RUNNING and lane.is_remote:
                self._ends[job_id] = End(Exit("lost"))
            elif job["status"] == Status.RUNNING:
                with self._lock:
                    self._starting[job_id] = lane
            self._do(job_id, lane)
        for job_id in trips:
            self.add(job_id)

    def _watch(self) -> None:
        while not self._stopping:
            self._bell.wait(LOOK_SECONDS if self._running else None)
            self._bell.clear()
            for task in (self._look, self._fill):
                try:
                    task()
                except Exception:  # noqa: BLE001 - jobs must go on
                    _log.exception("the watcher of the jobs failed")
                    time.sleep(self._fault_seconds)
                    self._bell.set()
        self._engine.records.close()

    def _look(self) -> None:
        """Notice the programs that have ended."""
        faults = []
        for job_id in tuple(self._running):
            try:
                self._look_at(job_id)
            except Exception as fault:  # noqa: BLE001 - the others are looked at
                faults.append(fault)
        if faults:
            raise faults[0]

    def _look_at(self, job_id: str) -> None:
        control = self._engine.folders(job_id).control
        if self._engine.records.get(job_id) is None:
            self._engine.launcher.end(control)
        ended = self._engine.launcher.look(control)
        if ended is not None:
            with self._lock:
                lane = self._running.pop(job_id)
            self._finish(job_id, lane, ended)

    def _fill(self) -> None:
        """Let waiting jobs run while there are free slots."""
        while True:
            with self._lock:
                job_id = self._next()
                if job_id is None:
                    return
                lane = self._starting[job_id] = self._waiting.pop(job_id)
            self._do(job_id, lane)

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

    def _lane_of(self, job_id: str) -> Lane:
        job = self._engine.records.get(job_id)
        if job is not None:
            return lane_of(job)
        trip = self._engine.journey.runner.trips.get(job_id)
        return (
            _NOBODY
            if trip is None
            else Lane(trip.system, "", trip.owner, is_remote=True)
        )

    def _workers_of(self, lane: Lane) -> Workers:
        """Return who moves a job: its system's own, where it is another machine."""
        return self._sites.of(lane.system).workers if lane.is_remote else self._workers

    def _do(self, job_id: str, lane: Lane) -> None:
        self._workers_of(lane).do(lambda: self._move(job_id, lane), lane.owner)

    def _later(self, job_id: str, lane: Lane, seconds: float) -> None:
        """Move a job on after a while; there is one such time for each job."""
        due = time.monotonic() + seconds
        with self._lock:
            if self._due.get(job_id, due) < due:
                return
            self._due[job_id] = due

        def move() -> None:
            if self._due.get(job_id) == due:
                self._move(job_id, lane)

        self._workers_of(lane).later(seconds, move, lane.owner)

    def _move(self, job_id: str, lane: Lane) -> None:
        """Move a job on; where somebody does already, it is looked at once more."""
        with self._lock:
            if job_id in self._moved:
                self._again.add(job_id)
                return
            self._moved.add(job_id)
            self._due.pop(job_id, None)
        pause: float | None = self._fault_seconds
        try:
            self._step(job_id, lane)
            pause = None
        except TryLater as wait:
            pause = wait.seconds
        except Exception:  # noqa: BLE001 - it is tried again
            _log.exception("a step of the job %s failed", job_id)
        finally:
            with self._lock:
                self._moved.discard(job_id)
                again = job_id in self._again
                self._again.discard(job_id)
        if again:
            self._do(job_id, lane)
        elif pause is not None:
            self._later(job_id, lane, pause)
        self._bell.set()

    def _step(self, job_id: str, lane: Lane) -> None:
        """Take what was noted of a job, and do what comes next.

        Raises:
            TryLater: its machine has to be asked again.
        """
        engine = self._engine
        end = self._ends.get(job_id)
        if end is not None:
            engine.begin(job_id)
            engine.finish(job_id, end.ended, why=end.why)
            self._ends.pop(job_id, None)
        job = engine.drive(job_id)
        if job is None or Status(job["status"]).is_over:
            self._forget(job_id)
            engine.journey.tidy(job_id)
        elif job["status"] == Status.QUEUED:
            self._begin(job_id, lane_of(job))
        elif job["status"] == Status.RUNNING and not lane.is_remote:
            self._launch(job)
        elif job["stopRequested"]:
            engine.journey.cancel(job_id)

    def _begin(self, job_id: str, lane: Lane) -> None:
        """Let a job wait for its turn, or have it started where it has come."""
        with self._lock:
            if job_id in self._away:
                return
            if job_id not in self._starting:
                self._waiting.setdefault(job_id, lane)
                return
        if lane.is_remote:
            is_there = self._engine.journey.dispatch(job_id)
            if is_there:
                self._follow(job_id, lane)
            with self._lock:
                self._starting.pop(job_id, None)
                if not is_there:
                    self._again.add(job_id)
        else:
            self._engine.begin(job_id)
            with self._lock:
                self._again.add(job_id)

    def _launch(self, job: Document) -> None:
        """Start a job's program on this machine, unless that was done."""
        job_id = job["id"]
        if job_id not in self._starting:
            return
        ended = self._engine.launch(job)
        with self._lock:
            lane = self._starting.pop(job_id)
            if ended is None:
                self._running[job_id] = lane
        if ended is not None:
            self._finish(job_id, lane, ended)

    def _follow(self, job_id: str, lane: Lane) -> None:
        trip = self._engine.journey.runner.trips.get(job_id)
        if trip is not None:
            with self._lock:
                self._away[job_id] = lane
            self._sites.of(lane.system).follow(trip)

    def _forget(self, job_id: str) -> None:
        with self._lock:
            self._waiting.pop(job_id, None)
            self._starting.pop(job_id, None)
            lane = self._away.pop(job_id, None)
        self._engine.journey.forget(job_id)
        if lane is not None:
            self._sites.of(lane.system).leave(job_id)
        self._bell.set()

    def _finish(self, job_id: str, lane: Lane, ended: Exit, why: str = "") -> None:
        self._ends[job_id] = End(ended, why)
        self._do(job_id, lane)

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

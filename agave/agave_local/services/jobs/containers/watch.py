"""The thread that sees jobs' containers to their end, within their limits.

    new ──▶ known ──▶ asked to end ──▶ forced
     └────────┴──────────────┴────────────┴──▶ over: exit.json, then it is removed

The machine itself tells when a container's first process is gone; the engine is asked
then, and otherwise seldom, by one listing for all.  Containers that nobody waits for
any more are removed.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from agave_local.engines.errors import EngineDown, EngineRefused
from agave_local.services.jobs.containers.box import JOB_LABEL, MADE_LABEL, Scope
from agave_local.services.jobs.containers.engine import Boxes, Seen
from agave_local.services.jobs.containers.note import read_note, write_note
from agave_local.services.jobs.containers.watched import Pace, Watched
from agave_local.services.jobs.order import EXIT, Exit, read_exit, write_exit

_log = logging.getLogger(__name__)
# A start takes a few seconds: what is older was left by a tenant that was killed.
_LEFT_BEHIND_SECONDS = 120.0
_MOST_DOUBTS = 20


class Watch:
    """Watches the containers of a tenant's jobs.

    Args:
        engine: that runs them.
        scope: which ones they are.
        pace: how often to look.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        engine: Boxes,
        scope: Scope,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._scope = scope
        self._pace = pace or Pace()
        self._clock = clock
        self._jobs: dict[str, Watched] = {}
        self._lock = threading.Lock()
        self._bell = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_untidy = False
        self._ask_at = self._silent_until = 0.0

    @property
    def is_alive(self) -> bool:
        """Whether the thread has something to do."""
        return self._thread is not None

    def add(self, job: Watched) -> None:
        """Watch a container from now on."""
        with self._lock:
            self._jobs.setdefault(job.control.parent.name, job)
        self._wake()

    def has(self, job_id: str) -> bool:
        """Tell whether a job's container is watched."""
        with self._lock:
            return job_id in self._jobs

    def ask(self, job_id: str, wanted: str) -> bool:
        """Ask a container to end; tell whether it is watched.

        Args:
            job_id: of the job.
            wanted: why.
        """
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None:
                return False
            job.wanted = job.wanted or wanted
        self._wake()
        return True

    def tidy(self) -> None:
        """Remove what an earlier process has left."""
        self._is_untidy = True
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="jobs-containers", daemon=True
                )
                self._thread.start()
        self._bell.set()

    def _run(self) -> None:
        while not self._is_idle():
            self._bell.wait(self._pace.look)
            self._bell.clear()
            try:
                self.step()
            except Exception:  # noqa: BLE001 - jobs must be seen to their end
                _log.exception("the watch over the containers failed")
                self._silent_until = self._clock() + self._pace.ask

    def _is_idle(self) -> bool:
        """Tell whether there is nothing to do; then this thread is nobody's."""
        with self._lock:
            if self._jobs or self._is_untidy:
                return False
            self._thread = None
            return True

    def step(self) -> None:
        """Look at everything once."""
        now = self._clock()
        if now < self._silent_until:
            return
        with self._lock:
            jobs = list(self._jobs.values())
        try:
            for job in jobs:
                self._try_to_look(job)
            self._ask_about_all(jobs)
        except (EngineDown, EngineRefused) as error:
            _log.warning("the container engine: %s", error)
            self._silent_until = self._clock() + self._pace.ask
            self._give_up(jobs)

    def _try_to_look(self, job: Watched) -> None:
        """Look at one container; another one's trouble is not this one's.

        Raises:
            EngineDown: the engine does not answer.
        """
        try:
            self._look(job)
        except EngineRefused as error:
            _log.warning("the container of a job: %s", error)
            self._silent_until = self._clock() + self._pace.ask

    def _look(self, job: Watched) -> None:
        """Look at one container.

        Raises:
            EngineDown: the engine does not answer.
            EngineRefused: it does not understand.
        """
        if not job.is_known or job.seems_over():
            self._inspect(job)
            return
        now = self._clock()
        if job.is_late(now, self._pace.grace):
            job.wanted, job.force_at = job.wanted or "time", min(job.force_at, now)
        elif not job.wanted:
            job.wanted = job.excess(now, self._pace)
        if job.wanted:
            self._end(job, now)

    def _inspect(self, job: Watched) -> None:
        """Ask the engine about one container."""
        seen = self._engine.find(job.container)
        if seen is None:
            self._finish(job, Exit("lost"))
        elif seen.is_new:
            self._start(job)
        elif not seen.is_running:
            self._finish(job, self._to_exit(job, seen))
        elif not job.is_known:
            job.meet(seen, self._clock())
        elif job.seems_over():
            # The engine has not seen it yet; or it is another machine's process.
            job.doubts += 1
            if job.doubts > _MOST_DOUBTS:
                job.first = None

    def _to_exit(self, job: Watched, seen: Seen) -> Exit:
        ended = job.to_exit(seen)
        if ended.reason == "exited" and ended.code:
            is_short = seen.out_of_memory or self._engine.memory_kills(seen.id)
            return Exit("memory", ended.code) if is_short else ended
        return ended

    def _start(self, job: Watched) -> None:
        """Start a container that an engine, or a tenant, has left before that."""
        if job.wanted:
            self._finish(job, Exit(job.wanted))
            return
        try:
            self._engine.start(job.container)
        except EngineRefused as error:
            _log.warning("a job's container does not start: %s", error)
            self._finish(job, Exit("start"))

    def _end(self, job: Watched, now: float) -> None:
        if not job.is_told:
            note = read_note(job.control)
            if note is not None:
                with suppress(OSError):
                    write_note(job.control, replace(note, wanted=job.wanted))
            job.is_told = True
            if job.force_at > now:
                self._engine.signal(job.container, "SIGTERM")
                job.force_at = now + self._pace.grace
        if now >= job.force_at:
            self._engine.signal(job.container, "SIGKILL")
            job.force_at = now + self._pace.ask

    def _finish(self, job: Watched, ended: Exit) -> None:
        """Tell the tenant how a job ended, and remove its container."""
        try:
            write_exit(job.control, ended)
        except FileNotFoundError:
            # The job was deleted, and its folder with it.
            _log.info("the job of container %s is gone", job.container[:12])
        with self._lock:
            self._jobs.pop(job.control.parent.name, None)
        self._remove(job.container)

    def _remove(self, container: str) -> None:
        try:
            self._engine.remove(container)
        except (EngineDown, EngineRefused):
            self._is_untidy = True
            raise

    def _ask_about_all(self, jobs: list[Watched]) -> None:
        """Ask the engine about all containers at once, where it is time for that."""
        now = self._clock()
        hears = all(job.first is not None for job in jobs)
        often = min(self._ask_at, self._ask_at - self._pace.ask + self._pace.ask_often)
        if now < (self._ask_at if hears else often) and not self._is_untidy:
            return
        self._ask_at = now + self._pace.ask
        found = self._engine.labelled(self._scope.label)
        living = {seen.id for seen in found if seen.is_running}
        for job in jobs:
            if job.is_known and job.container not in living and self._is_ours(job):
                self._inspect(job)
        self._is_untidy = False
        for seen in found:
            if self._is_left(seen):
                self._remove(seen.id)

    def _is_ours(self, job: Watched) -> bool:
        with self._lock:
            return self._jobs.get(job.control.parent.name) is job

    def _is_left(self, seen: Seen) -> bool:
        """Tell whether nobody waits for a container."""
        job_id = seen.labels.get(JOB_LABEL, "")
        if self.has(job_id):
            return False
        control = self._scope.root / job_id / "control"
        if not control.is_dir() or (control / EXIT).exists():
            return True
        made = float(seen.labels[MADE_LABEL])
        return seen.is_new and time.time() - made > _LEFT_BEHIND_SECONDS

    def _give_up(self, jobs: list[Watched]) -> None:
        """Give up the jobs that must be over long since."""
        now = self._clock()
        for job in jobs:
            if now > job.until + self._pace.patience and read_exit(job.control) is None:
                with suppress(OSError):
                    write_exit(job.control, Exit("lost"))
                with self._lock:
                    self._jobs.pop(job.control.parent.name, None)
                    self._is_untidy = True

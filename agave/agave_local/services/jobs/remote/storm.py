"""A storm for tests: all that can happen to jobs, in an order that chance chooses.

Users submit, stop and delete; programs begin, end and are lost; the machine is cut off;
the tenant ends, or is killed between any two things that it does.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from agave_local.errors import LocalTenantError, NotFound, Unavailable
from agave_local.events import Event
from agave_local.records.store import Document
from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.remote.journey import Patience
from agave_local.services.jobs.remote.testing import (
    QUICK,
    FakeScheduler,
    wait_until,
)
from agave_local.services.jobs.remote.trips import Trips
from agave_local.services.jobs.shells.errors import HostSilent
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import APP, USER, FakeLauncher
from agave_local.tenant import Tenant

_JOBS = 8


class Killed(SystemExit):
    """The process that did this is no more; its threads end without a word."""


class Life:
    """One process of the tenant, until it is killed.

    Attributes:
        left: how many more things it does; None for any number.
    """

    def __init__(self, left: int | None = None) -> None:
        self.left = left
        self.is_over = False

    def spend(self) -> None:
        """Do one more thing.

        Raises:
            Killed: it does nothing any more.
        """
        if self.left is not None:
            self.left -= 1
            self.is_over |= self.left < 0
        if self.is_over:
            raise Killed


class Mortal:
    """Passes on what a process asks of something that outlives it.

    Args:
        life: of the process.
        real: that something.
    """

    def __init__(self, life: Life, real: Any) -> None:
        self._life = life
        self._real = real

    def __getattr__(self, name: str) -> Any:
        """Return a method that a dead process can't call."""
        method = getattr(self._real, name)

        def call(*args: Any, **more: Any) -> Any:
            if name != "close":
                self._life.spend()
            return method(*args, **more)

        return call

    def open(self, system: Document, owner: str) -> Any:
        """Return a machine, where this is what signs in to them."""
        return Mortal(self._life, self._real.open(system, owner))


class Storm:
    """A tenant, its jobs, and what happens to them.

    Args:
        tenant: keeps the records.
        scheduler: of the other machine.
        patience: with it.
        chance: says what happens.

    Attributes:
        jobs: the service, as it is after the last restart.
        launcher: plays the programs of jobs of this machine.
        ids: of the jobs that were submitted.
        events: how often each was told of each job.
        unseen: what somebody who reads outputs could see first, and then not.
        cuts: how often the machine was cut off.
    """

    def __init__(
        self,
        tenant: Tenant,
        scheduler: FakeScheduler,
        patience: Patience,
        chance: random.Random,
    ) -> None:
        self.tenant = tenant
        self.scheduler = scheduler
        self.events: Counter[tuple[str, str]] = Counter()
        self.launcher = FakeLauncher()
        self.ids: list[str] = []
        self.unseen: list[str] = []
        self.cuts = 0
        self._is_calm = threading.Event()
        self._patience = patience
        self._chance = chance
        self._people = ThreadPoolExecutor(4)
        self._life = Life()
        tenant.events.subscribe(self._note)
        self.jobs = self.start()
        self._reader = threading.Thread(target=self._look_on, daemon=True)
        self._reader.start()

    def start(self, left: int | None = None) -> Jobs:
        """Start the tenant, which may have only so many things left to do."""
        self._life = life = Life(left)
        tenant = self.tenant
        store: Any = Mortal(life, tenant.store)
        opener: Any = Mortal(life, self.scheduler.machine)
        launcher: Any = Mortal(life, self.launcher)
        self.jobs = Jobs(
            store,
            tenant.clock,
            tenant.ids,
            tenant.systems,
            tenant.apps,
            tenant.files,
            tenant.settings,
            events=tenant.events,
            notifications=tenant.notifications,
            outgoing=tenant.outgoing,
            launcher=launcher,
            opener=opener,
            schedulers={"SLURM": self.scheduler},
            pace=QUICK,
            patience=self._patience,
        )
        with suppress(Killed):
            self.jobs.start()
        return self.jobs

    def die_after(self, left: int) -> None:
        """Let the tenant do so many more things, while jobs run; restart it."""
        self._life.left = left
        wait_until(lambda: self._life.is_over or self._play(self.ids))
        self.kill()

    def kill(self) -> None:
        """End the tenant between two things that it does; start another one."""
        self._life.is_over = True
        self._restart()

    def rage(self, steps: int) -> None:
        """Let things happen."""
        for _ in range(steps):
            names = [name for name, weight in _WEATHER for _ in range(weight)]
            getattr(self, f"_{self._chance.choice(names)}")()
            if self._chance.randrange(2):
                time.sleep(self._chance.random() * 0.02)

    def _look_on(self) -> None:
        """Read what jobs make, again and again, as somebody does who looks on."""
        seen: set[str] = set()
        while not self._is_calm.wait(0.002):
            cuts = self.cuts if self.scheduler.machine.trouble is None else -1
            for job_id in list(self.ids):
                try:
                    job = self.jobs.get(USER, job_id)
                except (Killed, NotFound):
                    seen.discard(job_id)
                    continue
                with suppress(Killed, Unavailable):
                    content = self._read(job)
                    if content == job_id.encode():
                        seen.add(job_id)
                    elif job_id in seen and cuts == self.cuts:
                        self.unseen.append(f"{job_id}: {content!r}")

    def _read(self, job: Document) -> bytes:
        try:
            file = self.jobs.outputs.open(job, "result")
        except NotFound:
            return b""
        content = file.read(0, 99)
        file.close()
        return content

    def calm(self) -> None:
        """Let everything come to its end."""
        self.scheduler.machine.trouble = None
        self.scheduler.stubborn = False
        self._people.shutdown()
        until_over = [job for job in self.ids if not self._is_over(job)]
        wait_until(lambda: self._play(until_over))
        wait_until(lambda: not Trips(self.tenant.store).all())

    def end(self) -> None:
        """End the tenant for good."""
        self._is_calm.set()
        self._reader.join()
        self._people.shutdown()
        self._life.left = None
        self.jobs.stop()

    def submit(self) -> str:
        """Submit a job; its owner is told of it."""
        body = {"name": "job", "appId": APP, "archivePath": "anna/out/${JOB_ID}"}
        job_id = str(self.jobs.submit(USER, body)["id"])
        self.ids.append(job_id)
        return job_id

    def statuses(self, job_id: str) -> list[Status]:
        """Return the states that a job has been in, each change once."""
        job = self.tenant.store.get("job", job_id) or {"history": []}
        found = [Status(event["status"]) for event in job["history"]]
        return [
            one
            for before, one in zip([None, *found], found, strict=False)
            if one is not before
        ]

    def _play(self, job_ids: list[str]) -> bool:
        for job_id in self.scheduler.alive():
            if job_id in job_ids:
                self._run(job_id, Exit("exited", 0))
        for job_id, order in list(self.launcher.orders.items()):
            if job_id not in self.launcher.ends:
                Path(order.work, "result").write_text(job_id, encoding="utf-8")
                self.launcher.ends[job_id] = Exit("exited", 0)
        return all(map(self._is_over, job_ids))

    def _is_over(self, job_id: str) -> bool:
        job = self.tenant.store.get("job", job_id)
        return job is not None and Status(job["status"]).is_over

    def _note(self, event: Event) -> None:
        self.events[event.uuid, event.name] += 1

    def _pick(self, ids: list[str]) -> Iterator[str]:
        if ids:
            yield self._chance.choice(ids)

    def _submit(self) -> None:
        if len(self.ids) < _JOBS:
            with suppress(Killed):
                self.submit()

    def _run(self, job_id: str, ended: Exit | None = None) -> None:
        """Begin a job, and end it; it may be cancelled meanwhile."""
        try:
            self.scheduler.begin(job_id)
            result = self.scheduler.work(job_id) / "result"
            if not result.exists():
                result.write_text(job_id, encoding="utf-8")
            if ended is not None:
                self.scheduler.finish(job_id, ended)
        except FileNotFoundError:
            if job_id in self.scheduler.alive():
                raise

    def _begin(self) -> None:
        for job_id in self._pick(self.scheduler.alive()):
            self._run(job_id)

    def _finish(self) -> None:
        for job_id in self._pick(self.scheduler.alive()):
            self._run(job_id, Exit("exited", self._chance.choice((0, 0, 0, 3))))

    def _lose(self) -> None:
        for job_id in self._pick(self.scheduler.alive()):
            self.scheduler.lose(job_id)

    def _stop(self) -> None:
        for job_id in self._pick(self.ids):
            self._people.submit(self._ask, self.jobs.end, job_id)

    def _hide(self) -> None:
        for job_id in self._pick(self.ids):
            self._people.submit(self._ask, self.jobs.hide, job_id)

    def _ask(self, what: Any, job_id: str) -> None:
        with suppress(Killed, LocalTenantError):
            what(USER, job_id)

    def _cut(self) -> None:
        self.cuts += 1
        self.scheduler.machine.trouble = HostSilent("It does not answer.")

    def _mend(self) -> None:
        self.scheduler.machine.trouble = None

    def _deafen(self) -> None:
        self.scheduler.stubborn = not self.scheduler.stubborn

    def _restart(self) -> None:
        with suppress(Killed):
            self.jobs.stop()
        self.start()

    def _kill(self) -> None:
        self.kill()


_WEATHER = (
    ("submit", 10),
    ("begin", 8),
    ("finish", 8),
    ("lose", 1),
    ("stop", 3),
    ("hide", 2),
    ("cut", 2),
    ("mend", 4),
    ("deafen", 1),
    ("restart", 1),
    ("kill", 2),
)

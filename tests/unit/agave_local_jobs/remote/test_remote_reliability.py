"""What a machine does costs no other jobs, no threads, and nothing that a job made."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.remote.testing import (
    PATIENT,
    QUICK,
    FakeScheduler,
    Machine,
    wait_until,
)
from agave_local.services.jobs.remote.trips import Trip, Trips
from agave_local.services.jobs.remote.watch import Pace, Watch
from agave_local.services.jobs.schedulers.base import Run, Sight, State
from agave_local.services.jobs.shells.base import Shell
from agave_local.services.jobs.shells.errors import HostDenied, HostError, HostSilent
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import (
    EXECUTION,
    USER,
    FakeLauncher,
    Stage,
    wait_for,
)
from agave_local.tenant import Tenant

SILENT = HostSilent("It does not answer.")


class HangingMachine(Machine):
    """A machine that answers when the test lets it.

    Attributes:
        answers: set while it does.
        asked: how often it was asked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.answers = threading.Event()
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        """Do what a shell does, some time."""
        self.asked += 1
        self.answers.wait(30)
        return super().__getattr__(name)


class SlowScheduler(FakeScheduler):
    """A scheduler that takes a run only when the test lets it.

    Attributes:
        lets: set when it does.
        asked: set when it was asked to.
    """

    def __init__(self, base: Path) -> None:
        super().__init__(base)
        self.lets = threading.Event()
        self.asked = threading.Event()

    def submit(self, shell: Shell, run: Run) -> str:
        """Take a run, some time."""
        self.asked.set()
        self.lets.wait(30)
        return super().submit(shell, run)


def test_stop_while_it_is_submitted(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
) -> None:
    """What the scheduler takes after the stop is cancelled, and nothing stays."""
    slow = SlowScheduler(scheduler.base)
    remote = make_remote(opener=slow.machine, schedulers={"SLURM": slow})
    job_id = stage.submit(remote)
    slow.asked.wait(5)
    assert remote.end(USER, job_id)["status"] == Status.STOPPED
    time.sleep(0.05)
    slow.lets.set()

    wait_until(lambda: not Trips(tenant.store).all())

    assert slow.cancelled
    assert slow.alive() == []
    assert slow.files() == []


def test_stop_while_it_is_copied(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
) -> None:
    """A job that is stopped while it is sent is not even submitted."""
    machine = HangingMachine()
    remote = make_remote(opener=machine)
    job_id = stage.submit(remote)
    wait_until(lambda: machine.asked)
    assert remote.end(USER, job_id)["status"] == Status.STOPPED
    machine.answers.set()

    wait_until(lambda: not Trips(tenant.store).all())

    assert scheduler.runs == {}
    assert scheduler.files() == []


def test_machine_that_hangs(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    launcher: FakeLauncher,
    system: Callable[..., None],
) -> None:
    """Jobs of this machine go on, and a few threads are all it costs."""
    machine = HangingMachine()
    remote = make_remote(opener=machine, pace=QUICK)
    before = threading.active_count()
    away = [stage.submit(remote) for _ in range(20)]
    wait_until(lambda: machine.asked)
    system(scheduler="FORK", login={"host": "localhost", "protocol": "LOCAL"})

    here = stage.submit(remote)
    stage.order(here)
    launcher.ends[here] = Exit("exited", 0)

    assert wait_for(tenant, here)["status"] == Status.FINISHED
    assert threading.active_count() - before <= 10
    assert {remote.get(USER, job_id)["status"] for job_id in away[:3]} == {"QUEUED"}
    machine.answers.set()


def test_jobs_that_wait_for_a_machine_cost_no_threads(
    stage: Stage,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
) -> None:
    """However many there are, a few threads ask again."""
    remote = make_remote(patience=PATIENT)
    scheduler.machine.trouble = SILENT
    before = threading.active_count()
    ids = [stage.submit(remote) for _ in range(40)]
    wait_until(lambda: all(remote.get(USER, job_id).get("trouble") for job_id in ids))

    assert threading.active_count() - before <= 10
    scheduler.machine.trouble = None


def test_stop_that_is_asked_for_many_times(
    stage: Stage,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
) -> None:
    """Impatience does not make the machine be asked more and more often."""
    remote = make_remote(patience=PATIENT)
    job_id = stage.submit(remote)
    scheduler.begin(job_id)
    wait_until(lambda: remote.get(USER, job_id)["status"] == Status.RUNNING)
    scheduler.stubborn = True
    before = threading.active_count()
    asking = [
        threading.Thread(target=remote.end, args=(USER, job_id)) for _ in range(20)
    ]
    for one in asking:
        one.start()
    wait_until(lambda: scheduler.cancelled)
    for one in asking:
        one.join()
    asked = len(scheduler.cancelled)
    time.sleep(0.3)

    assert len(scheduler.cancelled) == asked
    assert threading.active_count() - before <= 5
    scheduler.finish(job_id)
    wait_until(lambda: remote.get(USER, job_id)["status"] == Status.STOPPED)


def test_outputs_of_a_job_that_was_given_up(
    stage: Stage,
    tenant: Tenant,
    remote: Jobs,
    scheduler: FakeScheduler,
) -> None:
    """They are fetched when the machine comes back, before they are removed there."""
    job_id = stage.submit(remote)
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    (scheduler.work(job_id) / "result").write_text("42", encoding="utf-8")
    scheduler.machine.trouble = SILENT
    assert wait_for(tenant, job_id)["status"] == Status.FAILED
    scheduler.machine.trouble = None

    wait_until(lambda: not Trips(tenant.store).all())

    assert scheduler.alive() == []
    assert scheduler.files() == []
    job = remote.get(USER, job_id)
    assert remote.outputs.open(job, "result").read(0, 9) == b"42"


def test_machine_that_lets_nobody_in_for_a_while(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
) -> None:
    """A stopped job is not left at its scheduler because a key was wrong just then."""
    remote = make_remote(patience=PATIENT)
    job_id = stage.submit(remote)
    number = scheduler.number_of(job_id)
    wait_until(lambda: remote.get(USER, job_id)["submitTime"])
    scheduler.machine.trouble = HostDenied("The system lets nobody in.")
    remote.end(USER, job_id)
    time.sleep(0.1)
    scheduler.machine.trouble = None

    wait_until(lambda: not Trips(tenant.store).all())

    assert number in scheduler.cancelled
    assert scheduler.files() == []


def test_reader_of_a_file_that_is_fetched_meanwhile(
    stage: Stage,
    tenant: Tenant,
    remote: Jobs,
    scheduler: FakeScheduler,
    home: Path,
) -> None:
    """Who opened it on the machine reads on in the archive; so who looks too late."""
    job_id = stage.submit(remote)
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    (scheduler.work(job_id) / "result").write_text("1234", encoding="utf-8")
    before = remote.get(USER, job_id)
    file = remote.outputs.open(before, "result")
    assert file.read(0, 2) == b"12"
    scheduler.finish(job_id)
    wait_for(tenant, job_id)
    wait_until(lambda: not Trips(tenant.store).all())

    assert file.read(2, 2) == b"34"
    file.close()
    assert remote.outputs.open(before, "result").read(0, 4) == b"1234"
    names = [item["name"] for item in remote.outputs.list(before, "", 9, 0)]
    assert "result" in names
    assert (home / "out" / "result").exists()


def test_trouble_of_an_earlier_process(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
) -> None:
    """A machine that was silent before a restart has all patience again."""
    first = make_remote(patience=PATIENT)
    job_id = stage.submit(first)
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    scheduler.machine.trouble = SILENT
    wait_until(lambda: first.get(USER, job_id).get("troubleSince"))
    first.stop()
    scheduler.machine.trouble = None

    second = make_remote(patience=PATIENT)

    wait_until(lambda: second.get(USER, job_id)["troubleSince"] is None)
    scheduler.finish(job_id)
    assert wait_for(tenant, job_id)["status"] == Status.FINISHED


def test_job_that_runs_nowhere(
    stage: Stage, tenant: Tenant, make_remote: Callable[..., Jobs]
) -> None:
    """A job that runs, of which nobody knows where, does not run for ever."""
    first = make_remote()
    first.stop()
    job_id = stage.submit(first)
    tenant.store.update("job", job_id, lambda job: {**job, "status": Status.RUNNING})

    make_remote()

    job = wait_for(tenant, job_id)
    assert job["status"] == Status.FAILED
    assert "supervisor is gone" in job["message"]


@pytest.mark.parametrize("alive", [True, False])
def test_stop_that_could_not_be_carried_out_for_days(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
    *,
    alive: bool,
) -> None:
    """The next process has all patience again, and ends what still runs."""
    first = make_remote()
    job_id = stage.submit(first)
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    first.stop()
    if not alive:
        scheduler.lose(job_id)
    tenant.store.update(
        "job", job_id, lambda job: {**job, "status": Status.STOPPED, "endTime": 1.0}
    )

    make_remote(patience=PATIENT)

    wait_until(lambda: not Trips(tenant.store).all())
    assert bool(scheduler.cancelled) is alive
    assert scheduler.alive() == []
    assert scheduler.files() == []


def test_shut_down_beside_a_machine_that_hangs(
    stage: Stage, make_remote: Callable[..., Jobs]
) -> None:
    """The tenant ends in seconds, whatever it was waiting for."""
    machine = HangingMachine()
    remote = make_remote(opener=machine, pace=replace(QUICK, end=0.2))
    stage.submit(remote)
    wait_until(lambda: machine.asked)
    began = time.monotonic()

    remote.stop()

    assert time.monotonic() - began < 3
    machine.answers.set()


class Listener:
    """Notes what a watch tells."""

    def __init__(self) -> None:
        self.over: list[str] = []

    def began(self, job_id: str) -> None:
        """Take no notice."""

    def waits(self, job_id: str, sight: Sight) -> None:
        """Take no notice."""

    def ended(self, job_id: str, ended: Exit, why: str) -> None:
        """Note it."""
        del ended, why
        self.over.append(job_id)

    def is_lost(self, job_id: str, error: HostError) -> bool:
        """Never give up."""
        del job_id, error
        return False

    def is_seen(self, job_id: str) -> None:
        """Take no notice."""


class CountingScheduler(FakeScheduler):
    """Counts how often it is asked."""

    def __init__(self, base: Path) -> None:
        super().__init__(base)
        self.asked = 0

    def look(self, shell: Shell, numbers: Collection[str]) -> Mapping[str, Sight]:
        """Say what was set."""
        self.asked += 1
        return super().look(shell, numbers)


class Now:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.seconds


@pytest.fixture(name="watched")
def _watched(
    tenant: Tenant, scheduler: FakeScheduler, make_remote: Callable[..., Jobs]
) -> tuple[Watch, Listener, CountingScheduler, Now]:
    counting = CountingScheduler(scheduler.base)
    jobs: Any = make_remote(opener=counting.machine, schedulers={"SLURM": counting})
    jobs.stop()
    runner = jobs._engine.journey.runner
    told, now = Listener(), Now()
    assert tenant.store.get("system", EXECUTION)
    return Watch(runner, told, now, Pace()), told, counting, now


def _trip(scheduler: FakeScheduler, number: str) -> Trip:
    return Trip(f"job-{number}", EXECUTION, "anna", str(scheduler.base), "x", number)


def test_news_that_never_end(
    watched: tuple[Watch, Listener, CountingScheduler, Now],
) -> None:
    """Jobs that come one after another do not keep the scheduler from being asked."""
    watch, told, scheduler, now = watched
    scheduler.sights["1"] = Sight(State.GONE, exit=Exit("time", 143))
    trips = {"job-1": _trip(scheduler, "1")}

    for number in range(2, 12):
        now.seconds += 1
        job_id = f"job-{number}"
        scheduler.sights[str(number)] = Sight(State.WAITING)
        trips[job_id] = _trip(scheduler, str(number))
        watch.hurry()
        watch.look(trips)

    assert told.over[0] == "job-1"
    assert 2 <= scheduler.asked <= 6


def test_job_that_was_forgotten_for_a_moment(
    watched: tuple[Watch, Listener, CountingScheduler, Now],
) -> None:
    """A scheduler that forgets a job again later is given the whole time again."""
    watch, told, scheduler, now = watched
    trips = {"job-1": _trip(scheduler, "1")}
    for state, seconds in (
        (State.GONE, 3),
        (State.RUNNING, 3),
        (State.GONE, 30),
    ):
        scheduler.sights["1"] = Sight(state)
        now.seconds += seconds
        watch.look(trips)
        assert told.over == []

    for _ in range(20):
        now.seconds += 1
        watch.look(trips)

    assert set(told.over) == {"job-1"}

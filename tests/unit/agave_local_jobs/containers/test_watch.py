"""What the watch over containers does, step by step, with a clock of the test's."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from agave_local.engines.errors import EngineDown, EngineRefused
from agave_local.services.jobs.containers.box import (
    JOB_LABEL,
    MADE_LABEL,
    SCOPE_LABEL,
    Scope,
)
from agave_local.services.jobs.containers.engine import Seen
from agave_local.services.jobs.containers.note import Note, read_note, write_note
from agave_local.services.jobs.containers.testing import FakeEngine
from agave_local.services.jobs.containers.watch import Watch
from agave_local.services.jobs.containers.watched import Pace, Watched
from agave_local.services.jobs.order import Exit, Order, read_exit

# Nothing but the test's own steps: the thread never gets to look.
PACE = Pace(look=3600.0)
HERE = os.getpid()


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


class Still(Watch):
    """A watch whose steps the test takes."""

    def _wake(self) -> None:
        """Start no thread."""


@pytest.fixture(name="clock")
def _clock() -> Clock:
    return Clock()


@pytest.fixture(name="watch")
def _watch(engine: FakeEngine, root: Path, clock: Clock) -> Watch:
    return Still(engine, Scope(root), PACE, clock)


@pytest.fixture(name="scope")
def _scope(root: Path) -> Scope:
    return Scope(root)


@pytest.fixture(name="job")
def _job(
    engine: FakeEngine, watch: Watch, control: Path, order: Order, scope: Scope
) -> Watched:
    """Watch a container that runs, as this very process."""
    labels = {SCOPE_LABEL: scope.id, JOB_LABEL: "job-1", MADE_LABEL: "0.0"}
    engine.containers["c"] = Seen("c", "running", labels, pid=HERE)
    write_note(control, Note("c", engine.url))
    job = Watched(control, order, "c")
    watch.add(job)
    watch.step()
    return job


def test_engine_is_seldom_asked(
    engine: FakeEngine, watch: Watch, clock: Clock, job: Watched
) -> None:
    """While this machine shows that a job runs, one listing in a while is enough."""
    assert job.is_known
    engine.asked.clear()
    for _ in range(100):
        clock.now += 0.05
        watch.step()

    assert 2 <= engine.asked.count("labelled") <= 3
    assert set(engine.asked) == {"labelled"}


def test_end_that_this_machine_shows(
    engine: FakeEngine, watch: Watch, job: Watched, control: Path
) -> None:
    """A job whose first process is gone is over at the next look."""
    job.first = {"pid": 2**22 + 1, "started": "never/0"}
    engine.change("c", status="exited", code=3)

    watch.step()

    assert read_exit(control) == Exit("exited", 3)
    assert engine.containers == {}
    assert not watch.has("job-1")


def test_end_that_only_the_engine_shows(
    engine: FakeEngine, watch: Watch, clock: Clock, job: Watched, control: Path
) -> None:
    """Where processes can't be seen, the listing tells, and it is asked for sooner."""
    job.first = None
    engine.change("c", status="exited", code=0)
    clock.now += PACE.ask_often

    watch.step()

    assert read_exit(control) == Exit("exited", 0)


def test_other_process_of_that_number(
    engine: FakeEngine, watch: Watch, job: Watched
) -> None:
    """A process that is gone while the container runs was none of its."""
    job.first = {"pid": 2**22 + 1, "started": "never/0"}
    for _ in range(30):
        watch.step()
    engine.asked.clear()

    watch.step()

    assert engine.asked == []
    assert not job.seems_over()


def test_end_asked_for(
    engine: FakeEngine, watch: Watch, clock: Clock, job: Watched, control: Path
) -> None:
    """A job is asked to end once, and forced after its grace; that is remembered."""
    assert watch.ask("job-1", "ended")
    for _ in range(3):
        watch.step()
    assert engine.signals == [("c", "SIGTERM")]
    assert read_note(control) == Note("c", engine.url, "ended")

    clock.now += PACE.grace
    watch.step()
    watch.step()
    assert engine.signals[1:] == [("c", "SIGKILL")]
    engine.change("c", status="exited", code=137)
    clock.now += PACE.ask
    watch.step()

    assert read_exit(control) == Exit("ended", 137)
    assert not watch.ask("job-1", "ended")
    assert job.wanted == "ended"


def test_first_reason_counts(watch: Watch, job: Watched) -> None:
    """A job that has to end anyhow keeps that reason."""
    watch.ask("job-1", "bytes")
    watch.ask("job-1", "ended")

    assert job.wanted == "bytes"


def test_job_that_does_not_end_in_time(
    engine: FakeEngine, watch: Watch, clock: Clock, job: Watched
) -> None:
    """What has its own clock stopped is forced to end, a moment after its time."""
    clock.now += 60 + PACE.grace + 1
    watch.step()
    assert engine.signals == []
    clock.now += 2

    watch.step()

    assert engine.signals == [("c", "SIGKILL")]
    assert job.wanted == "time"


@pytest.mark.parametrize(
    ("code", "seconds", "expected"),
    [
        (124, 60.2, Exit("time", None)),
        (137, 65.2, Exit("time", 137)),
        (124, 5.0, Exit("exited", 124)),
        (137, 5.0, Exit("exited", 137)),
        (0, 61.0, Exit("exited", 0)),
    ],
)
def test_time_that_the_container_kept(
    engine: FakeEngine,
    watch: Watch,
    job: Watched,
    control: Path,
    *,
    code: int,
    seconds: float,
    expected: Exit,
) -> None:
    """A job's time is what the engine tells, not what a program's exit code says."""
    job.first = {"pid": 2**22 + 1, "started": "never/0"}
    engine.change("c", status="exited", code=code, seconds=seconds)

    watch.step()

    assert read_exit(control) == expected


@pytest.mark.parametrize("flagged", [False, True])
def test_memory(
    engine: FakeEngine, watch: Watch, job: Watched, control: Path, *, flagged: bool
) -> None:
    """Want of memory is told by the engine, or by the container itself."""
    job.first = {"pid": 2**22 + 1, "started": "never/0"}
    engine.kills = 0 if flagged else 2
    engine.change("c", status="exited", code=1, out_of_memory=flagged)

    watch.step()

    assert read_exit(control) == Exit("memory", 1)


def test_too_many_bytes(
    watch: Watch, clock: Clock, job: Watched, control: Path
) -> None:
    """A job that writes more than it may has to end."""
    job.order = replace(job.order, total_bytes=4096)
    (control.parent / "work" / "large").write_bytes(b"x" * 100_000)
    clock.now += PACE.measure

    watch.step()

    assert job.wanted == "bytes"


def test_too_many_processes(watch: Watch, clock: Clock, job: Watched) -> None:
    """A job that has more processes than it may has to end."""
    job.order = replace(job.order, processes=-1)
    clock.now += PACE.measure

    watch.step()

    assert job.wanted == "processes"


def test_container_is_gone(
    engine: FakeEngine, watch: Watch, clock: Clock, job: Watched, control: Path
) -> None:
    """A job whose container somebody has removed is lost."""
    assert watch.has(job.control.parent.name)
    engine.containers.clear()
    clock.now += PACE.ask

    watch.step()

    assert read_exit(control) == Exit("lost")


def test_container_that_was_not_started(
    engine: FakeEngine, watch: Watch, control: Path, order: Order
) -> None:
    """What an engine did not answer to is started by the watch."""
    engine.containers["c"] = Seen("c", "created")
    watch.add(Watched(control, order, "c"))

    watch.step()

    assert engine.containers["c"].is_running
    assert read_exit(control) is None


def test_container_that_does_not_start(
    engine: FakeEngine, watch: Watch, control: Path, order: Order
) -> None:
    """An engine that refuses to start it says that the job did not begin."""
    engine.containers["c"] = Seen("c", "created")
    engine.faults["start"] = EngineRefused("no such program")
    watch.add(Watched(control, order, "c"))

    watch.step()

    assert read_exit(control) == Exit("start")
    assert engine.containers == {}


def test_end_before_the_start(
    engine: FakeEngine, watch: Watch, control: Path, order: Order
) -> None:
    """A job that is to end before it was started never is."""
    engine.containers["c"] = Seen("c", "created")
    watch.add(Watched(control, order, "c", "ended"))

    watch.step()

    assert read_exit(control) == Exit("ended")
    assert "start" not in engine.asked


def test_engine_is_away_for_a_while(
    engine: FakeEngine, watch: Watch, clock: Clock, job: Watched, control: Path
) -> None:
    """A silent engine is asked now and then; jobs go on, and their ends are seen."""
    job.first = {"pid": 2**22 + 1, "started": "never/0"}
    engine.change("c", status="exited", code=0)
    engine.faults["any"] = EngineDown("away")
    engine.asked.clear()
    for _ in range(100):
        clock.now += 0.05
        watch.step()
    assert len(engine.asked) <= 3
    assert read_exit(control) is None

    engine.faults.clear()
    clock.now += PACE.ask
    watch.step()

    assert read_exit(control) == Exit("exited", 0)


def test_engine_stays_away(
    engine: FakeEngine, watch: Watch, clock: Clock, job: Watched, control: Path
) -> None:
    """A job that must be over long since is given up; its container goes later."""
    engine.faults["any"] = EngineDown("away")
    clock.now = job.until + PACE.patience + 1

    watch.step()

    assert read_exit(control) == Exit("lost")
    engine.faults.clear()
    clock.now += PACE.ask
    watch.step()
    assert engine.containers == {}


def test_trouble_of_one_job_is_not_another_s(
    engine: FakeEngine, watch: Watch, job: Watched, root: Path, control: Path
) -> None:
    """What an engine refuses about one container does not keep it from others."""
    other = root / "job-2" / "control"
    other.mkdir(parents=True)
    engine.containers["d"] = Seen("d", "exited", code=4)
    job.first = {"pid": 2**22 + 1, "started": "never/0"}
    engine.faults["find"] = EngineRefused("what?")
    watch.add(Watched(other, job.order, "d"))

    watch.step()

    assert read_exit(other) == Exit("exited", 4)
    assert read_exit(control) is None


def test_deleted_job(
    engine: FakeEngine, watch: Watch, job: Watched, control: Path
) -> None:
    """The container of a job whose folder is gone goes, too."""
    (control / "container.json").unlink()
    control.rmdir()
    engine.change("c", status="exited")
    job.first = {"pid": 2**22 + 1, "started": "never/0"}

    watch.step()

    assert engine.containers == {}


def test_removal_fails(
    engine: FakeEngine, watch: Watch, clock: Clock, job: Watched, control: Path
) -> None:
    """A container that cannot be removed now is removed later; its job is over."""
    job.first = {"pid": 2**22 + 1, "started": "never/0"}
    engine.change("c", status="exited")
    engine.faults["remove"] = EngineDown("away")

    watch.step()
    assert read_exit(control) == Exit("exited", 0)
    assert engine.containers != {}
    clock.now += PACE.ask
    watch.step()

    assert engine.containers == {}


def test_what_is_left(
    engine: FakeEngine, watch: Watch, root: Path, scope: Scope
) -> None:
    """What nobody waits for is removed; what may still be wanted stays."""
    now = time.time()
    for name, status, made in [
        ("gone", "running", now),
        ("over", "exited", now),
        ("new", "created", now),
        ("old", "created", now - 1000),
        ("runs", "running", now - 1000),
    ]:
        labels = {SCOPE_LABEL: scope.id, JOB_LABEL: name, MADE_LABEL: repr(made)}
        engine.containers[name] = Seen(name, status, labels)
        if name != "gone":
            (root / name / "control").mkdir(parents=True)
    (root / "over" / "control" / "exit.json").write_text("{}", encoding="utf-8")
    watch.tidy()

    watch.step()

    assert set(engine.containers) == {"new", "runs"}


def test_thread(engine: FakeEngine, root: Path, control: Path, order: Order) -> None:
    """The thread sees a job to its end, survives a fault of ours, and is gone then."""
    engine.containers["c"] = Seen("c", "exited", code=5)
    engine.faults["find"] = RuntimeError("a fault of ours")
    watch = Watch(engine, Scope(root), Pace(look=0.01, ask=0.05))
    watch.add(Watched(control, order, "c"))

    until = time.monotonic() + 10
    while (read_exit(control) is None or watch.is_alive) and time.monotonic() < until:
        time.sleep(0.01)

    assert read_exit(control) == Exit("exited", 5)
    assert not watch.is_alive

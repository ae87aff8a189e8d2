"""Launching in containers where the engine does not do what it should."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agave_local.engines.errors import EngineDown, EngineRefused
from agave_local.services.jobs.containers.engine import walls
from agave_local.services.jobs.containers.launcher import ContainerLauncher
from agave_local.services.jobs.containers.note import NOTE, Note, read_note, write_note
from agave_local.services.jobs.containers.testing import FakeEngine
from agave_local.services.jobs.containers.watched import Pace
from agave_local.services.jobs.order import Exit, Order, write_exit, write_order

FAST = Pace(look=0.005, ask=0.02, ask_often=0.02, grace=0.05)


@pytest.fixture(name="launcher")
def _launcher(engine: FakeEngine, root: Path) -> ContainerLauncher:
    return ContainerLauncher(engine, "image", root, lambda: "no bwrap", pace=FAST)


def wait(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_launch_twice(
    launcher: ContainerLauncher, engine: FakeEngine, control: Path, order: Order
) -> None:
    """There is one container for a job, however often it is launched."""
    for _ in range(3):
        launcher.launch(control, order)

    [(made, box)] = engine.boxes.items()
    assert box.name.endswith("-job-1")
    assert engine.asked.count("start") == 1
    assert launcher.look(control) is None
    engine.change(made, status="exited", code=0)
    wait(lambda: launcher.look(control) is not None)
    launcher.launch(control, order)
    assert launcher.look(control) == Exit("exited", 0)
    wait(lambda: not engine.containers)


def test_walls(
    launcher: ContainerLauncher, engine: FakeEngine, control: Path, order: Order
) -> None:
    """The walls of a container are those of a terminal's, its limits the order's."""
    launcher.launch(control, order)
    [box] = engine.boxes.values()

    built = walls(box)

    assert built["network_mode"] == "none"
    assert built["read_only"]
    assert built["cap_drop"] == ["ALL"]
    assert built["security_opt"] == ["no-new-privileges"]
    assert not built["privileged"]
    assert built["mem_limit"] == built["memswap_limit"] == 1 << 28
    assert built["nano_cpus"] == 10**9
    assert built["pids_limit"] == 4 * order.processes
    assert [each["Target"] for each in built["mounts"] if not each["ReadOnly"]] == [
        "/job"
    ]
    assert box.account.uid
    assert "0" not in str(box.account).split(":")
    launcher.end(control)
    engine.change(next(iter(engine.containers)), status="exited")
    wait(lambda: launcher.look(control) is not None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"images": set()}, "has no image image"),
        ({"rootless": True}, "without root rights"),
        ({"faults": {"has": EngineDown("x")}}, "does not answer"),
        ({"faults": {"has": EngineRefused("x")}}, "does not take our requests"),
    ],
)
def test_refusal(
    launcher: ContainerLauncher,
    engine: FakeEngine,
    change: dict[str, object],
    words: str,
) -> None:
    """Why nothing can run is said in words, and asked again each time."""
    for name, value in change.items():
        setattr(engine, name, value)
    said = launcher.refusal()
    assert said is not None
    assert words in said
    engine.images, engine.rootless, engine.faults = {"image"}, False, {}

    assert launcher.refusal() is None
    engine.images = set()
    assert launcher.refusal() is None


def test_schedulers_have_sandboxes(launcher: ContainerLauncher) -> None:
    """What a scheduler starts here is in no container, so bubblewrap counts."""
    assert not launcher.is_confined()


@pytest.mark.parametrize("fault", [EngineDown("away"), EngineRefused("no room")])
@pytest.mark.parametrize("name", ["find", "create"])
def test_no_container(
    launcher: ContainerLauncher,
    engine: FakeEngine,
    control: Path,
    order: Order,
    *,
    name: str,
    fault: Exception,
) -> None:
    """A job whose container cannot be made has not begun, and may once more."""
    engine.faults[name] = fault

    with pytest.raises(OSError, match="no container"):
        launcher.launch(control, order)

    assert read_note(control) is None
    assert launcher.look(control) == Exit("lost")
    launcher.launch(control, order)
    assert launcher.look(control) is None
    engine.containers.clear()
    wait(lambda: launcher.look(control) == Exit("lost"))


def test_start_without_an_answer(
    launcher: ContainerLauncher, engine: FakeEngine, control: Path, order: Order
) -> None:
    """A start that is not answered may have been one: nothing is run twice."""
    engine.faults["start"] = EngineDown("away")

    launcher.launch(control, order)

    [made] = engine.containers
    wait(lambda: engine.containers[made].is_running)
    engine.change(made, status="exited", code=0)
    wait(lambda: launcher.look(control) == Exit("exited", 0))


@pytest.mark.parametrize("stuck", [False, True])
def test_refused_start(
    launcher: ContainerLauncher,
    engine: FakeEngine,
    control: Path,
    order: Order,
    *,
    stuck: bool,
) -> None:
    """A start that is refused leaves nothing, at the latest at the next listing."""
    engine.faults["start"] = EngineRefused("no bash")
    if stuck:
        engine.faults["remove"] = EngineRefused("busy")

    with pytest.raises(OSError, match="no bash"):
        launcher.launch(control, order)

    assert read_note(control) is None
    write_exit(control, Exit("start"))
    launcher.tidy()
    wait(lambda: not engine.containers)


def test_somebody_was_faster(
    launcher: ContainerLauncher, engine: FakeEngine, control: Path, order: Order
) -> None:
    """Where the name is taken just now, that container is the job's."""
    launcher.launch(control, order)
    (control / NOTE).unlink()
    before = dict(engine.containers)
    found = engine.find
    calls = iter([True])

    def find(name: str) -> object:
        return None if next(calls, False) else found(name)

    engine.find = find  # type: ignore[assignment,method-assign]
    launcher.launch(control, order)

    assert engine.containers == before
    engine.containers.clear()
    wait(lambda: launcher.look(control) is not None)


def test_end_after_a_restart(
    launcher: ContainerLauncher, engine: FakeEngine, control: Path, order: Order
) -> None:
    """A job that an earlier process started is ended though nobody launched it."""
    write_order(control, order)
    write_note(control, Note("c", engine.url))
    launcher.end(control)
    wait(lambda: launcher.look(control) == Exit("lost"))
    launcher.end(control)

    assert launcher.look(control) == Exit("lost")


def test_end_what_never_began(
    launcher: ContainerLauncher, engine: FakeEngine, control: Path
) -> None:
    """Where nothing was made there is nothing to end, whatever the engine says."""
    launcher.end(control)
    engine.faults["find"] = EngineDown("away")
    launcher.end(control)

    assert engine.containers == {}


def test_damaged_note(control: Path) -> None:
    """A note that a power cut has damaged is one of a container that is gone."""
    (control / NOTE).write_text("{", encoding="utf-8")

    assert read_note(control) == Note("", "")

"""Which runner has an image."""

from pathlib import Path
from typing import Any

import pytest

from agave_local.services.actors.runner.base import Ending, Listener, Task
from agave_local.services.actors.runner.choice import ChosenRunner, make_runner
from agave_local.services.actors.runner.images import Program
from agave_local.settings import TenantSettings

UNKNOWN = "Image other was not found on the public registry."


class Noted:
    """A runner that only notes what it is told.

    Attributes:
        told: name of the method and what it was given.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.told: list[tuple[str, str]] = []

    def start(self, listener: Listener) -> None:
        """Begin to work."""
        self._listener = listener
        self.told.append(("start", ""))

    def stop(self) -> None:
        """End."""
        self.told.append(("stop", ""))

    def prepare(self, image: str, *, renew: bool = False) -> None:
        """Say that an image is ready."""
        self.told.append(("renew" if renew else "prepare", image))
        self._listener.on_prepared(image, None)

    def run(self, task: Task) -> None:
        """End an execution at once."""
        self.told.append(("run", task.image))
        self._listener.on_end(task.execution_id, Ending(0))

    def kill(self, execution_id: str) -> None:
        """Note it."""
        self.told.append(("kill", execution_id))

    def log(self, execution_id: str) -> str:
        """Return the log of the one execution that it knows."""
        return self._name if execution_id == self._name else ""


@pytest.fixture(name="programs")
def _programs() -> Noted:
    return Noted("programs")


def test_table_first(programs: Noted, recorder: Any) -> None:
    """An image of the table is a program; every other one is a container."""
    containers = Noted("containers")
    runner = ChosenRunner({"i": "package"}, programs, containers)
    runner.start(recorder)
    for image in ("i", "other"):
        runner.prepare(image)
        runner.prepare(image, renew=True)
        runner.run(Task(image, image, {}))
    runner.kill("a")
    runner.stop()

    for noted, image in ((programs, "i"), (containers, "other")):
        assert noted.told == [
            ("start", ""),
            ("prepare", image),
            ("renew", image),
            ("run", image),
            ("kill", "a"),
            ("stop", ""),
        ]
    assert runner.log("programs") == "programs"
    assert runner.log("containers") == "containers"
    assert runner.log("a") == ""


def test_no_engine(
    programs: Noted, recorder: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Without an engine other images are unknown; the log says the way out."""
    runner = ChosenRunner({"i": "package"}, programs, None)
    runner.start(recorder)

    runner.prepare("other")
    runner.run(Task("a", "other", {}))

    assert recorder.prepared == [("other", UNKNOWN)]
    assert recorder.endings["a"].error == UNKNOWN
    assert "--docker" in caplog.text
    assert "--images" in caplog.text


@pytest.mark.parametrize("docker", ["", "unix:///nowhere/engine.sock"])
def test_made_by_settings(
    tmp_path: Path, recorder: Any, caplog: pytest.LogCaptureFixture, docker: str
) -> None:
    """A tenant's settings say what runs its images, and what containers may lack."""
    settings = TenantSettings(
        tmp_path,
        "http://127.0.0.1:1",
        images={"i": Program(command=("true",))},
        docker=docker,
        mounts=[{"host_path": "/a", "container_path": "/b", "mode": "ro"}],
    )
    runner = make_runner(settings, lambda: 0.0)
    runner.start(recorder)
    try:
        runner.prepare("i")
        assert recorder.wait_prepared() is None
        runner.prepare("other")
        reason = recorder.wait_prepared(2)
    finally:
        runner.stop()

    assert reason == UNKNOWN if not docker else "container engine" in str(reason)
    assert bool(docker) == ("--docker-api-server" in caplog.text)

"""A listener that remembers, packages to run, and an engine without containers."""

import socket
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.actors.runner.base import KILLED, Ending
from agave_local.services.actors.runner.container_engine import (
    EngineRefused,
    NotThere,
    Order,
    Usage,
)
from agave_local.services.actors.runner.docker import Containers, DockerRunner

PATIENCE_S = 20.0
URL = "unix:///run/engine.sock"


class Recorder:
    """Hears what a runner tells.

    Attributes:
        prepared: image and reason, in order.
        frames: of each execution.
        endings: by execution.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.prepared: list[tuple[str, str | None]] = []
        self.frames: dict[str, list[bytes]] = {}
        self.endings: dict[str, Ending] = {}

    def on_prepared(self, image: str, reason: str | None) -> None:
        """Remember an image's preparation."""
        with self._changed:
            self.prepared.append((image, reason))
            self._changed.notify_all()

    def on_frame(self, execution_id: str, frame: bytes) -> None:
        """Remember a frame."""
        with self._changed:
            self.frames.setdefault(execution_id, []).append(frame)
            self._changed.notify_all()

    def on_end(self, execution_id: str, ending: Ending) -> None:
        """Remember an end."""
        with self._changed:
            self.endings[execution_id] = ending
            self._changed.notify_all()

    def wait_prepared(self, times: int = 1) -> str | None:
        """Wait for so many preparations; return the last one's reason."""
        self.wait(lambda: len(self.prepared) >= times)
        return self.prepared[-1][1]

    def wait_end(self, execution_id: str) -> Ending:
        """Wait for an execution's end."""
        self.wait(lambda: execution_id in self.endings)
        return self.endings[execution_id]

    def wait_soon(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so that nobody tells."""
        deadline = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def wait(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so."""
        with self._changed:
            assert self._changed.wait_for(is_so, PATIENCE_S)


@pytest.fixture(name="recorder")
def _recorder() -> Recorder:
    return Recorder()


@pytest.fixture(name="make_package")
def _make_package(tmp_path: Path) -> Iterator[Callable[[str, str, str], str]]:
    """Return what writes an importable package: name, `app`, `__main__`."""

    def make(name: str, app: str, main: str = "") -> str:
        folder = tmp_path / "packages" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
        (folder / "app.py").write_text(textwrap.dedent(app))
        (folder / "__main__.py").write_text(textwrap.dedent(main))
        return name

    (tmp_path / "packages").mkdir()
    sys.path.insert(0, str(tmp_path / "packages"))
    yield make
    sys.path.remove(str(tmp_path / "packages"))


class FakeOutput:
    """What a fake container writes."""

    def __init__(self) -> None:
        self.ours, self._theirs = socket.socketpair()
        self._theirs.settimeout(0)

    def fileno(self) -> int:
        """Return its descriptor."""
        return self._theirs.fileno()

    def read(self) -> bytes | None:
        """Read what has come; None at the end."""
        try:
            return self._theirs.recv(65536) or None
        except BlockingIOError:
            return b""

    def close(self) -> None:
        """Read no more."""
        self.ours.close()
        self._theirs.close()


class FakeEngine:
    """An engine whose containers do what `behave` does.

    Attributes:
        images: that are here.
        behave: what a container does, in a thread; its exit code.
        orders: of all containers, by id.
        states: of those that exist.
        failures: to raise, by the name of the method, in order.
        calls: names of the methods that were called.
    """

    def __init__(self) -> None:
        self.images = {"i"}
        self.registry: set[str] = set()
        self.behave: Callable[[FakeOutput, Order], int] = lambda *_: 0
        self.orders: dict[str, Order] = {}
        self.states: dict[str, dict[str, Any]] = {}
        self.old: dict[str, Mapping[str, str]] = {}
        self.failures: dict[str, list[Exception]] = {}
        self.calls: list[str] = []
        self.outputs: dict[str, FakeOutput] = {}
        self.killed: dict[str, threading.Event] = {}
        self.address: str | None = "10.0.0.1"
        self.keeps_killed = False

    def has(self, image: str) -> bool:
        """Tell whether an image is here."""
        self._call("has")
        return image in self.images

    def pull(self, image: str) -> None:
        """Get an image from the registry."""
        self._call("pull")
        if image not in self.registry:
            raise EngineRefused("no such host")
        self.images.add(image)

    def create(self, order: Order) -> str:
        """Make a container."""
        self._call("create")
        if order.image not in self.images:
            raise NotThere("no such image")
        name = f"c{len(self.orders)}"
        self.orders[name] = order
        self.states[name] = {"Status": "created", "Running": False, "Paused": False}
        self.killed[name] = threading.Event()
        return name

    def attach(self, container: str) -> FakeOutput:
        """Listen to a container."""
        self._call("attach")
        self.outputs[container] = FakeOutput()
        return self.outputs[container]

    def start(self, container: str) -> None:
        """Start a container."""
        self._call("start")
        self.states[container] |= {"Status": "running", "Running": True}
        threading.Thread(target=self._run, args=[container]).start()

    def state(self, container: str) -> dict[str, Any]:
        """Return the state of a container."""
        self._call("state")
        if container not in self.states:
            raise NotThere("no such container")
        return dict(self.states[container])

    def usage(self, container: str) -> Usage | None:
        """Return what a container took."""
        self._call("usage")
        return Usage(5, 7) if self.states[container]["Running"] else None

    def kill(self, container: str) -> None:
        """End a container."""
        self._call("kill")
        if not self.keeps_killed:
            self.killed[container].set()

    def remove(self, container: str) -> None:
        """Forget a container."""
        self._call("remove")
        self.old.pop(container, None)
        if container in self.states:
            self.killed[container].set()
            del self.states[container]

    def labelled(self, label: str) -> dict[str, Mapping[str, str]]:
        """Return the labels of containers."""
        self._call("labelled")
        name, _, value = label.partition("=")
        return {c: each for c, each in self.old.items() if each.get(name) == value}

    def gateway(self) -> str | None:
        """Return the address of this machine."""
        self._call("gateway")
        return self.address

    def wait_killed(self, _: FakeOutput, order: Order) -> int:
        """Do nothing until the container is killed."""
        (name,) = [c for c, each in self.orders.items() if each is order]
        self.killed[name].wait(20)
        return KILLED

    def _run(self, container: str) -> None:
        output = self.outputs[container]
        code = self.behave(output, self.orders[container])
        if self.killed[container].is_set():
            code = KILLED
        if container in self.states:
            self.states[container] |= {
                "Status": "exited",
                "Running": False,
                "ExitCode": code,
            }
        output.ours.close()

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if self.failures.get(name):
            raise self.failures[name].pop(0)


@pytest.fixture(name="engine")
def _engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture(name="make_docker")
def _make_docker(
    engine: FakeEngine, recorder: Recorder, tmp_path: Path
) -> Iterator[Callable[..., DockerRunner]]:
    started: list[DockerRunner] = []

    def make(**options: Any) -> DockerRunner:
        containers = {
            name: options.pop(name)
            for name in list(options)
            if name in {"network", "api_server", "user", "pulls", "mounts"}
        }
        runner = DockerRunner(
            engine,
            Containers(URL, **containers),
            options.pop("folder", tmp_path / "c"),
            patience=options.pop("patience", 0.2),
            **options,
        )
        runner.start(recorder)
        started.append(runner)
        return runner

    yield make
    for runner in started:
        runner.stop()

"""Doors of terminals, here and on an execution host; and asking who is behind them."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from iptweb.errors import LaunchFailed
from iptweb.terminals.host.containers.door import LocalDoor
from iptweb.terminals.host.containers.engine import Container, EngineRefused
from iptweb.terminals.host.containers.far_door import FarDoor
from iptweb.terminals.host.containers.order import Account, Order, Scope
from iptweb.terminals.host.containers.ready import Answer, ask_terminal

ACCOUNT = Account(1234, 2345)
SCOPE = Scope("dev", "/homes")


def deadline(seconds: float = 10) -> float:
    """Return a moment not far from now."""
    return time.monotonic() + seconds


def test_door_hands_a_listening_socket_over(tmp_path: Path) -> None:
    """Whoever connects to the Unix socket can serve the port from then on."""
    # Longer than a socket's path may be.
    run_dir = tmp_path / ("long" * 30)
    taken: list[bytes] = []

    def take(folder: str) -> None:
        place = os.open(folder, os.O_RDONLY)
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(f"/proc/self/fd/{place}/door.sock")
            said, (descriptor,), _, _ = socket.recv_fds(peer, 1, 1)
        os.close(place)
        taken.append(said)
        with socket.socket(fileno=descriptor) as listener:
            connection, _ = listener.accept()
            connection.sendall(b"served")
            connection.close()

    with LocalDoor(run_dir, "127.0.0.1").open("name", "alice", ACCOUNT) as door:
        folder = door.mounts[0].source
        thread = threading.Thread(target=take, args=[folder])
        thread.start()
        door.hand_over(lambda: True, deadline())
        with socket.create_connection(("127.0.0.1", door.port), 5) as peer:
            assert peer.recv(10) == b"served"
        thread.join()

    assert taken == [b"g"]
    assert not Path(folder).exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", door.port), 5)


def test_door_shows_only_what_it_must(tmp_path: Path) -> None:
    """Nobody else on the machine gets past the folder; the account has a name."""
    with LocalDoor(tmp_path, "127.0.0.1").open("name", "alice", ACCOUNT) as door:
        assert (tmp_path / "name").stat().st_mode & 0o777 == 0o700
        shown = {mount.target: Path(mount.source) for mount in door.mounts}
        assert not any(mount.writable for mount in door.mounts)
        assert shown["/run/ipt"].stat().st_mode & 0o777 == 0o755
        assert shown["/etc/passwd"].read_text() == (
            "alice:x:1234:2345::/home/ipt:/bin/bash\n"
        )


@pytest.mark.parametrize("running", [True, False])
def test_door_is_closed_where_nobody_comes(tmp_path: Path, running: bool) -> None:  # noqa: FBT001 - a column
    """A terminal that ended, or takes too long, is given up."""
    with (
        LocalDoor(tmp_path, "127.0.0.1").open("name", "alice", ACCOUNT) as door,
        pytest.raises(LaunchFailed, match="did not start"),
    ):
        door.hand_over(lambda: running, deadline(0.05 if running else 10))


@pytest.mark.parametrize("address", ["192.0.2.1", "no address"])
def test_door_needs_an_address_of_this_machine(tmp_path: Path, address: str) -> None:
    """Nothing is left where there is nothing to listen on."""
    with (
        pytest.raises(LaunchFailed, match="can't start a terminal now"),
        LocalDoor(tmp_path, address).open("name", "alice", ACCOUNT),
    ):
        pass
    assert list(tmp_path.glob("*/*")) == []


def test_door_needs_a_folder(tmp_path: Path) -> None:
    """A full or broken disk is told."""
    (tmp_path / "name").touch()
    with (
        pytest.raises(LaunchFailed),
        LocalDoor(tmp_path, "127.0.0.1").open("name", "alice", ACCOUNT),
    ):
        pass


def test_only_old_doors_are_cleared(tmp_path: Path) -> None:
    """Somebody may be starting a terminal just now; links are not followed."""
    door = LocalDoor(tmp_path, "127.0.0.1", clock=lambda: time.time() + 100)
    later = LocalDoor(tmp_path, "127.0.0.1", clock=lambda: time.time() + 200)
    left = tmp_path / "name/door-left"
    (left / "etc").mkdir(parents=True)
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / "name/door-link").symlink_to(kept)

    door.clear()
    assert left.exists()
    later.clear()
    assert not left.exists()
    assert kept.exists()
    later.forget("anything")


@dataclass
class _Engine:
    """An engine in memory whose doors say something."""

    said: str = "port 4711\n"
    status: str = "running"
    containers: dict[str, Container] = field(default_factory=dict)
    kept: dict[str, dict[str, str]] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    stubborn: bool = False

    def create_volume(self, name: str, labels: dict[str, str], owner: str) -> None:
        assert owner == "1234:2345"
        self.kept[name] = labels

    def volumes(self, label: str) -> dict[str, dict[str, str]]:
        assert label == f"ipt.terminal.scope={SCOPE.id}"
        return dict(self.kept)

    def remove_volume(self, name: str) -> None:
        self.kept.pop(name, None)

    def create(self, order: Order) -> str:
        self.orders.append(order)
        self.containers[order.name] = Container(order.name, self.status, order.labels)
        return order.name

    def start(self, container: str) -> None:
        assert container in self.containers

    def find(self, name: str) -> Container | None:
        return self.containers.get(name)

    def labelled(self, label: str) -> list[Container]:
        assert label == f"ipt.terminal.scope={SCOPE.id}"
        return list(self.containers.values())

    def log_tail(self, container: str, *, errors_only: bool = True) -> str:
        assert container in self.containers
        assert not errors_only
        return self.said

    def remove(self, container: str) -> None:
        if self.stubborn:
            raise EngineRefused("it could not be stopped")
        del self.containers[container]


def far_door(engine: _Engine, now: float = 1000.0, **changes: Any) -> FarDoor:
    """Return the door of an execution host."""
    values: dict[str, Any] = {
        "image": "image",
        "address": "192.0.2.7",
        "clock": lambda: now,
        "sleep": lambda _: None,
    }
    return FarDoor(cast("Any", engine), SCOPE, **(values | changes))


@pytest.mark.parametrize("stubborn", [False, True])
def test_far_door_listens_in_the_hosts_network(stubborn: bool) -> None:  # noqa: FBT001 - a column
    """It is in the host's network, the terminal sees only its volume."""
    engine = _Engine(stubborn=stubborn)
    with far_door(engine).open("name", "alice", ACCOUNT) as door:
        assert door.port == 4711
        (order,) = engine.orders
        assert order.network == "host"
        assert order.account == ACCOUNT
        assert order.command == (
            *("webterm.door", "--address", "192.0.2.7"),
            *("--socket", "/run/ipt/door.sock"),
        )
        assert not order.environment
        assert order.mounts[0].writable
        (mount,) = door.mounts
        assert (mount.source, mount.kind, mount.writable) == (
            door.name,
            "volume",
            False,
        )
        door.hand_over(lambda: True, deadline())

    assert bool(engine.containers) is stubborn


@pytest.mark.parametrize("status", ["exited", "created"])
def test_far_door_that_does_not_open(
    status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says instead is kept for the log, and nothing is left."""
    seconds = iter(range(0, 1000, 5))
    monkeypatch.setattr("time.monotonic", lambda: float(next(seconds)))
    engine = _Engine(said="The door can't be opened: nope.\n", status=status)

    with (
        pytest.raises(LaunchFailed, match="did not start") as caught,
        far_door(engine).open("name", "alice", ACCOUNT),
    ):
        pass
    assert caught.value.context["log"] == engine.said
    assert not engine.containers
    assert not engine.kept


def test_far_leftovers_are_cleared_when_they_are_old() -> None:
    """Terminals, and what belongs to a launch of this moment, stay."""
    engine = _Engine()
    for name, role, started in [
        ("old", "door", 800.0),
        ("young", "door", 950.0),
        ("terminal", "terminal", 800.0),
    ]:
        labels = SCOPE.labels("door", "name", started) | {"ipt.terminal.role": role}
        engine.containers[name] = Container(name, "running", labels)
        engine.kept[name] = labels
    engine.kept["odd"] = {"ipt.terminal.started": "yesterday"}

    far_door(engine).clear()

    assert engine.containers.keys() == {"young", "terminal"}
    assert engine.kept.keys() == {"young"}


def test_only_volumes_of_doors_are_forgotten() -> None:
    """A label is not enough to remove anything else."""
    engine = _Engine(kept={"ipt-door-1": {}, "precious": {}})

    for name in ("precious", "", "ipt-door-1"):
        far_door(engine).forget(name)

    assert engine.kept.keys() == {"precious"}


@contextlib.contextmanager
def answering(*parts: bytes, linger: float = 0.0) -> Iterator[str]:
    """Serve one connection with these parts; give the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                for part in parts:
                    connection.sendall(part)
                time.sleep(linger)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join()


@pytest.mark.parametrize(
    ("parts", "answer"),
    [
        ([b"HTTP/1.1 200 OK\r\n\r\nready ", b"launch-1\n"], Answer.READY),
        ([b"HTTP/1.1 200 OK\r\n\r\nready launch-2\n"], Answer.WAITING),
        ([b"HTTP/1.1 200 OK\r\n\r\nready launch-1\n", b"more"], Answer.WAITING),
        ([], Answer.WAITING),
        ([b"x" * 10000], Answer.WAITING),
    ],
)
def test_terminal_is_asked(parts: list[bytes], answer: Answer) -> None:
    """Only the terminal of that very launch is ready."""
    with answering(*parts) as url:
        assert ask_terminal(url, "launch-1") is answer


def test_nobody_listens() -> None:
    """A refused connection says that there will be no terminal."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert ask_terminal(f"ws://127.0.0.1:{port}/", "x") is Answer.NOBODY


def test_address_that_is_none_says_nothing() -> None:
    """Whatever a label holds, it is no reason to end a terminal."""
    assert ask_terminal("", "x") is not Answer.READY

"""An engine and a machine in memory, for container hosts."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from iptweb.errors import HostUnreachable
from iptweb.settings import EngineHost
from iptweb.terminals.host.containers import DockerHost
from iptweb.terminals.host.containers.engine import Container, Taken
from iptweb.terminals.host.containers.order import Account, Mount, Order, Scope
from iptweb.terminals.host.containers.place import Reach
from iptweb.terminals.host.containers.ready import Answer

NAME = "alice-dev-IPT"
NOW = 1_700_000_000.0


@dataclass
class _Engine:
    """An engine in memory; `refuse` names methods that it answers with an error."""

    containers: dict[str, Container] = field(default_factory=dict)
    refuse: dict[str, Exception] = field(default_factory=dict)
    log: str = ""
    orders: list[Order] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    on_create: Callable[[], None] = lambda: None

    def _do(self, name: str) -> None:
        if name in self.refuse:
            raise self.refuse[name]

    def add(self, name: str, status: str, **changes: Any) -> Container:
        """Add a container of the terminal."""
        labels = {
            "ipt.terminal.role": "terminal",
            "ipt.terminal.name": NAME,
            "ipt.terminal.launch": "earlier",
            "ipt.terminal.url": "ws://127.0.0.1:1/",
            "ipt.terminal.started": str(NOW),
        }
        made = Container(name, status, labels | changes.pop("labels", {}), **changes)
        self.containers[name] = made
        return made

    def has_image(self, image: str) -> bool:
        self._do("has_image")
        return image == "image"

    def create(self, order: Order) -> str:
        self.on_create()
        self._do("create")
        if order.name in self.containers:
            raise Taken("already in use")
        self.orders.append(order)
        self.containers[order.name] = Container(order.name, "created", order.labels)
        return order.name

    def start(self, container: str) -> None:
        self._do("start")
        made = self.containers[container]
        self.containers[container] = replace(made, status="running")

    def find(self, name: str) -> Container | None:
        self._do("find")
        return self.containers.get(name)

    def labelled(self, label: str) -> list[Container]:
        del label
        self._do("labelled")
        return list(self.containers.values())

    def log_tail(self, container: str) -> str:
        del container
        return self.log

    def stop(self, container: str, seconds: int) -> None:
        del container, seconds
        self._do("stop")

    def remove(self, container: str) -> None:
        self._do("remove")
        self.removed.append(container)
        self.containers.pop(container, None)


@dataclass
class _Place:
    """A machine in memory."""

    engine: _Engine = field(default_factory=_Engine)
    port: int = 4711
    name: str = ""
    mounts: tuple[Mount, ...] = ()
    forgotten: list[str] = field(default_factory=list)
    handed: int = 0
    silent: bool = False
    root_owner: Account | None = None
    prepared: list[tuple[Path, Account]] = field(default_factory=list)

    @contextlib.contextmanager
    def connect(self) -> Iterator[Reach]:
        if self.silent:
            raise HostUnreachable("silent")
        yield Reach(cast("Any", self.engine), cast("Any", self), cast("Any", self))

    @contextlib.contextmanager
    def open(self, name: str, user: str, account: Account) -> Iterator["_Place"]:
        del name, user, account
        yield self

    def hand_over(self, is_running: Callable[[], bool], deadline: float) -> None:
        del deadline
        assert is_running()
        self.handed += 1

    def forget(self, name: str) -> None:
        self.forgotten.append(name)

    def clear(self) -> None:
        pass

    def owner(self, root: Path) -> Account | None:
        assert root == Path("/homes")
        return self.root_owner

    def prepare(self, home: Path, account: Account) -> None:
        self.prepared.append((home, account))


def _make_host(
    place: _Place,
    answers: Mapping[str, list[Answer]] | None = None,
    where: EngineHost | None = None,
    **changes: Any,
) -> DockerHost:
    """Return a host; what each launch answers is given, the last for ever."""
    given = {launch: iter(each) for launch, each in (answers or {}).items()}
    last: dict[str, Answer] = {}

    def ask(url: str, launch: str) -> Answer:
        assert url.startswith("ws://")
        last[launch] = next(given.get(launch, iter(())), last.get(launch, Answer.READY))
        return last[launch]

    values: dict[str, Any] = {
        "instance": "dev",
        "home_root": Path("/homes"),
        "run_dir": Path("/run-dir"),
        "image": "image",
        "clock": lambda: NOW,
        "sleep": lambda _: None,
    }
    return DockerHost(
        where or EngineHost("here", "unix:///engine", "127.0.0.1"),
        place=place,
        ask=ask,
        **(values | changes),
    )


@pytest.fixture(name="place")
def _place() -> _Place:
    return _Place()


@pytest.fixture(name="container")
def _container() -> str:
    """Return the container's name of Alice's terminal."""
    return Scope("dev", "/homes").container(NAME)


@pytest.fixture(name="make_host")
def _host_maker() -> Callable[..., DockerHost]:
    """Return what makes a host of a place in memory."""
    return _make_host

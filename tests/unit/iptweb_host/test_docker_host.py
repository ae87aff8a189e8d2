"""What a container host makes of what its engine says."""

import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from iptweb.errors import HostUnreachable, LaunchFailed
from iptweb.settings import EngineHost
from iptweb.terminals.host import Ended, Ending, LaunchRequest
from iptweb.terminals.host.containers import DockerHost
from iptweb.terminals.host.containers.engine import (
    Container,
    EngineRefused,
    NotThere,
    Taken,
)
from iptweb.terminals.host.containers.order import Account, Mount, Order, Scope
from iptweb.terminals.host.containers.place import Reach
from iptweb.terminals.host.containers.ready import Answer

NAME = "alice-dev-IPT"
NOW = 1_700_000_000.0
REQUEST = LaunchRequest(
    name=NAME,
    user="alice",
    launch="launch-1",
    home=Path("/homes/alice"),
    origins=(),
    ticket_public_key="key",
)


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


def make_host(
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


def test_terminal_is_started_once_the_home_is_there(place: _Place) -> None:
    """Home, container, handover, and then it answers."""
    waiting = {"launch-1": [Answer.WAITING, Answer.WAITING, Answer.READY]}
    launched = make_host(place, waiting).launch(REQUEST)

    assert launched.url == "ws://127.0.0.1:4711/"
    assert launched.started == NOW
    assert place.handed == 1
    assert place.prepared == [(Path("/homes/alice"), Account(1000, 1000))]
    assert place.engine.orders[0].mounts[0].source == "/homes/alice"


@pytest.mark.parametrize(
    ("user", "host_user", "owner", "expected"),
    [
        ("", "", None, "1000:1000"),
        ("", "", Account(5, 6), "5:6"),
        ("7:8", "", Account(5, 6), "7:8"),
        ("7:8", "9:10", Account(5, 6), "9:10"),
    ],
)
def test_account(
    place: _Place, user: str, host_user: str, owner: Account | None, expected: str
) -> None:
    """The host's setting, the instance's, the owner of the homes, or 1000."""
    place.root_owner = owner
    where = EngineHost("here", "unix:///engine", "::1", user=host_user)
    launched = make_host(place, where=where, user=user).launch(REQUEST)

    assert str(place.engine.orders[0].account) == expected
    assert launched.url == "ws://[::1]:4711/"


def test_host_with_its_own_folder_of_homes(place: _Place) -> None:
    """A home on an execution host is where that host keeps them."""
    where = EngineHost("far", "unix:///engine", "host.example", home_root="/homes")
    make_host(place, where=where, home_root=Path("/other")).launch(REQUEST)

    assert place.prepared[0][0] == Path("/homes/alice")


@pytest.mark.parametrize("status", ["running", "created", "paused"])
def test_living_terminal_is_adopted(place: _Place, container: str, status: str) -> None:
    """It may still be starting: then it is waited for."""
    place.engine.add(container, status)
    answers = {"earlier": [Answer.WAITING, Answer.READY]}

    assert make_host(place, answers).launch(REQUEST).launch == "earlier"
    assert place.engine.orders == []


def test_dead_terminal_is_replaced(place: _Place, container: str) -> None:
    """Where nobody listens nobody ever will: its launcher was killed."""
    place.engine.add(container, "running", labels={"ipt.terminal.door": "left"})
    host = make_host(place, {"earlier": [Answer.NOBODY]})

    assert host.inspect(NAME) is None
    assert host.launch(REQUEST).launch == "launch-1"
    assert place.engine.removed == [container]
    assert place.forgotten == ["left"]


def test_ended_terminal_is_replaced(place: _Place, container: str) -> None:
    """What has ended is cleared away."""
    place.engine.add(container, "exited")

    assert make_host(place).launch(REQUEST).launch == "launch-1"


@pytest.mark.parametrize("answer", [Answer.NOBODY, Answer.WAITING])
def test_old_terminal_is_never_ended_for_its_silence(
    place: _Place, container: str, answer: Answer
) -> None:
    """That it can't be reached from here may be the network's fault."""
    place.engine.add(container, "running")
    host = make_host(place, {"earlier": [answer]}, clock=lambda: NOW + 121)

    found = host.launch(REQUEST)

    assert found.launch == "earlier"
    assert host.inspect(NAME) == found
    assert place.engine.removed == []


def test_loser_of_a_race_gets_the_winners(place: _Place, container: str) -> None:
    """Somebody makes the container between our look and our try."""
    place.engine.on_create = lambda: None if place.engine.containers else win()

    def win() -> None:
        place.engine.add(container, "running")

    assert make_host(place).launch(REQUEST).launch == "earlier"


def test_terminal_that_never_answers_fails(
    place: _Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the deadline it is removed, and its log is kept for ours."""
    seconds = itertools.count(0.0, 5.0)
    monkeypatch.setattr("time.monotonic", lambda: next(seconds))
    place.engine.log = "Traceback"

    with pytest.raises(LaunchFailed, match="did not start") as caught:
        make_host(place, {"launch-1": [Answer.WAITING]}).launch(REQUEST)
    assert caught.value.context["log"] == "Traceback"
    assert place.engine.containers == {}


def test_terminal_that_vanishes_fails(place: _Place) -> None:
    """Somebody stops it while it starts."""
    host = make_host(place, {"launch-1": [Answer.WAITING]}, sleep=lambda _: vanish())

    def vanish() -> None:
        place.engine.containers.clear()

    with pytest.raises(LaunchFailed, match="did not start"):
        host.launch(REQUEST)


@pytest.mark.parametrize("step", ["create", "start", "find"])
def test_engines_refusal_is_a_failed_launch(place: _Place, step: str) -> None:
    """Its words go to the log only."""
    place.engine.refuse[step] = EngineRefused("runc: a secret place")

    with pytest.raises(LaunchFailed) as caught:
        make_host(place).launch(REQUEST)
    assert "secret" not in caught.value.message
    assert "secret" in str(caught.value.context)
    assert place.engine.containers == {}


def test_missing_image_is_named(place: _Place) -> None:
    """The message says how to build it."""
    place.engine.refuse["create"] = NotThere("no such image")

    with pytest.raises(LaunchFailed, match=r"build\.sh image terminal-session"):
        make_host(place).launch(REQUEST)


def test_failure_to_clean_up_does_not_hide_the_failure(place: _Place) -> None:
    """The first error counts."""
    place.engine.refuse["start"] = LaunchFailed("first")
    place.engine.refuse["remove"] = EngineRefused("second")

    with pytest.raises(LaunchFailed, match="first"):
        make_host(place).launch(REQUEST)


def test_reasons(place: _Place) -> None:
    """No engine, no image, an engine that refuses, or none."""
    assert make_host(place).reason() is None
    assert "other" in (make_host(place, image="other").reason() or "")
    place.engine.refuse["has_image"] = EngineRefused("x")
    assert "does not take our requests" in (make_host(place).reason() or "")
    place.silent = True
    assert make_host(place).reason() == "silent"


def test_living_are_terminals_that_run(place: _Place) -> None:
    """Doors and what has ended are not listed; what was never started is removed."""
    engine = place.engine
    engine.add("b", "running", labels={"ipt.terminal.name": "b"})
    engine.add("a", "paused", labels={"ipt.terminal.name": "a", "ipt.terminal.x": ""})
    engine.add("door", "running", labels={"ipt.terminal.role": "door"})
    engine.add("ended", "exited")
    engine.add("young", "created")
    engine.add("stale", "created", labels={"ipt.terminal.started": "long ago"})

    assert [one.name for one in make_host(place).living()] == ["a", "b"]
    assert engine.removed == ["stale"]


@pytest.mark.parametrize(
    ("log", "memory", "ending"),
    [
        ('ended {"reason": "idle", "status": 129}', False, Ending.IDLE),
        ('ended {"reason": "idle", "status": 129}', True, Ending.IDLE),
        ('ended {"reason": "exit", "status": 137}', True, Ending.MEMORY),
        ('ended {"reason": "exit", "status": 137}', False, Ending.EXIT),
        (
            'ended {"reason": "exit", "status": 137, "memory_kills": 1}',
            *(False, Ending.MEMORY),
        ),
        ("", True, Ending.MEMORY),
        ("Killed", False, Ending.UNKNOWN),
    ],
)
def test_ended_says_why(
    place: _Place,
    container: str,
    log: str,
    memory: bool,  # noqa: FBT001 - a column of the table
    ending: Ending,
) -> None:
    """The server's last word counts, and the engine's where memory ended it."""
    place.engine.log = log
    place.engine.add(container, "exited", out_of_memory=memory)

    assert make_host(place).ended(NAME) == Ended("earlier", ending)


def test_nothing_is_known_of_what_lives_or_never_was(
    place: _Place, container: str
) -> None:
    """Only a terminal that ended has ended."""
    host = make_host(place)
    assert host.ended(NAME) is None
    assert host.inspect(NAME) is None
    place.engine.add(container, "running")
    assert host.ended(NAME) is None


def test_stop(place: _Place, container: str) -> None:
    """A container that refuses to be stopped is removed all the same."""
    place.engine.add(container, "running", labels={"ipt.terminal.door": "volume"})
    place.engine.refuse["stop"] = EngineRefused("is not running")

    assert make_host(place).stop(NAME) is True
    assert make_host(place).stop(NAME) is False
    assert place.forgotten == ["volume"]


def test_stop_of_another_launch_does_nothing(place: _Place, container: str) -> None:
    """Who means one launch does not end the one that came after it."""
    place.engine.add(container, "running")

    assert make_host(place).stop(NAME, "launch-0") is False
    assert place.engine.removed == []
    assert make_host(place).stop(NAME, "earlier") is True


def test_stop_of_one_launch(place: _Place, container: str) -> None:
    """A launch that is named is ended, and nothing else that has the name."""
    place.engine.add(container, "running", labels={"ipt.terminal.launch": "second"})

    assert make_host(place).stop(NAME, "first") is False
    assert place.engine.removed == []
    assert make_host(place).stop(NAME, "second") is True


@pytest.mark.parametrize("question", ["inspect", "ended", "stop"])
def test_engines_refusal_is_unreachable(place: _Place, question: str) -> None:
    """Where it does not tell, nothing is taken for granted."""
    place.engine.refuse["find"] = EngineRefused("database is locked")

    with pytest.raises(HostUnreachable):
        getattr(make_host(place), question)(NAME)
    place.engine.refuse["labelled"] = EngineRefused("database is locked")
    with pytest.raises(HostUnreachable):
        make_host(place).living()

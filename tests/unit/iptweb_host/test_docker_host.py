"""What a container host makes of what its engine says."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from iptweb.errors import HostUnreachable, LaunchFailed
from iptweb.settings import EngineHost
from iptweb.terminals.host import Ended, Ending, LaunchRequest
from iptweb.terminals.host.containers import DockerHost
from iptweb.terminals.host.containers.engine import (
    EngineRefused,
    NotThere,
)
from iptweb.terminals.host.containers.order import Account
from iptweb.terminals.host.containers.ready import Answer

MakeHost = Callable[..., DockerHost]

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


def test_terminal_is_started_once_the_home_is_there(
    make_host: MakeHost, place: Any
) -> None:
    """Home, container, handover, and then it answers."""
    waiting = {"launch-1": [Answer.WAITING, Answer.WAITING, Answer.READY]}
    launched = make_host(place, waiting).launch(REQUEST)

    assert launched.url == "ws://127.0.0.1:4711/"
    assert launched.started == NOW
    assert place.handed == 1
    assert place.prepared == [(Path("/homes/alice"), Account(1000, 1000))]
    assert place.engine.orders[0].mounts[0].source == "/homes/alice"


@pytest.mark.parametrize(
    ("users", "owner", "expected"),
    [
        (("", ""), None, "1000:1000"),
        (("", ""), Account(5, 6), "5:6"),
        (("7:8", ""), Account(5, 6), "7:8"),
        (("7:8", "9:10"), Account(5, 6), "9:10"),
    ],
)
def test_account(
    make_host: MakeHost,
    place: Any,
    users: tuple[str, str],
    owner: Account | None,
    expected: str,
) -> None:
    """The host's setting, the instance's, the owner of the homes, or 1000."""
    place.root_owner = owner
    where = EngineHost("here", "unix:///engine", "::1", user=users[1])
    launched = make_host(place, where=where, user=users[0]).launch(REQUEST)

    assert str(place.engine.orders[0].account) == expected
    assert launched.url == "ws://[::1]:4711/"


def test_host_with_its_own_folder_of_homes(make_host: MakeHost, place: Any) -> None:
    """A home on an execution host is where that host keeps them."""
    where = EngineHost("far", "unix:///engine", "host.example", home_root="/homes")
    make_host(place, where=where, home_root=Path("/other")).launch(REQUEST)

    assert place.prepared[0][0] == Path("/homes/alice")


@pytest.mark.parametrize("status", ["running", "created", "paused"])
def test_living_terminal_is_adopted(
    make_host: MakeHost, place: Any, container: str, status: str
) -> None:
    """It may still be starting: then it is waited for."""
    place.engine.add(container, status)
    answers = {"earlier": [Answer.WAITING, Answer.READY]}

    assert make_host(place, answers).launch(REQUEST).launch == "earlier"
    assert place.engine.orders == []


def test_dead_terminal_is_replaced(
    make_host: MakeHost, place: Any, container: str
) -> None:
    """Where nobody listens nobody ever will: its launcher was killed."""
    place.engine.add(container, "running", labels={"ipt.terminal.door": "left"})
    host = make_host(place, {"earlier": [Answer.NOBODY]})

    assert host.inspect(NAME) is None
    assert host.launch(REQUEST).launch == "launch-1"
    assert place.engine.removed == [container]
    assert place.forgotten == ["left"]


def test_ended_terminal_is_replaced(
    make_host: MakeHost, place: Any, container: str
) -> None:
    """What has ended is cleared away."""
    place.engine.add(container, "exited")

    assert make_host(place).launch(REQUEST).launch == "launch-1"


@pytest.mark.parametrize("answer", [Answer.NOBODY, Answer.WAITING])
def test_old_terminal_is_never_ended_for_its_silence(
    make_host: MakeHost, place: Any, container: str, answer: Answer
) -> None:
    """That it can't be reached from here may be the network's fault."""
    place.engine.add(container, "running")
    host = make_host(place, {"earlier": [answer]}, clock=lambda: NOW + 121)

    found = host.launch(REQUEST)

    assert found.launch == "earlier"
    assert host.inspect(NAME) == found
    assert place.engine.removed == []


def test_loser_of_a_race_gets_the_winners(
    make_host: MakeHost, place: Any, container: str
) -> None:
    """Somebody makes the container between our look and our try."""
    place.engine.on_create = lambda: None if place.engine.containers else win()

    def win() -> None:
        place.engine.add(container, "running")

    assert make_host(place).launch(REQUEST).launch == "earlier"


def test_terminal_that_never_answers_fails(
    make_host: MakeHost, place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the deadline it is removed, and its log is kept for ours."""
    seconds = itertools.count(0.0, 5.0)
    monkeypatch.setattr("time.monotonic", lambda: next(seconds))
    place.engine.log = "Traceback"

    with pytest.raises(LaunchFailed, match="did not start") as caught:
        make_host(place, {"launch-1": [Answer.WAITING]}).launch(REQUEST)
    assert caught.value.context["log"] == "Traceback"
    assert place.engine.containers == {}


def test_terminal_that_vanishes_fails(make_host: MakeHost, place: Any) -> None:
    """Somebody stops it while it starts."""
    host = make_host(place, {"launch-1": [Answer.WAITING]}, sleep=lambda _: vanish())

    def vanish() -> None:
        place.engine.containers.clear()

    with pytest.raises(LaunchFailed, match="did not start"):
        host.launch(REQUEST)


@pytest.mark.parametrize("step", ["create", "start", "find"])
def test_engines_refusal_is_a_failed_launch(
    make_host: MakeHost, place: Any, step: str
) -> None:
    """Its words go to the log only."""
    place.engine.refuse[step] = EngineRefused("runc: a secret place")

    with pytest.raises(LaunchFailed) as caught:
        make_host(place).launch(REQUEST)
    assert "secret" not in caught.value.message
    assert "secret" in str(caught.value.context)
    assert place.engine.containers == {}


def test_missing_image_is_named(make_host: MakeHost, place: Any) -> None:
    """The message says how to build it."""
    place.engine.refuse["create"] = NotThere("no such image")

    with pytest.raises(LaunchFailed, match=r"build\.sh image terminal-session"):
        make_host(place).launch(REQUEST)


def test_failure_to_clean_up_does_not_hide_the_failure(
    make_host: MakeHost, place: Any
) -> None:
    """The first error counts."""
    place.engine.refuse["start"] = LaunchFailed("first")
    place.engine.refuse["remove"] = EngineRefused("second")

    with pytest.raises(LaunchFailed, match="first"):
        make_host(place).launch(REQUEST)


def test_reasons(make_host: MakeHost, place: Any) -> None:
    """No engine, no image, an engine that refuses, or none."""
    assert make_host(place).reason() is None
    assert "other" in (make_host(place, image="other").reason() or "")
    place.engine.refuse["has_image"] = EngineRefused("x")
    assert "does not take our requests" in (make_host(place).reason() or "")
    place.silent = True
    assert make_host(place).reason() == "silent"


def test_living_are_terminals_that_run(make_host: MakeHost, place: Any) -> None:
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
    ("said", "ending"),
    [
        (('ended {"reason": "idle", "status": 129}', False), Ending.IDLE),
        (('ended {"reason": "idle", "status": 129}', True), Ending.IDLE),
        (('ended {"reason": "exit", "status": 137}', True), Ending.MEMORY),
        (('ended {"reason": "exit", "status": 137}', False), Ending.EXIT),
        (
            ('ended {"reason": "exit", "status": 137, "memory_kills": 1}', False),
            Ending.MEMORY,
        ),
        (("", True), Ending.MEMORY),
        (("Killed", False), Ending.UNKNOWN),
    ],
)
def test_ended_says_why(
    make_host: MakeHost,
    place: Any,
    container: str,
    said: tuple[str, bool],
    ending: Ending,
) -> None:
    """The server's last word counts, and the engine's where memory ended it."""
    place.engine.log, out_of_memory = said
    place.engine.add(container, "exited", out_of_memory=out_of_memory)

    assert make_host(place).ended(NAME) == Ended("earlier", ending)


def test_nothing_is_known_of_what_lives_or_never_was(
    make_host: MakeHost, place: Any, container: str
) -> None:
    """Only a terminal that ended has ended."""
    host = make_host(place)
    assert host.ended(NAME) is None
    assert host.inspect(NAME) is None
    place.engine.add(container, "running")
    assert host.ended(NAME) is None


def test_stop(make_host: MakeHost, place: Any, container: str) -> None:
    """A container that refuses to be stopped is removed all the same."""
    place.engine.add(container, "running", labels={"ipt.terminal.door": "volume"})
    place.engine.refuse["stop"] = EngineRefused("is not running")

    assert make_host(place).stop(NAME) is True
    assert make_host(place).stop(NAME) is False
    assert place.forgotten == ["volume"]


def test_stop_of_one_launch(make_host: MakeHost, place: Any, container: str) -> None:
    """A launch that is named is ended, and nothing else that has the name."""
    place.engine.add(container, "running", labels={"ipt.terminal.launch": "second"})

    assert make_host(place).stop(NAME, "first") is False
    assert place.engine.removed == []
    assert make_host(place).stop(NAME, "second") is True


@pytest.mark.parametrize("question", ["inspect", "ended", "stop"])
def test_engines_refusal_is_unreachable(
    make_host: MakeHost, place: Any, question: str
) -> None:
    """Where it does not tell, nothing is taken for granted."""
    place.engine.refuse["find"] = EngineRefused("database is locked")

    with pytest.raises(HostUnreachable):
        getattr(make_host(place), question)(NAME)
    place.engine.refuse["labelled"] = EngineRefused("database is locked")
    with pytest.raises(HostUnreachable):
        make_host(place).living()

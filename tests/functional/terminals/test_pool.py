"""Two real sandbox hosts as one pool."""

import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iptweb.errors import HostsFull, HostUnreachable
from iptweb.terminals.claims import Claims
from iptweb.terminals.host import HostPool, Launched, SandboxHost
from iptweb.terminals.host.asking import Member
from iptweb.testing import FakeTenant

pytestmark = pytest.mark.needs("bubblewrap")
NAME = "alice-dev-IPT"


class Gate(SandboxHost):
    """A sandbox host whose network a test can cut."""

    is_cut = threading.Event()

    def living(self) -> list[Launched]:
        """Tell, unless the network is cut."""
        self._pass()
        return super().living()

    def inspect(self, name: str) -> Launched | None:
        """Look, unless the network is cut."""
        self._pass()
        return super().inspect(name)

    def stop(self, name: str, launch: str = "") -> bool:
        """End it, unless the network is cut."""
        self._pass()
        return super().stop(name, launch)

    def _pass(self) -> None:
        if self.is_cut.is_set():
            raise HostUnreachable("No route.")


class Hosts:
    """Hosts a and b, each with a folder of its own."""

    def __init__(self, folder: Path) -> None:
        python = Path(sys.executable)
        self.a = Gate(folder / "data/a", python=python)
        self.b = SandboxHost(folder / "data/b", python=python)
        self.a.is_cut = threading.Event()

    def pool(self, *, capacity: int = 0, drain: str = "") -> HostPool:
        """Return a pool as one message has it."""
        pairs = {"a": self.a, "b": self.b}
        return HostPool(
            [
                Member(name, host, capacity, drain=name == drain)
                for name, host in pairs.items()
            ]
        )


@pytest.fixture(name="hosts")
def _hosts(place: Any) -> Iterator[Hosts]:
    hosts = Hosts(place.folder)
    yield hosts
    hosts.a.is_cut.clear()
    with ThreadPoolExecutor(8) as pool:
        for host in (hosts.a, hosts.b):
            list(pool.map(host.stop, [one.name for one in host.living()]))


def test_forty_users_are_spread_evenly(place: Any, hosts: Hosts) -> None:
    """Two hosts with twenty places each take forty who start at once, and no more."""

    def launch(number: int) -> Launched:
        return hosts.pool(capacity=20).launch(place.request(f"user{number}", "l"))

    with ThreadPoolExecutor(8) as threads:
        launched = list(threads.map(launch, range(40)))

    assert [one.host for one in launched].count("a") == 20
    assert (len(hosts.a.living()), len(hosts.b.living())) == (20, 20)
    assert sorted(one.url for one in hosts.pool().living()) == sorted(
        one.url for one in launched
    )
    with pytest.raises(HostsFull):
        hosts.pool(capacity=20).launch(place.request("late"))
    assert len({one.url for one in launched}) == 40


def test_one_user_has_one_terminal(place: Any, hosts: Hosts) -> None:
    """However many start it at once from functions of their own, one of it lives."""
    tenant = FakeTenant()
    barrier = threading.Barrier(8)

    def start(number: int) -> Launched:
        claims = Claims(
            tenant.as_user("ipt"),
            "ipt",
            "dev",
            clock=time.time,
            sleep=time.sleep,
            new_id=lambda: f"claim-{number}",
        )
        barrier.wait()
        with claims.hold(NAME):
            return hosts.pool().launch(place.request(launch=f"launch-{number}"))

    with ThreadPoolExecutor(8) as threads:
        launched = list(threads.map(start, range(8)))

    assert len(set(launched)) == 1
    assert hosts.pool().living() == launched[:1]
    assert tenant.metadata == []


def test_drained_host_keeps_what_it_has(place: Any, hosts: Hosts, type_in: Any) -> None:
    """Its terminals go on and are found; new ones start elsewhere."""
    hosts.a.launch(place.request("alice"))
    pool = hosts.pool(drain="a")
    alice = pool.launch(place.request("alice", "again"))

    assert (alice.host, alice.launch) == ("a", "launch-1")
    assert type_in(alice, "echo alive") == "alive\n"
    assert [pool.launch(place.request(user)).host for user in ("bob", "eve")] == [
        "b",
        "b",
    ]
    assert pool.stop(NAME) is True
    assert pool.launch(place.request("alice", "new")).host == "b"


def test_host_that_comes_back_has_a_stray(
    place: Any, hosts: Hosts, type_in: Any
) -> None:
    """What was given up while its host was away is told apart and ended by its launch.

    As long as the record names the silent host, nothing is started elsewhere.
    """
    hosts.a.launch(place.request(launch="stray"))
    hosts.a.is_cut.set()
    wanted = place.request(launch="right")

    with pytest.raises(HostUnreachable, match="runs on the execution host a"):
        hosts.pool().launch(replace(wanted, last_host="a"))
    assert not hosts.pool().census().is_gone(NAME, "a")
    right = hosts.pool().launch(wanted)
    assert (right.host, right.note) == ("b", "No answer comes from a.")

    hosts.a.is_cut.clear()
    pool = hosts.pool()
    census = pool.census()
    assert [one.launch for one in census.of(NAME)] == ["right", "stray"]
    assert pool.inspect(NAME) == right
    assert pool.stop(NAME, "stray") is True
    assert [one.launch for one in pool.living()] == ["right"]
    assert type_in(right, "echo alive") == "alive\n"

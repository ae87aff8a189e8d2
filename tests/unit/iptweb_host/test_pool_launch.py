"""Several hosts as one: where terminals go."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from iptweb.errors import (
    ConfigError,
    HostKeyMismatch,
    HostsFull,
    HostUnreachable,
    LaunchFailed,
)
from iptweb.terminals.host import HostPool, Launched, LaunchRequest
from iptweb.terminals.host.asking import Member
from iptweb.testing import FakeHost

from .pools import NAME, Hosts, living, request


class HangingHost(FakeHost):
    """Answers only when the test is over."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.over = threading.Event()
        self.asked = 0

    def living(self) -> list[Launched]:
        """Hang."""
        self.asked += 1
        self.over.wait(20)
        return []

    def inspect(self, name: str) -> Launched | None:
        """Hang."""
        self.asked += 1
        self.over.wait(20)
        return super().inspect(name)


@pytest.fixture(name="hosts")
def _hosts() -> Hosts:
    return Hosts()


@pytest.fixture(name="hanging")
def _hanging() -> Iterator[HangingHost]:
    host = HangingHost("slow")
    yield host
    host.over.set()


def test_terminals_are_spread(hosts: Hosts) -> None:
    """One after the other, terminals go where fewer are."""
    for number in range(40):
        hosts.pool().launch(request(f"user{number}"))

    assert (len(hosts.a.terminals), len(hosts.b.terminals)) == (20, 20)


def test_those_who_see_the_same_counts_are_spread(hosts: Hosts) -> None:
    """Many who start at once do not all go to the first host."""
    for number in range(40):
        empty = Hosts()
        launched = empty.pool().launch(request(f"user{number}"))
        (hosts.a if launched.host == "a" else hosts.b).requests.append(request())

    assert 10 <= len(hosts.a.requests) <= 30


def test_most_free_capacity_comes_first(hosts: Hosts) -> None:
    """A large host takes more than a small one, and one without limit most of all."""
    for number in range(6):
        hosts.pool(a_capacity=8, b_capacity=3).launch(request(f"user{number}"))
    assert (len(hosts.a.terminals), len(hosts.b.terminals)) == (5, 1) or (
        len(hosts.a.terminals),
        len(hosts.b.terminals),
    ) == (6, 0)

    assert hosts.pool(a_capacity=100).launch(request()).host == "b"


def test_living_terminal_is_adopted_wherever_it_is(hosts: Hosts) -> None:
    """Room and drain do not matter to whoever has a terminal."""
    living(hosts.b)
    pool = hosts.pool(b_capacity=1, b_drain=True)

    assert pool.launch(request()).launch == "old"
    assert pool.inspect(NAME) == hosts.b.terminals[NAME]
    assert hosts.a.requests == hosts.b.requests == []


def test_drained_host_takes_no_new_ones(hosts: Hosts) -> None:
    """A host in drain mode is passed over; when all drain, that is the reason."""
    for number in range(4):
        assert hosts.pool(a_drain=True).launch(request(f"user{number}")).host == "b"
    with pytest.raises(HostsFull, match="taken out of service"):
        hosts.pool(a_drain=True, b_drain=True).launch(request())
    assert hosts.pool(a_drain=True, b_drain=True).census().free == 0


def test_full_hosts_say_so(hosts: Hosts) -> None:
    """When every place is taken a launch is refused, not squeezed in."""
    for number in range(3):
        hosts.pool(a_capacity=1, b_capacity=2).launch(request(f"user{number}"))

    with pytest.raises(HostsFull) as full:
        hosts.pool(a_capacity=1, b_capacity=2).launch(request())
    assert full.value.status == 429
    assert hosts.pool(a_capacity=1, b_capacity=2).census().free == 0
    assert hosts.pool(a_capacity=2, b_capacity=4).census().free == 3
    assert hosts.pool(a_capacity=2).census().free is None


def test_host_s_own_refusal_sends_to_the_next(hosts: Hosts) -> None:
    """A host that turns out to be full by itself is passed over."""
    hosts.a.capacity = hosts.b.capacity = 1
    places = {hosts.pool().launch(request(user)).host for user in ("alice", "bob")}

    assert places == {"a", "b"}
    with pytest.raises(HostsFull):
        hosts.pool().launch(request("carol"))


def test_newest_over_the_limit_gives_way(hosts: Hosts) -> None:
    """Of those who took the last place at once, the newest goes elsewhere."""

    class Crowded(FakeHost):
        def launch(self, wanted: LaunchRequest) -> Launched:
            rival = Launched("rival-dev-IPT", "r", "ws://x:2/", "a", started=4.0)
            self.terminals[rival.name] = rival
            return super().launch(wanted)

    hosts.a = Crowded("a", clock=lambda: 5.0)
    changes = {"a_capacity": 1, "b_drain": True}
    with pytest.raises(HostsFull):
        hosts.pool(**changes).launch(request())
    assert list(hosts.a.terminals) == ["rival-dev-IPT"]

    hosts.a = Crowded("a", clock=lambda: 3.0)
    assert hosts.pool(**changes).launch(request()).host == "a"
    assert len(hosts.a.terminals) == 2

    hosts.a = Crowded("a", clock=lambda: 5.0)
    assert hosts.pool(a_capacity=2, b_capacity=1).launch(request()).host == "a"


def test_over_the_limit_goes_to_the_next_host(hosts: Hosts) -> None:
    """Who gave way on one host gets a place on another that has one."""

    class Crowded(FakeHost):
        def launch(self, wanted: LaunchRequest) -> Launched:
            rivals = [Launched(f"r{n}-dev-IPT", "r", "ws://x:2/", "a") for n in "12"]
            self.terminals |= {rival.name: rival for rival in rivals}
            return super().launch(wanted)

    hosts.a = Crowded("a", clock=lambda: 5.0)

    assert hosts.pool(a_capacity=2, b_capacity=1).launch(request()).host == "b"
    assert NAME not in hosts.a.terminals


def test_silent_host_is_skipped_and_named(hosts: Hosts) -> None:
    """A host that does not answer costs others nothing, and everybody hears of it."""
    hosts.a.fall_silent()
    pool = hosts.pool()
    launched = pool.launch(request())

    assert launched.host == "b"
    assert launched.note == "No answer comes from a."
    assert hosts.log == [("host_silent", "a")]
    with pytest.raises(HostsFull, match="No answer comes from a"):
        hosts.pool(b_capacity=1).launch(request("bob"))


@pytest.mark.parametrize(
    "failure", [HostUnreachable("Away."), HostKeyMismatch("Another one.")]
)
def test_host_of_the_record_must_answer(hosts: Hosts, failure: Any) -> None:
    """Where the terminal may live nothing else is started, and the person hears why."""
    hosts.a.failure = failure

    with pytest.raises(
        HostUnreachable, match="runs on the execution host a"
    ) as refused:
        hosts.pool().launch(request(last_host="a"))
    assert refused.value.context["host"] == "a"
    assert hosts.b.requests == []
    assert hosts.pool().launch(request(last_host="b")).host == "b"
    assert hosts.pool().launch(request("bob", last_host="gone")).host == "b"


def test_terminal_that_is_found_counts_more_than_silence(hosts: Hosts) -> None:
    """Where the terminal lives on a host that answers, the silent one is no matter."""
    living(hosts.b)
    hosts.a.fall_silent()

    assert hosts.pool().launch(request(last_host="a")).launch == "old"
    assert hosts.pool().inspect(NAME) is not None
    assert hosts.pool().stop(NAME) is True


def test_no_host_answers(hosts: Hosts) -> None:
    """All of them are named."""
    hosts.a.fall_silent()
    hosts.b.fall_silent()

    with pytest.raises(
        HostUnreachable, match=r"No execution host answers now \(a, b\)"
    ):
        hosts.pool().launch(request())
    assert set(hosts.pool().census().silent) == {"a", "b"}


def test_hanging_host_makes_nobody_wait_for_long(
    hosts: Hosts, hanging: HangingHost
) -> None:
    """A host that hangs is given up after a moment, once in a message."""
    pool = hosts.pool(Member("slow", hanging), patience_s=0.1)
    began = time.monotonic()
    launched = pool.launch(request())
    pool.launch(request("bob"))
    pool.census()

    assert time.monotonic() - began < 1
    assert launched.note == "No answer comes from slow."
    assert hanging.asked == 1
    assert hosts.log == [("host_silent", "slow")]
    with pytest.raises(HostUnreachable, match="runs on the execution host slow"):
        pool.launch(request("carol", last_host="slow"))


def test_host_that_falls_silent_on_the_way_is_named(hosts: Hosts) -> None:
    """A launch that may have happened is not repeated elsewhere."""

    class Fragile(FakeHost):
        def launch(self, wanted: LaunchRequest) -> Launched:
            super().launch(wanted)
            raise HostUnreachable("The line went dead.")

    hosts.a = Fragile("a")

    with pytest.raises(HostUnreachable, match="host a: The line went dead") as refused:
        hosts.pool(b_drain=True).launch(request())
    assert refused.value.context["host"] == "a"
    assert hosts.b.requests == []


def test_failed_launch_is_not_repeated_elsewhere(hosts: Hosts) -> None:
    """What is wrong with a home is wrong everywhere."""

    class Broken(FakeHost):
        def launch(self, wanted: LaunchRequest) -> Launched:
            raise LaunchFailed(f"No home for {wanted.user}.")

    hosts.a = Broken("a")
    with pytest.raises(LaunchFailed, match="No home"):
        hosts.pool(b_drain=True).launch(request())


@pytest.mark.parametrize("failure", [ConfigError("No key."), ZeroDivisionError()])
def test_bugs_and_bad_settings_are_no_silence(hosts: Hosts, failure: Any) -> None:
    """What an administrator or we must mend does not hide behind another host."""
    hosts.a.failure = failure

    with pytest.raises(type(failure)):
        hosts.pool().launch(request())


def test_pool_of_one_adds_nothing() -> None:
    """Passing a call on takes less than a tenth of a millisecond."""
    host = FakeHost("only")
    living(host)
    pool = HostPool([Member("only", host)])
    wanted = replace(request(), launch="again")
    began = time.perf_counter()
    for _ in range(100):
        pool.launch(wanted)

    assert (time.perf_counter() - began) / 100 < 1e-4

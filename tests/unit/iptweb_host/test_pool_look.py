"""Several hosts as one: where terminals are, and what silence means."""

import threading

import pytest

from iptweb.errors import HostKeyMismatch, HostsFull, HostUnreachable
from iptweb.terminals.host import (
    Ended,
    Ending,
    HostPool,
    Launched,
    LaunchRequest,
)
from iptweb.terminals.host.asking import Member
from iptweb.testing import FakeHost

from .pools import NAME, Hosts, living, request


@pytest.fixture(name="hosts")
def _hosts() -> Hosts:
    return Hosts()


def test_stop_ends_it_wherever_it_is(hosts: Hosts) -> None:
    """However many there are of that name, none is left."""
    living(hosts.a)
    living(hosts.b)

    assert hosts.pool().stop(NAME) is True
    assert hosts.a.terminals == hosts.b.terminals == {}
    assert hosts.pool().stop(NAME) is False


def test_stop_clears_what_ended(hosts: Hosts) -> None:
    """Stopping one clears away what an earlier one left on another host."""
    living(hosts.a)
    hosts.b.endings[NAME] = Ended("older", Ending.IDLE)

    assert hosts.pool().stop(NAME) is True
    assert hosts.b.endings == {}


def test_silence_is_not_death(hosts: Hosts) -> None:
    """Nobody is told that there is no terminal while a host is silent."""
    hosts.a.fall_silent()
    hosts.b.endings["bob-dev-IPT"] = Ended("l", Ending.EXIT)

    for question in (
        lambda: hosts.pool().stop(NAME),
        lambda: hosts.pool().inspect(NAME),
        lambda: hosts.pool().living(),
        lambda: hosts.pool().ended(NAME),
        lambda: hosts.pool().stop(NAME, "l"),
    ):
        with pytest.raises(HostUnreachable, match="may be on a") as refused:
            question()
        assert refused.value.context["hosts"] == ("a",)
    assert hosts.pool().ended("bob-dev-IPT") == Ended("l", Ending.EXIT)


def test_failed_stop_is_told(hosts: Hosts) -> None:
    """A terminal that does not end is an error, whatever other hosts say."""

    class Stubborn(FakeHost):
        def stop(self, name: str, launch: str = "") -> bool:
            del launch
            raise HostUnreachable(f"{name} stays.")

    hosts.a = Stubborn("a")
    living(hosts.a)
    living(hosts.b)

    with pytest.raises(HostUnreachable, match="On a: alice-dev-IPT stays"):
        hosts.pool().stop(NAME)
    assert hosts.b.terminals == {}


def test_stray_shows_twice_and_is_ended_by_its_launch(hosts: Hosts) -> None:
    """When a host comes back with a terminal that was given up, that one is ended."""
    living(hosts.a, "stray", 1.0)
    living(hosts.b, "right", 2.0)
    pool = hosts.pool()
    census = pool.census()

    assert [(one.host, one.launch) for one in census.of(NAME)] == [
        ("b", "right"),
        ("a", "stray"),
    ]
    assert [one.launch for one in pool.living()] == ["stray", "right"]
    assert pool.inspect(NAME) == census.find("right")
    assert pool.launch(request()).launch == "right"
    assert pool.launch(request(last_host="a")).launch == "stray"
    assert census.find("other") is None
    assert pool.stop(NAME, "other") is False
    assert pool.stop(NAME, "stray") is True
    assert hosts.a.terminals == {}
    assert hosts.b.terminals.keys() == {NAME}


def test_census_knows_what_is_gone(hosts: Hosts) -> None:
    """Gone is what no host has and the record's own host would have told."""
    living(hosts.b)
    hosts.a.fall_silent()
    census = hosts.pool().census()

    assert not census.is_gone(NAME, "a")
    assert not census.is_gone(NAME, "b")
    assert not census.is_gone("bob-dev-IPT", "a")
    assert not census.is_gone("bob-dev-IPT", "")
    assert census.is_gone("bob-dev-IPT", "b")
    hosts.a.come_back()
    assert hosts.pool().census().is_gone("bob-dev-IPT", "")


def test_ending_is_that_of_the_launch(hosts: Hosts) -> None:
    """Two hosts may remember two launches of one name."""
    hosts.a.endings[NAME] = Ended("first", Ending.IDLE)
    hosts.b.endings[NAME] = Ended("second", Ending.AGE)
    pool = hosts.pool()

    assert pool.endings(NAME) == [
        Ended("first", Ending.IDLE),
        Ended("second", Ending.AGE),
    ]
    assert pool.endings("bob-dev-IPT") == []


def test_single_host_is_asked_directly(hosts: Hosts) -> None:
    """A pool of one passes every call on, in the caller's own thread."""
    threads: set[int] = set()

    class Watched(FakeHost):
        def launch(self, wanted: LaunchRequest) -> Launched:
            threads.add(threading.get_ident())
            return super().launch(wanted)

        def living(self) -> list[Launched]:
            threads.add(threading.get_ident())
            return super().living()

    host = Watched("only")
    pool = HostPool([Member("only", host)])
    limited = HostPool([Member("only", host, capacity=1)])

    assert pool.launch(request()) == host.terminals[NAME]
    assert pool.inspect(NAME) == host.terminals[NAME]
    assert pool.living() == [host.terminals[NAME]]
    assert limited.launch(request()).launch == "new"
    with pytest.raises(HostsFull):
        limited.launch(request("bob"))
    assert pool.stop(NAME, "old") is False
    assert pool.stop(NAME, "new") is True
    assert pool.stop(NAME) is False
    assert pool.ended(NAME) is None
    assert threads == {threading.get_ident()}
    assert hosts.log == []


def test_single_host_s_own_words_are_kept() -> None:
    """Where there is one host only its own error says most."""
    host = FakeHost("only")
    host.failure = HostKeyMismatch("Another key.")

    for pool in (
        HostPool([Member("only", host)]),
        HostPool([Member("only", host, capacity=1)]),
    ):
        with pytest.raises(HostKeyMismatch, match="Another key"):
            pool.launch(request())
        with pytest.raises(HostKeyMismatch):
            pool.inspect(NAME)
        assert pool.census().silent == {"only": "Another key."}


def test_own_host_settles_it(hosts: Hosts) -> None:
    """Once the record's own host has answered, nobody else's silence matters."""
    hosts.a.fall_silent()

    assert hosts.pool().inspect(NAME, last_host="b") is None
    assert hosts.pool().stop(NAME, last_host="b") is False
    living(hosts.b)
    assert hosts.pool().stop(NAME, last_host="b") is True
    for question in (hosts.pool().inspect, hosts.pool().stop):
        with pytest.raises(HostUnreachable, match="runs on the execution host a"):
            question(NAME, last_host="a")
        with pytest.raises(HostUnreachable, match="may be on a"):
            question(NAME, last_host="former")


def test_absent_host_is_a_silent_one() -> None:
    """A host that can't even be asked now may have its own records' terminals."""
    host = FakeHost("here")
    pool = HostPool([Member("here", host)], absent=["gone"])

    for question in (pool.inspect, pool.stop):
        assert not question(NAME, last_host="here")
        with pytest.raises(HostUnreachable, match="runs on the execution host gone"):
            question(NAME, last_host="gone")
    living(host)
    assert pool.stop(NAME, last_host="gone") is True


def test_where_else_a_terminal_could_go(hosts: Hosts) -> None:
    """There are others where any host is not the record's own."""
    only = HostPool([Member("a", hosts.a)])

    assert hosts.pool().has_others("a")
    assert hosts.pool().has_others("")
    assert only.has_others("gone")
    assert not only.has_others("a")
    assert not only.has_others("")

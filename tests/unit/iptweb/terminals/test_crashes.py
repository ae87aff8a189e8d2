"""A function that dies, or loses an answer, between any two calls to the outside.

Each case is run again and again, with the trouble at the first call, the second, and so
on, until the command comes through.  After each, whoever looks next finds everything,
or makes it, whole.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from iptweb.errors import AgaveUnavailable, HostUnreachable, IptwebError
from iptweb.terminals import Status, TerminalService
from iptweb.testing import FakeTerminals

OVERDUE = 130.0
HOST_CALLS = {"launch", "stop", "inspect", "census", "endings"}
Command = Callable[[TerminalService], object]


class Died(BaseException):
    """The function was killed; it does nothing more, not even tidy up."""


class Trouble:
    """Lets the nth call go wrong.

    Args:
        number: Which call, from 0.
        when: Before the call is made, or after.
        is_fatal: Whether the function dies of it, or only misses the answer.
    """

    def __init__(self, number: int, when: str, *, is_fatal: bool) -> None:
        self._left = number
        self._when = when
        self._is_fatal = is_fatal
        self.has_come = False

    def __call__(self, call: str, when: str) -> None:
        """Take note of a call."""
        if self.has_come and self._is_fatal:
            raise Died
        if when != self._when:
            return
        self._left -= 1
        if self._left == -1:
            self.has_come = True
            raise self._error(call)

    def _error(self, call: str) -> BaseException:
        if self._is_fatal:
            return Died()
        if call in HOST_CALLS:
            return HostUnreachable("No answer.")
        return AgaveUnavailable("No answer.", service="meta")


@dataclass(frozen=True)
class Case:
    """Something that a person does, and what was before.

    Attributes:
        before: Brings the terminals there.
        command: Is in trouble.
        hosts: Names of the hosts.
    """

    before: Callable[[FakeTerminals], None]
    command: Command
    hosts: tuple[str, ...] = ("only",)


def nothing(_terminals: FakeTerminals) -> None:
    """Let nothing be."""


def started(terminals: FakeTerminals) -> None:
    """Let ada have a terminal."""
    terminals.service().start("ada")


def ended(terminals: FakeTerminals) -> None:
    """Let ada's terminal have ended by itself."""
    started(terminals)
    for host in terminals.hosts.values():
        if "ada-test-IPT" in host.terminals:
            host.end("ada-test-IPT")


def stopped(terminals: FakeTerminals) -> None:
    """Let ada have stopped her terminal."""
    started(terminals)
    terminals.service().stop("ada")


def in_line(terminals: FakeTerminals) -> None:
    """Let ada and then eve wait; a place is free by now."""
    for host in terminals.hosts.values():
        host.capacity = 1
    for number in range(len(terminals.hosts)):
        terminals.service().start(f"bob{number}")
    terminals.service().start("ada")
    terminals.now += 1
    terminals.service().start("eve")
    terminals.service().stop("bob0")


def orphaned(terminals: FakeTerminals) -> None:
    """Let terminals live that no record tells of, or that it has forgotten."""
    in_line(terminals)
    terminals.service().sync("ada")
    started(terminals)
    terminals.tenant.metadata = [
        item for item in terminals.tenant.metadata if not item.name.startswith("bob")
    ]
    terminals.now += 200


def start(service: TerminalService) -> object:
    """Press Start."""
    return service.start("ada")


def stop(service: TerminalService) -> object:
    """Press Stop."""
    return service.stop("ada")


def restart(service: TerminalService) -> object:
    """Press Restart."""
    return service.restart("ada")


def sync(service: TerminalService) -> object:
    """Sync."""
    return service.sync("ada")


def sweep(service: TerminalService) -> object:
    """Sweep."""
    return service.sweep()


TWO = ("a", "b")
CASES = {
    "first start": Case(nothing, start),
    "first start, two hosts": Case(nothing, start, TWO),
    "start of a living one": Case(started, start),
    "start of an ended one": Case(ended, start),
    "start of an ended one, two hosts": Case(ended, start, TWO),
    "start after stop": Case(stopped, start),
    "start in line": Case(in_line, start),
    "start in line, two hosts": Case(in_line, start, TWO),
    "stop": Case(started, stop),
    "stop, two hosts": Case(started, stop, TWO),
    "stop in line": Case(in_line, stop),
    "restart": Case(started, restart),
    "restart, two hosts": Case(started, restart, TWO),
    "sync of a living one": Case(started, sync),
    "sync of an ended one": Case(ended, sync),
    "sweep of a line": Case(in_line, sweep),
    "sweep of a line, two hosts": Case(in_line, sweep, TWO),
    "sweep of orphans": Case(orphaned, sweep),
}


def troubles(case: Case, *, is_fatal: bool) -> Iterator[tuple[FakeTerminals, str]]:
    """Yield what is left after trouble at each call of a case, one after the other."""
    for when in ("before", "after"):
        for number in range(1000):
            terminals = FakeTerminals(*case.hosts)
            case.before(terminals)
            trouble = Trouble(number, when, is_fatal=is_fatal)
            with contextlib.suppress(Died, IptwebError):
                case.command(terminals.service(trouble))
            if not trouble.has_come:
                break
            yield terminals, f"{when} call {number}"


def check_agreement(terminals: FakeTerminals, where: str) -> None:
    """Check that each record tells of what lives, and that nothing else lives."""
    known = set()
    for item in terminals.tenant.metadata:
        if "status" not in item.value:
            continue
        record = terminals.record(item.value["user"])
        living = [one.launch for one in terminals.living(record.user)]
        expected = [record.launch] if record.status is Status.READY else []
        assert expected == living, (where, record)
        known.add(record.name)
    for host in terminals.hosts.values():
        assert set(host.terminals) <= known, where


@pytest.mark.parametrize("is_fatal", [True, False])
@pytest.mark.parametrize("name", CASES)
def test_start_makes_it_whole(name: str, *, is_fatal: bool) -> None:
    """START afterwards gives one terminal that the record tells of."""
    for terminals, where in troubles(CASES[name], is_fatal=is_fatal):
        terminals.now += OVERDUE
        for host in terminals.hosts.values():
            host.capacity = 0

        # One who was in line before, or is being started, may still have to come first.
        for user in ("ada", "eve"):
            terminals.service().start(user)
        record = terminals.service().start("ada")

        assert record.status is Status.READY, where
        assert [one.launch for one in terminals.living("ada")] == [record.launch], where


@pytest.mark.parametrize("is_fatal", [True, False])
@pytest.mark.parametrize("name", CASES)
def test_sweep_makes_it_whole(name: str, *, is_fatal: bool) -> None:
    """After a sweep all records tell of what lives, and nothing else lives."""
    for terminals, where in troubles(CASES[name], is_fatal=is_fatal):
        terminals.now += OVERDUE

        swept = terminals.service().sweep()

        assert swept.skipped == 0, where
        check_agreement(terminals, where)


@pytest.mark.parametrize("is_fatal", [True, False])
@pytest.mark.parametrize("name", ["start in line", "sweep of a line"])
def test_place_outlives_trouble(name: str, *, is_fatal: bool) -> None:
    """Whatever happens to a start from the line, who asks again is still the first."""
    for terminals, where in troubles(CASES[name], is_fatal=is_fatal):
        terminals.now += OVERDUE
        for user in ("ada", "eve"):
            terminals.service().start(user)

        assert terminals.record("ada").status is Status.READY, where
        assert terminals.record("eve").is_waiting, where


@pytest.mark.parametrize("name", ["first start", "start of a living one"])
def test_lost_answer_repeated(name: str) -> None:
    """A START whose last answer was lost gives the same terminal when repeated."""
    terminals = FakeTerminals(*CASES[name].hosts)
    CASES[name].before(terminals)
    first = terminals.service().start("ada")

    assert terminals.service().start("ada") == first

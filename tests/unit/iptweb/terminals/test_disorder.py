"""Messages that come twice, late, out of order, at the same time, or never."""

import random
import threading
from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from iptweb.errors import IptwebError
from iptweb.terminals import Status, TerminalRecord
from iptweb.terminals.host.base import Ending
from iptweb.testing import FakeTerminals

USERS = ("ada", "bob", "eve")
OVERDUE = 130.0
COMMANDS = ("START", "STOP", "RESTART", "SYNC")


@dataclass(frozen=True)
class Message:
    """A command on its way.

    Attributes:
        user: Whose.
        command: What to do.
        times: How often it comes.
        late: How many other messages overtake it.
    """

    user: str
    command: str
    times: int
    late: int


@dataclass(frozen=True)
class Event:
    """Something that happens on the hosts.

    Attributes:
        kind: What.
        number: To which host or user.
    """

    kind: str
    number: int


MESSAGES = st.builds(
    Message,
    user=st.sampled_from(USERS),
    command=st.sampled_from((*COMMANDS, "START", "START", "SWEEP")),
    times=st.sampled_from((0, 1, 1, 1, 2)),
    late=st.integers(0, 3),
)
EVENTS = st.builds(
    Event,
    kind=st.sampled_from(("end", "silent", "back", "minute", "hour")),
    number=st.integers(0, 5),
)
DAYS = st.lists(MESSAGES | EVENTS, max_size=40)
HOSTS = st.sampled_from((("only",), ("a", "b")))


def deliver(terminals: FakeTerminals, user: str, command: str) -> None:
    """Let a new process answer a message; a refusal is an answer, too."""
    service = terminals.service()
    try:
        match command:
            case "START":
                service.start(user)
            case "STOP":
                service.stop(user)
            case "RESTART":
                service.restart(user)
            case "SYNC":
                service.sync(user)
            case _:
                service.sweep()
    except IptwebError:
        pass


def happen(terminals: FakeTerminals, event: Event) -> None:
    """Let something happen on the hosts."""
    hosts = list(terminals.hosts.values())
    host = hosts[event.number % len(hosts)]
    match event.kind:
        case "end":
            name = TerminalRecord.name_of(USERS[event.number % len(USERS)], "test")
            if name in host.terminals:
                host.end(name, list(Ending)[event.number % len(Ending)])
        case "silent":
            host.fall_silent()
        case "back":
            host.come_back()
        case "minute":
            terminals.now += 60
        case _:
            terminals.now += 3600


def in_disorder(day: list[Message | Event]) -> list[tuple[str, str] | Event]:
    """Return what happens, as often as it does and in the order in which it does."""
    arrivals: list[tuple[float, int, tuple[str, str] | Event]] = []
    for number, entry in enumerate(day):
        if isinstance(entry, Event):
            arrivals.append((number, number, entry))
            continue
        arrivals += [
            (number + entry.late + again * 1.5, number, (entry.user, entry.command))
            for again in range(entry.times)
        ]
    return [entry for *_, entry in sorted(arrivals, key=lambda arrival: arrival[:2])]


def check_places(
    before: dict[str, TerminalRecord], after: dict[str, TerminalRecord], sender: str
) -> None:
    """Check that nobody else's message took somebody's place."""
    for user, record in before.items():
        if record.is_waiting and user != sender and after[user].is_waiting:
            assert after[user].queued == record.queued


def check_agreement(terminals: FakeTerminals) -> None:
    """Check that each record tells of what lives."""
    for user in USERS:
        record = terminals.record(user)
        living = [one.launch for one in terminals.living(user)]
        assert living == ([record.launch] if record.status is Status.READY else [])


def records(terminals: FakeTerminals) -> dict[str, TerminalRecord]:
    """Return everybody's record."""
    return {user: terminals.record(user) for user in USERS}


def are_all_there(terminals: FakeTerminals) -> bool:
    """Return whether every host answers."""
    return all(host.failure is None for host in terminals.hosts.values())


@given(day=DAYS, hosts=HOSTS, capacity=st.sampled_from((0, 1, 2)))
def test_bad_day(
    day: list[Message | Event], hosts: tuple[str, ...], capacity: int
) -> None:
    """Nobody has two terminals, keeps a wrong record, or loses a place in line."""
    terminals = FakeTerminals(*hosts, capacity=capacity)
    gave_up = False
    for entry in in_disorder(day):
        if isinstance(entry, Event):
            happen(terminals, entry)
            continue
        user, command = entry
        before = records(terminals)
        # Only a restart may leave a terminal behind, on a host that does not answer.
        gave_up |= command == "RESTART" and not are_all_there(terminals)
        deliver(terminals, user, command)
        check_places(before, records(terminals), user if command != "SWEEP" else "")
        if not gave_up:
            assert all(len(terminals.living(each)) <= 1 for each in USERS)

    for host in terminals.hosts.values():
        host.come_back()
    terminals.now += OVERDUE
    for user in USERS:
        terminals.service().sync(user)
    check_agreement(terminals)


@given(
    day=DAYS,
    hosts=HOSTS,
    capacity=st.sampled_from((0, 1)),
    last=st.sampled_from(("START", "STOP", "RESTART")),
)
def test_last_word_counts(
    day: list[Message | Event], hosts: tuple[str, ...], capacity: int, last: str
) -> None:
    """What was asked for last is what there is, when everything answers again."""
    terminals = FakeTerminals(*hosts, capacity=capacity)
    for entry in in_disorder(day):
        if isinstance(entry, Event):
            happen(terminals, entry)
        else:
            deliver(terminals, *entry)
    for host in terminals.hosts.values():
        host.come_back()
    terminals.now += OVERDUE
    deliver(terminals, "ada", last)

    record = terminals.record("ada")
    living = [one.launch for one in terminals.living("ada")]
    if last == "STOP":
        assert record.status in {Status.STOPPED, Status.PENDING}
        assert not record.is_waiting
        assert living == []
    elif record.is_waiting:
        assert capacity > 0
    else:
        assert record.status is Status.READY
        assert record.launch in living
        # The same again is the same.
        assert terminals.service().start("ada") == record


@given(day=DAYS, hosts=HOSTS)
def test_sweeps_end_everything_stray(
    day: list[Message | Event], hosts: tuple[str, ...]
) -> None:
    """Two sweeps after a bad day there is nothing left to do for a third."""
    terminals = FakeTerminals(*hosts, capacity=1)
    for entry in in_disorder(day):
        if isinstance(entry, Event):
            happen(terminals, entry)
        else:
            deliver(terminals, *entry)
    for host in terminals.hosts.values():
        host.come_back()
    for _ in range(2):
        terminals.now += OVERDUE
        terminals.service().sweep()
    check_agreement(terminals)

    swept = terminals.service().sweep()

    done = (swept.stopped, swept.failed, swept.orphans_ended, swept.admitted)
    assert done == (0, 0, 0, 0)


class Turns:
    """Threads of which one moves at a time, from one call to the next.

    Args:
        seed: Of the order in which they move.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - an order of events
        self._moved = threading.Semaphore(0)
        self._turns: dict[int, threading.Semaphore] = {}
        self._going: set[int] = set()
        self.failures: list[BaseException] = []

    def run(self, terminals: FakeTerminals, work: list[tuple[str, str]]) -> None:
        """Deliver messages at the same time, until all are answered."""
        threads = [
            threading.Thread(target=self._deliver, args=(number, terminals, *message))
            for number, message in enumerate(work)
        ]
        for number, thread in enumerate(threads):
            self._turns[number] = threading.Semaphore(0)
            self._going.add(number)
            thread.start()
        while self._going:
            number = self._random.choice(sorted(self._going))
            self._turns[number].release()
            self._moved.acquire()
        for thread in threads:
            thread.join()
        if self.failures:
            raise self.failures[0]

    def _deliver(
        self, number: int, terminals: FakeTerminals, user: str, command: str
    ) -> None:
        self._turns[number].acquire()
        try:
            service = terminals.service(lambda _call, _when: self._pause(number))
            operations: dict[str, Any] = {
                "START": lambda: service.start(user),
                "STOP": lambda: service.stop(user),
                "RESTART": lambda: service.restart(user),
                "SYNC": lambda: service.sync(user),
                "SWEEP": service.sweep,
            }
            operations[command]()
        except IptwebError:
            pass
        except BaseException as error:  # noqa: BLE001 - raised in the test
            self.failures.append(error)
        finally:
            self._going.discard(number)
            self._moved.release()

    def _pause(self, number: int) -> None:
        self._moved.release()
        self._turns[number].acquire()


AT_ONCE = st.lists(
    st.tuples(
        st.sampled_from(("ada", "ada", "bob")),
        st.sampled_from(("START", "START", "STOP", "RESTART", "SYNC", "SWEEP")),
    ),
    min_size=2,
    max_size=4,
)


@given(
    before=st.lists(st.sampled_from(COMMANDS), max_size=2),
    work=AT_ONCE,
    hosts=HOSTS,
    capacity=st.sampled_from((0, 1)),
    seed=st.integers(0, 2**32),
)
def test_all_at_once(
    before: list[str],
    work: list[tuple[str, str]],
    hosts: tuple[str, ...],
    capacity: int,
    seed: int,
) -> None:
    """Messages that are answered at the same time, call by call, end in agreement."""
    terminals = FakeTerminals(*hosts, capacity=capacity)
    for command in before:
        deliver(terminals, "ada", command)

    Turns(seed).run(terminals, work)

    assert all(len(terminals.living(user)) <= 1 for user in USERS)
    terminals.now += OVERDUE
    for user in USERS:
        terminals.service().sync(user)
    check_agreement(terminals)

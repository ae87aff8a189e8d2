"""The line of those who wait."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.terminals import Status, TerminalRecord
from iptweb.terminals.queue import in_order, position_of
from iptweb.terminals.record import to_time

NOW = 1_800_000_000.0
USERS = ("ada", "bob", "eve", "mia", "zoe")


def waiting(user: str, since: float, asked: float = 0) -> TerminalRecord:
    """Return a record in line; times are seconds ago."""
    record = TerminalRecord.new(user, "test", NOW)
    return dataclasses.replace(
        record, queued=to_time(NOW - since), asked=to_time(NOW - asked)
    )


def test_nobody_waits() -> None:
    """Where nobody waits one is the next."""
    assert position_of(TerminalRecord.new("ada", "test", NOW), [], NOW) == 1


def test_own_place_does_not_count() -> None:
    """One's own record is not before oneself."""
    ada = waiting("ada", 10)

    assert position_of(ada, [ada], NOW) == 1


def test_newcomer_is_last() -> None:
    """Who has no place is behind all who have one."""
    line = [waiting("bob", 1), waiting("eve", 2)]

    assert position_of(TerminalRecord.new("ada", "test", NOW), line, NOW) == 3


def test_same_moment() -> None:
    """Of two that came at the same moment both agree who is first."""
    ada, bob = waiting("ada", 5), waiting("bob", 5)

    assert [position_of(r, [ada, bob], NOW) for r in (ada, bob)] == [1, 2]


@pytest.mark.parametrize(("asked", "position"), [(599, 2), (600, 1)])
def test_silent_one_holds_up_for_ten_minutes(asked: float, position: int) -> None:
    """A place nobody asked for in ten minutes is passed over."""
    bob, ada = waiting("bob", 5000, asked), waiting("ada", 10)

    assert position_of(ada, [bob, ada], NOW) == position


def test_clock_that_was_set_back() -> None:
    """Who asked in the future holds nobody up until then, and can ask again."""
    bob, ada = waiting("bob", 5000, -3600), waiting("ada", 10)

    assert position_of(ada, [bob, ada], NOW) == 1
    assert position_of(ada, [bob.ask(NOW), ada], NOW) == 2


@pytest.mark.parametrize(
    ("status", "position"),
    [
        (Status.SUBMITTED, 2),
        (Status.ERROR, 1),
        (Status.STOPPED, 1),
        (Status.READY, 1),
    ],
)
def test_states_that_hold_up(status: Status, position: int) -> None:
    """Of those who have a place, who waits or is being started holds up others."""
    bob = dataclasses.replace(waiting("bob", 50), status=status)

    assert position_of(waiting("ada", 10), [bob], NOW) == position


def test_order_of_service() -> None:
    """Who asks is served before who does not, each in the order of their places."""
    records = [
        waiting("ada", 9000, 9000),
        waiting("bob", 8000, 8000),
        waiting("eve", 50),
        waiting("mia", 60),
        TerminalRecord.new("zoe", "test", NOW),
    ]

    assert [r.user for r in in_order(records, NOW)] == ["mia", "eve", "ada", "bob"]


@given(
    st.lists(
        st.tuples(st.sampled_from(USERS), st.integers(0, 2000), st.integers(0, 2000)),
        unique_by=lambda entry: entry[0],
    )
)
def test_positions_are_an_order(entries: list[tuple[str, int, int]]) -> None:
    """Positions of those who ask are 1, 2, 3 …, in the order in which they came."""
    line = [waiting(user, since, asked) for user, since, asked in entries]
    asking = [record for record in in_order(line, NOW) if record.is_asked_for(NOW)]

    positions = [position_of(record, line, NOW) for record in asking]

    assert positions == list(range(1, len(asking) + 1))

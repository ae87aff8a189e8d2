"""The record of a terminal."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.errors import BadRequest, IllegalTransition
from iptweb.terminals import Status, TerminalRecord

NOW = 1_800_000_000.0


def submitted(deadline_s: float = 120) -> TerminalRecord:
    """Return a record whose terminal is being started."""
    new = TerminalRecord.new("ada", "test", NOW)
    return new.move(Status.SUBMITTED, NOW, launch="l", deadline_s=deadline_s)


def test_new_record() -> None:
    """A new record is PENDING and named after user and instance."""
    record = TerminalRecord.new("ada", "test", NOW)

    assert record.to_value() == {
        "name": "ada-test-IPT",
        "user": "ada",
        "status": "PENDING",
        "url": "",
        "reason": "",
        "host": "",
        "launch": "",
        "since": "2027-01-15T08:00:00.000Z",
        "deadline": "",
    }


def test_value_round_trip() -> None:
    """What is written reads the same."""
    record = submitted()

    assert TerminalRecord.from_value(record.to_value(), "ada", "test") == record


def test_hostile_user_has_no_record() -> None:
    """A name that is none is refused before it becomes part of a name."""
    with pytest.raises(BadRequest):
        TerminalRecord.name_of("a/../b", "test")


@pytest.mark.parametrize(
    "value", [None, "x", {}, {"name": "bob-test-IPT"}, {"name": "ada-prod-IPT"}]
)
def test_foreign_value(value: Any) -> None:
    """A document that is not this user's record of this instance is refused."""
    with pytest.raises(BadRequest):
        TerminalRecord.from_value(value, "ada", "test")


@given(
    st.dictionaries(
        st.sampled_from(["status", "url", "since", "deadline", "user", "extra"]),
        st.none() | st.integers() | st.text(),
    )
)
def test_garbled_value_is_read(value: dict[str, Any]) -> None:
    """Whatever else a record holds, it is read, and an unknown state is an error."""
    record = TerminalRecord.from_value({**value, "name": "ada-test-IPT"}, "ada", "test")

    assert record.user == "ada"
    assert record.status in set(Status)
    record.as_of(NOW)
    record.to_answer()


def test_overdue_start_is_an_error() -> None:
    """A start that took longer than its deadline reads as a failure with a reason."""
    assert submitted().as_of(NOW + 119) == submitted()
    late = submitted().as_of(NOW + 120)

    assert late.status is Status.ERROR
    assert "too long" in late.to_answer()["message"]


def test_start_by_hand_is_never_overdue() -> None:
    """Where a person starts terminals there is no deadline."""
    assert not submitted(deadline_s=0).is_overdue(NOW + 10**6)


def test_move_forgets() -> None:
    """What a move does not give is forgotten, so that no old address survives."""
    ready = submitted().move(Status.READY, NOW, url="ws://x", launch="l", host="h")
    stopped = ready.move(Status.STOPPED, NOW + 1)

    assert (stopped.url, stopped.launch, stopped.host) == ("", "", "")
    assert stopped.since == "2027-01-15T08:00:01.000Z"
    with pytest.raises(IllegalTransition):
        stopped.move(Status.READY, NOW)


def test_answer_hides_the_deadline() -> None:
    """Callers see everything but the deadline, and a sentence."""
    answer = submitted().to_answer()

    assert "deadline" not in answer
    assert answer["message"].startswith("Your terminal is being started.")

"""The record of a terminal."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.errors import BadRequest, IllegalTransition
from iptweb.terminals import Status, TerminalRecord
from iptweb.terminals.record import to_time

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
        "queued": "",
        "asked": "",
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
        st.sampled_from(["status", "url", "since", "deadline", "asked", "extra"]),
        st.none() | st.integers() | st.text() | st.lists(st.none()),
    )
)
def test_garbled_value_is_read(value: dict[str, Any]) -> None:
    """Whatever else a record holds, it is read, and an unknown state is an error."""
    record = TerminalRecord.from_value({**value, "name": "ada-test-IPT"}, "ada", "test")

    assert record.user == "ada"
    assert record.status in set(Status)
    record.as_of(NOW)
    record.to_answer()


def test_record_of_an_instance_with_a_longer_name() -> None:
    """`bob-my` of `dev` does not get at what `bob` has in `my-dev`."""
    value = TerminalRecord.new("bob", "my-dev", NOW).to_value()

    assert value["name"] == TerminalRecord.name_of("bob-my", "dev")
    with pytest.raises(BadRequest):
        TerminalRecord.from_value(value, "bob-my", "dev")


@pytest.mark.parametrize(("back", "overdue"), [(50, False), (3600, True)])
def test_clock_that_was_set_back(back: float, overdue: bool) -> None:  # noqa: FBT001 - a parameter
    """A start from the future has not got until then: its time can't be told."""
    assert submitted().is_overdue(NOW - back) is overdue


def test_overdue_start_is_an_error() -> None:
    """A start that took longer than its deadline reads as a failure with a reason."""
    assert submitted().as_of(NOW + 119) == submitted()
    late = submitted().as_of(NOW + 120)

    assert late.status is Status.ERROR
    assert "too long" in str(late.to_answer()["message"])


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
    assert str(answer["message"]).startswith("Your terminal is being started.")


def test_old_value_reads() -> None:
    """A record from before there was a line has no place in it."""
    value = TerminalRecord.new("ada", "test", NOW).to_value()
    del value["queued"], value["asked"]

    record = TerminalRecord.from_value(value, "ada", "test")

    assert record == TerminalRecord.new("ada", "test", NOW)
    assert not record.is_waiting


@pytest.mark.parametrize(
    ("position", "sentence"),
    [
        (0, "You are in line"),
        (1, "You are next in line"),
        (3, "You are number 3 in line"),
    ],
)
def test_answer_in_line(position: int, sentence: str) -> None:
    """Who is in line is told which one they are."""
    record = TerminalRecord.new("ada", "test", NOW).line_up(NOW).at(position)

    answer = record.to_answer()

    assert answer["position"] == position
    expected = f"No place is free for you yet. {sentence}, and keep your place."
    assert answer["message"] == expected
    assert "asked" not in answer
    assert "position" not in record.to_value()


def test_answer_not_in_line() -> None:
    """A position is for those in line only."""
    assert "position" not in submitted().to_answer()


def test_place_is_kept_while_starting() -> None:
    """A start keeps the place, and so does a failure for ten minutes."""
    waiting = TerminalRecord.new("ada", "test", NOW).line_up(NOW)
    starting = waiting.move(Status.SUBMITTED, NOW + 1, deadline_s=120)
    failed = starting.as_of(NOW + 200)

    assert starting.line_up(NOW + 5000).queued == waiting.queued
    assert failed.line_up(NOW + 599).queued == waiting.queued
    assert failed.line_up(NOW + 600).queued == to_time(NOW + 600)


def test_place_ends_with_the_wait() -> None:
    """Whoever got a terminal, or stopped, has no place any more."""
    starting = TerminalRecord.new("ada", "test", NOW).line_up(NOW)
    ready = starting.move(Status.SUBMITTED, NOW).move(Status.READY, NOW)

    assert (ready.queued, ready.asked) == ("", "")
    assert starting.move(Status.STOPPED, NOW).queued == ""


def test_overdue_start_keeps_what_is_known() -> None:
    """A start that was given up may still have made a terminal somewhere."""
    starting = TerminalRecord.new("ada", "test", NOW).move(
        Status.SUBMITTED, NOW, host="h", launch="l", deadline_s=1
    )

    late = starting.as_of(NOW + 1)

    assert (late.status, late.host, late.launch) == (Status.ERROR, "h", "l")


def test_tell_what_is_told() -> None:
    """A record that tells of a terminal already is returned itself."""
    record = submitted().tell(NOW, url="ws://x", host="h", launch="l", reason="r")

    assert (record.status, record.reason) == (Status.READY, "r")
    assert record.tell(NOW + 9, url="ws://x", host="h", launch="l") is record

"""The calendar of schedules."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_local.errors import BadRequest, LocalTenantError
from agave_local.services.actors.cron import Schedule, read_schedule

NOW = datetime(2026, 11, 22, 18, 12, 31, tzinfo=UTC).timestamp()


def _at(*parts: int) -> datetime:
    year, month, day, hour = (*parts, 0)[:4]
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "start", "number", "unit", "shown"),
    [
        ("2099-01-01 1 + 2 days", _at(2099, 1, 1, 1), 2, "day", "2099-01-01 1"),
        ("now + 1 hour", _at(2026, 11, 22, 18), 1, "hour", "2026-11-22 18"),
        (
            " 2026-11-22  18+3  WEEKS ",
            _at(2026, 11, 22, 18),
            3,
            "week",
            "2026-11-22 18",
        ),
        ("NOW + 1 months", _at(2026, 11, 22, 18), 1, "month", "2026-11-22 18"),
    ],
)
def test_read_schedule(
    written: str, start: datetime, number: int, unit: str, shown: str
) -> None:
    """Units have a singular and a plural; `now` is the hour that has begun."""
    assert read_schedule(written, NOW) == Schedule(start, number, unit, shown)


@pytest.mark.parametrize(
    ("start", "number", "moment", "following"),
    [
        (_at(2026, 1, 31), 1, _at(2026, 1, 31), _at(2026, 2, 28)),
        (_at(2026, 1, 31), 1, _at(2026, 2, 28), _at(2026, 3, 31)),
        (_at(2026, 1, 31), 1, _at(2028, 2, 1), _at(2028, 2, 29)),
        (_at(2026, 1, 31), 2, _at(2026, 12, 1), _at(2027, 1, 31)),
        (_at(2026, 11, 5, 7), 13, _at(2026, 11, 5, 7), _at(2027, 12, 5, 7)),
        (_at(2026, 11, 5), 1, _at(2026, 10, 1), _at(2026, 11, 5)),
    ],
)
def test_months_are_those_of_the_calendar(
    start: datetime, number: int, moment: datetime, following: datetime
) -> None:
    """A month goes to the same day, or to the last one of a shorter month."""
    assert Schedule(start, number, "month", "").after(moment) == following


@given(
    number=st.integers(1, 200),
    unit=st.sampled_from(["hour", "day", "week", "month"]),
    hours=st.integers(-1000, 200_000),
)
def test_the_next_time_lies_ahead_and_is_the_nearest(
    number: int, unit: str, hours: int
) -> None:
    """The following time is after the moment, and none of the schedule lies between."""
    start = _at(2026, 5, 31, 3)
    schedule = Schedule(start, number, unit, "")
    moment = datetime.fromtimestamp(start.timestamp() + hours * 3600, UTC)
    following = schedule.after(moment)
    assert following > moment
    step, before = 0, start
    while before < following:
        assert before <= moment
        step += 1
        before = schedule.after(before)
        assert step < 250_000
        if step > 500:
            break


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(written: str) -> None:
    """No text makes the reader fail in any other way."""
    with suppress(LocalTenantError):
        assert read_schedule(written, NOW).number


def test_a_start_beyond_the_calendar() -> None:
    """A schedule that could never come again is in no correct format."""
    with pytest.raises(BadRequest, match="not in the correct format"):
        read_schedule("9999-12-01 1 + 1 month", NOW)
    with pytest.raises(OverflowError):
        Schedule(_at(9999, 12, 1), 1, "month", "").after(_at(9999, 12, 2))

"""Time and identifiers."""

import re
import time

import pytest

from agave_local.clock import Ids, MovableClock, SystemClock, to_iso


def test_clocks() -> None:
    """The machine's clock goes on; a clock of tests goes on or stands, and is moved."""
    before = time.time()
    going, standing = MovableClock(), MovableClock(1_000.0)

    going.move(3600)
    standing.move(5)

    assert before <= SystemClock().now() <= time.time()
    assert before + 3600 <= going.now() <= time.time() + 3600
    assert standing.now() == 1_005.0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1_790_000_000.0129, "2026-09-21T14:13:20.012Z"),
    ],
)
def test_to_iso(seconds: float, text: str) -> None:
    """A time is written with milliseconds, which are never rounded up."""
    assert text == to_iso(seconds)


def test_ids_of_a_seed() -> None:
    """The same seed makes the same identifiers, another one makes others."""

    def some(ids: Ids) -> list[str]:
        return [ids.uuid(Ids.JOB), ids.token(), ids.uuid(Ids.METADATA), ids.token()]

    first = some(Ids(7))

    assert first == some(Ids(7))
    assert len({*first, *some(Ids(8)), *some(Ids()), *some(Ids())}) == 16


def test_shape_of_ids() -> None:
    """A UUID names its kind at the end, and a token has 256 bits without padding."""
    ids = Ids()

    for _ in range(50):
        assert re.fullmatch(r"\d{19}-242ac113-0001-007", ids.uuid(Ids.JOB))
        assert re.fullmatch(r"[\w-]{43}", ids.token())

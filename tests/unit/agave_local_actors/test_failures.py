"""What cannot be started: counted, and looked for in turn."""

from typing import TYPE_CHECKING

from agave_local.services.actors.executions import PURGED
from agave_local.services.actors.failures import (
    FAILED,
    MOST_FAILURES,
    MOST_RETRIED,
    Failures,
    Turns,
)
from agave_local.services.actors.runner.base import KILLED, Ending

if TYPE_CHECKING:
    from collections.abc import Callable

LOST = Ending(KILLED, error="It is lost.")


def test_too_many_in_a_row() -> None:
    """An actor is given up after too many failures in a row, with the last reason."""
    failures = Failures()

    for _ in range(MOST_FAILURES):
        assert failures.note("a", LOST) is None
    assert failures.note("b", LOST) is None
    assert failures.note("a", LOST) == f"{FAILED}It is lost."
    again = Ending(KILLED, error=f"{FAILED}OSError")
    assert failures.note("a", again) == f"{FAILED}OSError"


def test_what_ends_a_row() -> None:
    """A container that ran, a purged message and a new beginning end the row."""
    failures = Failures()
    ends: tuple[Callable[[], object], ...] = (
        lambda: failures.note("a", Ending(1)),
        lambda: failures.note("a", Ending(KILLED, error=PURGED)),
        lambda: failures.forget("a"),
        failures.clear,
    )
    for end in ends:
        for _ in range(MOST_FAILURES):
            assert failures.note("a", LOST) is None
        end()
    assert failures.note("a", LOST) is None


def test_turns() -> None:
    """However many images there are, each gets its turn, a few at a time."""
    images = [f"image-{number:03}" for number in range(2 * MOST_RETRIED + 5)]
    turns = Turns()

    taken = [turns.take(images) for _ in range(3)]

    assert [len(some) for some in taken] == [MOST_RETRIED] * 3
    assert {image for some in taken for image in some} == set(images)
    assert turns.take([]) == []
    assert turns.take(["b", "a", "b"]) == ["a", "b"]

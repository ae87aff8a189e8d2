"""What the tenant does from time to time."""

import logging
import threading

import pytest

from agave_local.duties import Duties
from agave_local.testing import FakeClock


def _nothing() -> None:
    """End without anything to close."""


def test_duties_come_back(clock: FakeClock) -> None:
    """Each is done at once, and again whenever its time has passed."""
    done: list[str] = []
    duties = Duties(clock, _nothing)
    duties.add("often", 10, lambda: done.append("often"))
    duties.add("seldom", 60, lambda: done.append("seldom"))

    duties.tick()
    duties.tick()
    assert done == ["often", "seldom"]

    clock.move(10)
    duties.tick()
    assert done == ["often", "seldom", "often"]

    clock.move(600)
    duties.tick()
    assert done == ["often", "seldom", "often", "often", "seldom"]


def test_a_duty_that_fails_comes_back(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Its failure is logged, and neither it nor the others are given up."""
    done: list[str] = []
    duties = Duties(clock, _nothing)

    def fail() -> None:
        done.append("failed")
        raise LookupError

    duties.add("broken", 5, fail)
    duties.add("sound", 5, lambda: done.append("sound"))

    with caplog.at_level(logging.ERROR):
        duties.tick()
    clock.move(5)
    duties.tick()

    assert done == ["failed", "sound"] * 2
    assert "the duty broken failed" in caplog.text


def test_the_thread_of_duties(clock: FakeClock) -> None:
    """They are done in one thread, which closes what it opened when it is stopped."""
    worked, closed = threading.Event(), threading.Event()
    threads: set[str] = set()
    duties = Duties(clock, closed.set, tick_s=0.01)

    def work() -> None:
        threads.add(threading.current_thread().name)
        worked.set()

    duties.add("work", 0, work)
    duties.start()
    duties.start()

    assert worked.wait(5)
    assert not closed.is_set()
    duties.stop()
    assert closed.is_set()
    assert threads == {"duties"}
    duties.stop()

"""How fast a client may send."""

from webterm.pace import Pace


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.time


def test_a_burst_is_free() -> None:
    """As much as the bucket holds may be sent at once."""
    pace = Pace(10, 100, Clock())

    assert pace.spend(100) == 0.0


def test_beyond_the_burst_time_is_owed() -> None:
    """What is more than the bucket holds costs the time to fill it."""
    pace = Pace(10, 100, Clock())
    pace.spend(100)

    assert pace.spend(20) == 2.0


def test_time_fills_the_bucket_to_its_rim() -> None:
    """Waiting pays debts and saves up one burst, not more."""
    clock = Clock()
    pace = Pace(10, 100, clock)
    pace.spend(120)
    clock.time = 1000.0

    assert pace.spend(100) == 0.0
    assert pace.spend(1) == 0.1

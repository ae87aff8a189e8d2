"""What `ipt verify` found."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from ipt.verify.races import RaceCheck, RaceState

if TYPE_CHECKING:
    from ipt.verify.comparing import Difference

__all__ = ["SCHEMA_VERSION", "Status", "ThreadResult", "Verification"]

SCHEMA_VERSION = 1


class Status(Enum):
    """The four answers."""

    SAME = "same"
    DIFFERS = "differs"
    RACE = "race"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class ThreadResult:
    """The parallel program with one number of threads.

    Attributes:
        seconds: The fastest run.
        speed_up: The serial program's time by this one, 0 where there is none.
        difference: How it differs from the serial program.
        problem: Why it could not be compared, or empty.
    """

    threads: int
    seconds: float
    speed_up: float = 0.0
    difference: Difference | None = None
    problem: str = ""

    def to_json(self) -> dict[str, object]:
        """Return the result as JSON values."""
        return {
            "threads": self.threads,
            "seconds": round(self.seconds, 6),
            "speed_up": round(self.speed_up, 3) if self.speed_up else None,
            "difference": self.difference.to_json() if self.difference else None,
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class Verification:
    """The whole result.

    Attributes:
        problem: Why something could not be judged, or empty.
        serial_seconds: The serial program's fastest run.
        results: One for each number of threads.
        races: What the race detector said.
    """

    status: Status
    problem: str
    serial_seconds: float
    results: tuple[ThreadResult, ...] = ()
    races: RaceCheck = field(
        default_factory=lambda: RaceCheck(RaceState.UNAVAILABLE, "It was not run.")
    )

    @property
    def difference(self) -> tuple[int, Difference] | None:
        """The first difference, with the number of threads that shows it."""
        for each in self.results:
            if each.difference is not None:
                return each.threads, each.difference
        return None

    def to_json(self) -> dict[str, object]:
        """Return the result as JSON values; docs/ipt/verify.md describes them."""
        return {
            "schema": "ipt-verification",
            "version": SCHEMA_VERSION,
            "status": self.status.value,
            "problem": self.problem,
            "serial_seconds": round(self.serial_seconds, 6),
            "runs": [each.to_json() for each in self.results],
            "races": self.races.to_json(),
        }

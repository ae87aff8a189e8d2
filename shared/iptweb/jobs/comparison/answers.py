"""What callers get of a comparison (docs/architecture.md §5.3)."""

from typing import Literal, TypedDict

__all__ = ["Comparison", "ComparisonRun", "OutputDifference", "Report"]


class OutputDifference(TypedDict):
    """The first place where two outputs differ.

    Attributes:
        line: Its number, from 1.
        word: Number of the word in the line, from 1; 0 where a whole line is missing.
        serial: What the serial program printed there; empty where nothing.
        parallel: What the parallel one printed there; empty where nothing.
        relative: How far two numbers are apart, in parts of the larger one, else null.
        serial_lines: Lines of the serial output; null where it was not read whole.
        parallel_lines: The same of the parallel one.
    """

    line: int
    word: int
    serial: str
    parallel: str
    relative: float | None
    serial_lines: int | None
    parallel_lines: int | None


class ComparisonRun(TypedDict):
    """One run of a program.

    Attributes:
        label: `serial`, or the count.
        count: Of threads or ranks; 0 for the serial program.
        repeat: From 1.
        exit_code: Of the program.
        seconds: How long it took.
        speed_up: The serial program's median time over that of the count, else null.
        efficiency: `speed_up` over the count, else null.
        same: Whether it printed what the serial program did; null where not known.
        difference: The first difference, or null.
    """

    label: str
    count: int
    repeat: int
    exit_code: int
    seconds: float
    speed_up: float | None
    efficiency: float | None
    same: bool | None
    difference: OutputDifference | None


class Report(TypedDict):
    """A serial program beside a parallel one.

    Attributes:
        done: Whether there will be no more runs.
        tolerance: How far numbers with a fraction may be apart.
        runs: Those that have ended, in their order.
        message: What a person has to know of it; may be empty.
    """

    done: bool
    tolerance: float
    runs: list[ComparisonRun]
    message: str


class Comparison(Report):
    """A serial program beside a parallel one, and what was counted.

    Attributes:
        mode: What the counts are.
    """

    mode: Literal["threads", "ranks"]

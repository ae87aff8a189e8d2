"""Compares what two programs wrote: text exactly, numbers with tolerance."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from ipt.verify.running import Ended, signal_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ipt.verify.running import Run

__all__ = ["Comparison", "Difference", "compare_runs"]

# A number as C prints it; letters and digits before it make it part of a name.
_NUMBER = re.compile(
    r"(?<![\w.])[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?"
    r"|nan(?!\w)|inf(?:inity)?(?!\w))"
)
_INTEGER = re.compile(r"[+-]?\d+")
_SHOWN = 200
# What is left of numbers that should be zero is smaller than this.
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rules by which outputs count as the same.

    Attributes:
        tolerance: How far two numbers that are not both whole may differ,
            relative to the larger one.
        absolute: How far they may differ in any case.
        is_unordered: Whether lines may come in another order.
        ignored: Lines that match are left out.
    """

    tolerance: float = 1e-6
    absolute: float = 0.0
    is_unordered: bool = False
    ignored: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place at which two runs differ.

    Attributes:
        what: `output`, `exit status` or `file <name>`.
        line: The line, from 1; 0 where there is none.
        serial: The serial program's text there.
        parallel: The parallel program's.
        hint: What would make the two the same, or empty.
    """

    what: str
    line: int
    serial: str
    parallel: str
    hint: str = ""

    def to_json(self) -> dict[str, object]:
        """Return the difference as JSON values."""
        return {
            "what": self.what,
            "line": self.line,
            "serial": self.serial,
            "parallel": self.parallel,
            "hint": self.hint,
        }


def compare_runs(serial: Run, parallel: Run, rules: Comparison) -> Difference | None:
    """Return the first difference between two runs that were not cut off.

    Args:
        serial: The run that is right.
        parallel: The other one.
        rules: What counts as the same.

    Returns:
        The difference, or None.
    """
    if parallel.ended is Ended.SIGNAL:
        return Difference("exit status", 0, _status(serial), _status(parallel))
    found = _compare("output", serial.output, parallel.output, rules)
    if found is not None:
        return found
    if serial.code != parallel.code:
        return Difference("exit status", 0, _status(serial), _status(parallel))
    return _compare_files(serial.files, parallel.files, rules)


def _status(run: Run) -> str:
    if run.ended is Ended.SIGNAL:
        return f"ended by {signal_name(run.code)}"
    return str(run.code)


def _compare_files(
    serial: Mapping[str, bytes], parallel: Mapping[str, bytes], rules: Comparison
) -> Difference | None:
    for name in sorted({*serial, *parallel}):
        if name not in parallel:
            return Difference(f"file {name}", 0, "written", "not written")
        if name not in serial:
            return Difference(f"file {name}", 0, "not written", "written")
        found = _compare(f"file {name}", serial[name], parallel[name], rules)
        if found is not None:
            return found
    return None


def _compare(
    what: str, serial: bytes, parallel: bytes, rules: Comparison
) -> Difference | None:
    if serial == parallel:
        return None
    try:
        one, other = _text(serial), _text(parallel)
    except ValueError:
        return _first_byte(what, serial, parallel)
    left, right = _lines(one, rules), _lines(other, rules)
    if rules.is_unordered:
        return _compare_sets(what, left, right, rules)
    found = _compare_lines(what, left, right, rules)
    if found is None or found.hint:
        return found
    hint = ""
    if _compare_sets(what, left, right, rules) is None:
        hint = "The same lines come in another order; --unordered accepts that."
    return Difference(found.what, found.line, found.serial, found.parallel, hint)


def _text(data: bytes) -> str:
    if b"\0" in data:
        raise ValueError
    return data.decode("utf-8")


def _first_byte(what: str, serial: bytes, parallel: bytes) -> Difference:
    pairs = enumerate(zip_longest(serial, parallel))
    offset = next(number for number, (one, other) in pairs if one != other)
    texts = [
        f"byte {offset}: {data[offset : offset + 8].hex(' ') or 'the end'}"
        for data in (serial, parallel)
    ]
    return Difference(what, 0, texts[0], texts[1])


def _lines(text: str, rules: Comparison) -> list[tuple[int, str]]:
    """Return the numbered lines that count; blanks at their ends do not."""
    numbered = enumerate(text.split("\n"), start=1)
    found = [(number, line.rstrip()) for number, line in numbered]
    while found and not found[-1][1]:
        found.pop()
    if rules.ignored is None:
        return found
    return [each for each in found if not rules.ignored.search(each[1])]


def _compare_lines(
    what: str,
    left: Sequence[tuple[int, str]],
    right: Sequence[tuple[int, str]],
    rules: Comparison,
) -> Difference | None:
    for one, other in zip_longest(left, right):
        if one is None:
            return Difference(what, other[0], "(the end)", _shown(other[1]))
        if other is None:
            return Difference(what, one[0], _shown(one[1]), "(the end)")
        if one[1] != other[1] and not _are_same(one[1], other[1], rules):
            hint = _hint(one[1], other[1])
            return Difference(what, one[0], _shown(one[1]), _shown(other[1]), hint)
    return None


def _parts(line: str) -> tuple[str, list[str]]:
    """Return the text around the numbers of a line, and the numbers."""
    # Numbers that have other digits may be padded otherwise.
    around = "\0".join(" ".join(each.split()) for each in _NUMBER.split(line))
    return around, _NUMBER.findall(line)


def _are_same(one: str, other: str, rules: Comparison) -> bool:
    (text, numbers), (other_text, others) = _parts(one), _parts(other)
    return text == other_text and all(
        _are_close(left, right, rules)
        for left, right in zip(numbers, others, strict=True)
    )


def _are_close(one: str, other: str, rules: Comparison) -> bool:
    if _INTEGER.fullmatch(one) and _INTEGER.fullmatch(other):
        return (
            int(one) == int(other) if len(one) + len(other) < _SHOWN else one == other
        )
    left, right = float(one), float(other)
    if math.isnan(left) or math.isnan(right):
        return math.isnan(left) and math.isnan(right)
    return math.isclose(left, right, rel_tol=rules.tolerance, abs_tol=rules.absolute)


def _hint(one: str, other: str) -> str:
    """Say which tolerance would do, where only small numbers differ."""
    (text, numbers), (other_text, others) = _parts(one), _parts(other)
    if text != other_text:
        return ""
    unequal = [pair for pair in zip(numbers, others, strict=True) if pair[0] != pair[1]]
    if any(all(map(_INTEGER.fullmatch, pair)) for pair in unequal):
        return ""
    pairs = [(float(left), float(right)) for left, right in unequal]
    apart = [abs(left - right) for left, right in pairs]
    largest = max((abs(each) for pair in pairs for each in pair), default=math.inf)
    if not apart or not math.isfinite(sum(apart)) or largest > _TINY:
        return ""
    return f"Both are close to zero; --absolute {max(apart) * 2:.0e} accepts that."


def _compare_sets(
    what: str,
    left: Sequence[tuple[int, str]],
    right: Sequence[tuple[int, str]],
    rules: Comparison,
) -> Difference | None:
    """Compare lines as a multiset.

    Lines are put together by their text without numbers; in each such group
    they are sorted by their numbers and compared in that order.
    """
    ours, theirs = _grouped(left), _grouped(right)
    for key in [*ours, *(each for each in theirs if each not in ours)]:
        one = sorted(ours.get(key, ()), key=_sort_key)
        other = sorted(theirs.get(key, ()), key=_sort_key)
        for mine, yours in zip_longest(one, other):
            if mine is None:
                return Difference(what, yours[0], "(no such line)", _shown(yours[1]))
            if yours is None:
                return Difference(what, mine[0], _shown(mine[1]), "(no such line)")
            if not _are_same(mine[1], yours[1], rules):
                return Difference(what, mine[0], _shown(mine[1]), _shown(yours[1]))
    return None


def _grouped(lines: Sequence[tuple[int, str]]) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, line in lines:
        found[_parts(line)[0]].append((number, line))
    return found


def _sort_key(numbered: tuple[int, str]) -> tuple[list[float], str]:
    line = numbered[1]
    return [_ordinal(each) for each in _parts(line)[1]], line


def _ordinal(number: str) -> float:
    value = float(number)
    return -math.inf if math.isnan(value) else value


def _shown(line: str) -> str:
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"

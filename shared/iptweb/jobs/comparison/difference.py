"""Whether two outputs say the same, but for the rounding of their numbers.

Lines and words are compared in their order.  A number that is written as one with a
fraction or an exponent may differ a little, since a parallel program adds up in
another order; whole numbers may not: one that counts things and misses some is wrong.
"""

import math
import re
from dataclasses import dataclass
from typing import Final

__all__ = ["Difference", "find_difference"]

# Where numbers should be 0, rounding leaves something of this size.
_FLOOR: Final = 1e-12
_LONGEST_SHOWN: Final = 200
# To read a number takes more than linear time; no word of numbers is so long.
_LONGEST_WORD: Final = 2000
_NUMBER: Final = re.compile(
    r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    r"|[+-]?\b(?:[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN])\b)"
)
_WHOLE: Final = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True)
class Difference:
    """The first place where two outputs differ.

    Attributes:
        line: Its number, from 1.
        word: Number of the word in the line, from 1; 0 where a whole line is missing.
        serial: What the serial program printed there; empty where nothing.
        parallel: What the parallel one printed there.
        relative: How far two numbers are apart, in parts of the larger one.
    """

    line: int
    word: int
    serial: str
    parallel: str
    relative: float | None = None


def find_difference(
    serial: list[str], parallel: list[str], tolerance: float
) -> Difference | None:
    """Return where two outputs first differ, None where they say the same.

    Args:
        serial: Lines of the serial program's output.
        parallel: Lines of the parallel one's.
        tolerance: How far numbers may be apart, in parts of the larger one.
    """
    for index, (one, other) in enumerate(zip(serial, parallel, strict=False)):
        found = None if one == other else _in_line(one, other, tolerance)
        if found is not None:
            word, mine, theirs, relative = found
            return Difference(index + 1, word, _shown(mine), _shown(theirs), relative)
    shorter = min(len(serial), len(parallel))
    if len(serial) == len(parallel):
        return None
    one, other = "".join(serial[shorter:][:1]), "".join(parallel[shorter:][:1])
    return Difference(shorter + 1, 0, _shown(one), _shown(other))


_Found = tuple[int, str, str, float | None]


def _in_line(serial: str, parallel: str, tolerance: float) -> _Found | None:
    ours, theirs = serial.split(), parallel.split()
    for index, (one, other) in enumerate(zip(ours, theirs, strict=False)):
        if one == other:
            continue
        same, relative = _compare_words(one, other, tolerance)
        if not same:
            return index + 1, one, other, relative
    shorter = min(len(ours), len(theirs))
    if len(ours) == len(theirs):
        return None
    return (
        shorter + 1,
        "".join(ours[shorter:][:1]),
        "".join(theirs[shorter:][:1]),
        None,
    )


def _compare_words(one: str, other: str, tolerance: float) -> tuple[bool, float | None]:
    """Return whether two words say the same, and how far apart their numbers are."""
    if max(len(one), len(other)) > _LONGEST_WORD:
        return False, None
    ours, theirs = _NUMBER.split(one), _NUMBER.split(other)
    # Every second piece is a number; what is around them has to be equal.
    if len(ours) != len(theirs) or ours[::2] != theirs[::2]:
        return False, None
    for mine, its in zip(ours[1::2], theirs[1::2], strict=True):
        if mine == its:
            continue
        same, relative = _compare_numbers(float(mine), float(its), tolerance)
        if _WHOLE.fullmatch(mine) and _WHOLE.fullmatch(its):
            same = _to_whole(mine) == _to_whole(its)
        if not same:
            return False, relative
    return True, None


def _to_whole(text: str) -> str:
    """Return a whole number in its shortest form; it may have any number of digits."""
    digits = text.lstrip("+-0")
    return f"-{digits}" if digits and text.startswith("-") else digits


def _compare_numbers(
    one: float, other: float, tolerance: float
) -> tuple[bool, float | None]:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other), None
    if math.isinf(one) or math.isinf(other):
        return one == other, None
    most = max(abs(one), abs(other))
    if most == 0:
        return True, 0.0
    # Halves, so that the distance of two large numbers is no infinity.
    relative = 2 * (abs(one / 2 - other / 2) / most)
    near = tolerance > 0 and abs(one / 2 - other / 2) <= _FLOOR / 2
    return relative <= tolerance or near, relative


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"

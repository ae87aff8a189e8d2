"""Which loop is inside of which."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.model import For

__all__ = ["loops_around", "loops_inside"]


def loops_around(loops: Sequence[For], loop: For) -> list[For]:
    """Return the loops that hold a loop."""
    return [each for each in loops if _holds(each, loop)]


def loops_inside(loops: Sequence[For], loop: For) -> list[For]:
    """Return the loops that a loop holds."""
    return [each for each in loops if _holds(loop, each)]


def _holds(outer: For, inner: For) -> bool:
    return outer is not inner and outer.span.contains(inner.span)

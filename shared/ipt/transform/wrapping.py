"""Directives that are broken over several lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["clause_list", "wrapped"]

_WIDTH = 79


def wrapped(directive: str, clauses: Iterable[str], indent: str = "") -> list[str]:
    """Return a directive on as many lines as it needs, without its indentation.

    Args:
        directive: It begins with `#pragma`.
        clauses: What follows it.
        indent: The blanks that will stand before each line.
    """
    lines = [directive]
    for clause in clauses:
        used = len(indent) + len(lines[-1])
        if used + len(clause) + 3 > _WIDTH and lines[-1].strip() != clause:
            lines[-1] += " \\"
            lines.append(f"    {clause}")
        else:
            lines[-1] += f" {clause}"
    return lines


def clause_list(**lists: Sequence[str]) -> list[str]:
    """Return a clause for each list that is not empty: `shared(a, b)`."""
    return [f"{name}({', '.join(names)})" for name, names in lists.items() if names]

"""Directives as text: their clauses, the lines they take, what is said above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["clause_list", "reduction_clauses", "vouched_lines", "wrapped"]

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
        # A blank before the clause, and a blank and a backslash behind it.
        if used + len(clause) + 3 > _WIDTH:
            lines[-1] += " \\"
            lines.append(f"    {clause}")
        else:
            lines[-1] += f" {clause}"
    return lines


def clause_list(**lists: Sequence[str]) -> list[str]:
    """Return a clause for each list that is not empty: `shared(a, b)`."""
    return [f"{name}({', '.join(names)})" for name, names in lists.items() if names]


def reduction_clauses(reduced: Iterable[tuple[str, str]]) -> list[str]:
    """Return one `reduction` clause for each operator.

    Args:
        reduced: Operators, each with the variable or array section.
    """
    by_operator: dict[str, list[str]] = {}
    for operator, name in reduced:
        by_operator.setdefault(operator, []).append(name)
    return [
        f"reduction({operator}: {', '.join(names)})"
        for operator, names in by_operator.items()
    ]


def vouched_lines(assumptions: Iterable[str]) -> list[str]:
    """Return the comments that say above a directive what nobody proved."""
    return [f"/* ipt: taken as true, not proved: {each}. */" for each in assumptions]

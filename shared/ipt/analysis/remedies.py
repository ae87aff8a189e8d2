"""Under which sizes a dependence would not be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import islpy

from ipt.analysis.presburger import TooComplex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ipt.analysis.lowering import Symbols
    from ipt.analysis.presburger import PointSet, Solver

__all__ = ["absent_when"]

_HELPERS = ("wrapped", "turns", "turn", "quotient", "element")
_MOST_NAMES = 2


def absent_when(
    solver: Solver, meeting: Sequence[PointSet], running: PointSet, names: Symbols
) -> str:
    """Return a condition on sizes under which two accesses never meet.

    Args:
        solver: Answers questions about sets.
        meeting: The pairs of iterations in which they meet.
        running: The pairs of different iterations of the loop.
        names: What symbols stand for.

    Returns:
        The condition as a person would write it, such as `m >= n`; empty if
        there is none that is short.
    """
    try:
        found = solver.outside(meeting, running)
    except TooComplex:
        return ""
    texts = [text for each in found if (text := _text(each, names))]
    return min(texts, key=lambda text: (" <=" in text, len(text), text), default="")


def _text(constraints: Sequence[islpy.Constraint], names: Symbols) -> str:
    if len(constraints) != 1 or constraints[0].is_equality():
        return ""
    (only,) = constraints
    values: dict[str, int] = {}
    for position in range(only.dim(islpy.dim_type.param)):
        factor = only.get_coefficient_val(islpy.dim_type.param, position)
        name = str(only.get_dim_name(islpy.dim_type.param, position))
        if not factor.is_zero():
            values[name] = int(factor.to_python())
    shown = {name: names.display(name) for name in values}
    is_plain = not any(each in _HELPERS for each in shown.values())
    if not is_plain or not 0 < len(values) <= _MOST_NAMES:
        return ""
    constant = int(only.get_constant_val().to_python())
    return _comparison(values, constant, shown)


def _comparison(
    values: Mapping[str, int], constant: int, shown: Mapping[str, str]
) -> str:
    """Return `sum of values + constant >= 0` with positive terms on both sides."""
    left = [_term(values[n], shown[n]) for n in sorted(values) if values[n] > 0]
    right = [_term(-values[n], shown[n]) for n in sorted(values) if values[n] < 0]
    if not left:
        return f"{' + '.join(right)} <= {constant}"
    if constant == -1 and right:
        return f"{' + '.join(left)} > {' + '.join(right)}"
    if constant > 0 and right:
        left.append(str(constant))
    elif constant or not right:
        right.append(str(-constant))
    return f"{' + '.join(left)} >= {' + '.join(right)}"


def _term(factor: int, name: str) -> str:
    return name if factor == 1 else f"{factor} * {name}"

"""Questions to isl: is a set of integer points empty, and what is in it?

The only importer of islpy.  A question that takes isl too long is answered
"not known", never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import islpy

from ipt.analysis.polynomials import condition_symbols, condition_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ipt.analysis.polynomials import Condition

__all__ = ["PointSet", "Solver", "TooComplex"]

_OPERATIONS = 400_000
_SMALL = 12


class TooComplex(Exception):
    """isl did not finish within its budget."""


@dataclass(frozen=True, slots=True)
class PointSet:
    """A set of integer points, to be described to isl.

    Attributes:
        dimensions: The names of the coordinates.
        conditions: What holds for each point; those that are not affine are
            left out, which makes the set larger.
    """

    dimensions: tuple[str, ...]
    conditions: tuple[Condition, ...]

    def text(self, extra: Iterable[str] = ()) -> str:
        """Return the set as isl writes it."""
        every = frozenset[str]().union(*map(condition_symbols, self.conditions))
        parameters = sorted(every - set(self.dimensions))
        texts = [condition_text(each, {}) for each in self.conditions]
        body = " and ".join([t for t in texts if t is not None] + list(extra))
        names = ", ".join(self.dimensions)
        return f"[{', '.join(parameters)}] -> {{ [{names}] : {body or 'true'} }}"


class Solver:
    """Owns an isl context with a budget of operations for each question."""

    def __init__(self, operations: int = _OPERATIONS) -> None:
        self._context = islpy.Context()
        self._operations = operations
        self._known: dict[str, bool] = {}

    def is_empty(self, points: PointSet) -> bool:
        """Tell whether no point is in a set, whatever the parameters.

        Raises:
            TooComplex: isl did not finish.
        """
        text = points.text()
        if text not in self._known:
            self._known[text] = bool(self._run(text, lambda each: each.is_empty()))
        return self._known[text]

    def constant(self, points: PointSet, dimension: str) -> int | None:
        """Return the value of a coordinate if it is the same in all points."""
        position = points.dimensions.index(dimension)

        def fixed(each: islpy.Set) -> int | None:
            value = each.plain_get_val_if_fixed(islpy.dim_type.set, position)
            if value.is_int():
                return int(value.to_python())
            hull = islpy.Set.from_basic_set(each.affine_hull())
            value = hull.plain_get_val_if_fixed(islpy.dim_type.set, position)
            return int(value.to_python()) if value.is_int() else None

        found = self._run(points.text(), fixed)
        return None if found is None else int(found)

    def sample(self, points: PointSet, small: Iterable[str]) -> Mapping[str, int]:
        """Return one point, with small values where possible.

        Args:
            points: A set that is not empty.
            small: Names of coordinates and parameters to keep small.

        Returns:
            The value of every coordinate and parameter.
        """
        bounds = [f"{-_SMALL} <= {name} <= {_SMALL}" for name in small]
        near = points.text(bounds)
        text = points.text() if self._run(near, lambda s: s.is_empty()) else near
        found = self._run(text, _first_point)
        return {} if found is None else dict(found)

    def _run(self, text: str, question: Callable[[Any], Any]) -> Any:
        self._context.reset_operations()
        self._context.set_max_operations(self._operations)
        try:
            return question(islpy.Set.read_from_str(self._context, text))
        except islpy.Error as error:
            raise TooComplex(text) from error
        finally:
            self._context.set_max_operations(0)


def _first_point(found: islpy.Set) -> Mapping[str, int]:
    point = (
        found.lexmin().sample_point() if found.is_bounded() else found.sample_point()
    )
    values: dict[str, int] = {}
    for kind in (islpy.dim_type.param, islpy.dim_type.set):
        for position in range(found.dim(kind)):
            name = found.get_dim_name(kind, position)
            value = point.get_coordinate_val(kind, position)
            values[str(name)] = int(value.to_python())
    return values

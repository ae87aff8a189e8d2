"""Questions to isl: is a set of integer points empty, and what is in it?

The only importer of islpy.  A question that takes isl too long is answered
"not known", never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import islpy

from ipt.analysis.polynomials import (
    condition_symbols,
    condition_text,
    factor_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ipt.analysis.polynomials import Condition

__all__ = ["PointSet", "Solver", "TooComplex"]

_OPERATIONS = 400_000
_SMALL = 12
# With such factors a single operation of isl may take very long.
_LARGEST_FACTOR = 10_000_000


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
        """Return the set as isl writes it.

        Raises:
            TooComplex: A factor in it is too large for isl's budget to mean much.
        """
        if any(factor_of(each) > _LARGEST_FACTOR for each in self.conditions):
            raise TooComplex("a factor is too large")
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

    def covers(
        self, whole: PointSet, parts: Sequence[PointSet], keep: tuple[str, ...]
    ) -> bool:
        """Tell whether each point of a set lies in one of some others.

        Args:
            whole: A set whose coordinates are `keep`.
            parts: Sets whose coordinates begin with `keep`; those behind are
                left out of the comparison.
            keep: The coordinates that are compared.

        Raises:
            TooComplex: isl did not finish.
        """
        return bool(
            self._run(
                whole.text(), lambda s: s.is_subset(self._union(s, parts, len(keep)))
            )
        )

    def rest_meets(
        self,
        whole: PointSet,
        parts: Sequence[PointSet],
        keep: tuple[str, ...],
        others: Sequence[PointSet],
        last: int,
    ) -> bool:
        """Tell whether what parts leave of a set has coordinates of another one.

        Args:
            whole: As for `covers`.
            parts: As for `covers`.
            keep: As for `covers`.
            others: Sets whose coordinates begin with the last ones of `keep`.
            last: How many those are.

        Raises:
            TooComplex: isl did not finish.
        """

        def meets(found: islpy.Set) -> bool:
            rest = found.subtract(self._union(found, parts, len(keep)))
            rest = rest.project_out(islpy.dim_type.set, 0, len(keep) - last)
            union = self._union(rest, others, last)
            return not rest.intersect(union).is_empty()

        return bool(self._run(whole.text(), meets))

    def outside(
        self, sets: Sequence[PointSet], within: PointSet
    ) -> list[list[islpy.Constraint]]:
        """Return for which parameters some sets are empty, and another one is not.

        Returns:
            The alternatives, each as a list of constraints.

        Raises:
            TooComplex: isl did not finish.
        """

        def alternatives(known: islpy.Set) -> list[list[islpy.Constraint]]:
            known = known.params()
            rest = known
            for each in sets:
                found = islpy.Set.read_from_str(self._context, each.text())
                rest = rest.subtract(found.params())
            rest = rest.coalesce().gist(known)
            return [basic.get_constraints() for basic in rest.get_basic_sets()]

        return list(self._run(within.text(), alternatives))

    def _union(
        self, like: islpy.Set, parts: Sequence[PointSet], dimensions: int
    ) -> islpy.Set:
        """Return the union of sets, without the coordinates behind the first ones."""
        union = islpy.Set.empty(like.get_space())
        for part in parts:
            found = islpy.Set.read_from_str(self._context, part.text())
            rest = len(part.dimensions) - dimensions
            found = found.project_out(islpy.dim_type.set, dimensions, rest)
            union = union.union(found)
        return union

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

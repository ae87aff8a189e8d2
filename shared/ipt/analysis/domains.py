"""Under which conditions a statement runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipt.analysis.polynomials import Condition

__all__ = ["Domain"]

_numbers = count(1)
_SKIPPED = 0


@dataclass(frozen=True, slots=True)
class Domain:
    """The iterations in which a statement runs.

    Attributes:
        symbols: Loop counters around it, outermost first, and helper symbols
            for wrapped or divided values; all others are the same in every
            iteration.
        conditions: What holds there.
        is_exact: False if something that narrows the set was left out.
        unknown: A number for each thing that was left out.
    """

    symbols: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    is_exact: bool = True
    unknown: frozenset[int] = field(default=frozenset(), compare=False)

    def with_symbols(self, *names: str) -> Domain:
        """Return the domain with further symbols."""
        return replace(self, symbols=(*self.symbols, *names))

    def where(self, *conditions: Condition | None) -> Domain:
        """Return the domain narrowed; None stands for an unknown condition.

        What runs under one unknown condition runs, or does not, together.
        """
        known = tuple(each for each in conditions if each is not None)
        if len(known) == len(conditions):
            return replace(self, conditions=self.conditions + known)
        return replace(
            self,
            conditions=self.conditions + known,
            is_exact=False,
            unknown=self.unknown | {next(_numbers)},
        )

    def skipped(self) -> Domain:
        """Return the domain of something that a jump may skip at any point."""
        return replace(self, is_exact=False, unknown=self.unknown | {_SKIPPED})

    def implies(self, other: Domain) -> bool:
        """Tell whether what was left out of another domain was left out here, too.

        If so, and if the conditions of the other one hold, then that what has
        it runs whenever this one is reached in the same iterations.
        """
        return _SKIPPED not in other.unknown and other.unknown <= self.unknown

"""Under which conditions a statement runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipt.analysis.polynomials import Condition

__all__ = ["Domain"]


@dataclass(frozen=True, slots=True)
class Domain:
    """The iterations in which a statement runs.

    Attributes:
        symbols: Loop counters around it, outermost first, and helper symbols
            for wrapped or divided values; all others are the same in every
            iteration.
        conditions: What holds there.
        is_exact: False if something that narrows the set was left out.
    """

    symbols: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    is_exact: bool = True

    def with_symbols(self, *names: str) -> Domain:
        """Return the domain with further symbols."""
        return replace(self, symbols=(*self.symbols, *names))

    def where(self, *conditions: Condition | None) -> Domain:
        """Return the domain narrowed; None stands for an unknown condition."""
        known = tuple(each for each in conditions if each is not None)
        return Domain(
            self.symbols,
            self.conditions + known,
            self.is_exact and len(known) == len(conditions),
        )

"""What a person may vouch for when it cannot be proved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Assumption", "AssumptionKind"]


class AssumptionKind(Enum):
    """The sorts of assumptions; the value begins the question's id."""

    DISTINCT = "distinct"
    ROWS = "rows"
    ROW_POINTERS = "row_pointers"
    ROUNDING = "rounding"
    ORDER = "order"
    PARTS = "parts"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Assumption:
    """One statement about the user's program that ipt cannot prove.

    Attributes:
        names: The arrays or pointers that it is about.
        detail: The length of a row for ROWS, of an array for LENGTH.
    """

    kind: AssumptionKind
    names: tuple[str, ...]
    detail: str = ""

    @property
    def text(self) -> str:  # noqa: PLR0911 - a return a case
        """The statement as a sentence, without a full stop."""
        listed = ", ".join(self.names)
        match self.kind:
            case AssumptionKind.DISTINCT:
                return f"the memory of {listed} does not overlap"
            case AssumptionKind.ROWS:
                return (
                    f"no subscript of {listed} leaves its row of {self.detail} elements"
                )
            case AssumptionKind.ROW_POINTERS:
                return f"no two elements of {listed} point to the same row"
            case AssumptionKind.ROUNDING:
                return f"{listed} may differ in the last digits"
            case AssumptionKind.ORDER:
                return f"any order in which iterations come to {listed} is right"
            case AssumptionKind.PARTS:
                return f"the calls of {listed} work on parts that do not overlap"
            case AssumptionKind.LENGTH:
                return f"{listed} has {self.detail or 'all'} elements"

"""Findings: what the analysis has to say, with stable codes.

`IPT1xx` informs, `IPT2xx` needs a decision, `IPT3xx` refuses.
The page `docs/ipt/findings.md` has an anchor for every code.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipt.source import Place

__all__ = ["CODES", "Finding", "Severity"]

CODES = {
    "IPT101": "The loop is proved parallel",
    "IPT102": "A value is combined from all iterations (reduction)",
    "IPT103": "Variables are private to each iteration",
    "IPT104": "The value of the last iteration is kept (lastprivate)",
    "IPT105": "Pointers are distinct, as all calls in this file show",
    "IPT106": "The loop is too small to gain",
    "IPT107": "Iterations have uneven work",
    "IPT109": "Something was taken as true that is not proved",
    "IPT110": "Threads would be started again and again",
    "IPT201": "Pointers may overlap",
    "IPT202": "Rows of a flat array may overlap",
    "IPT203": "Row pointers may be equal",
    "IPT204": "Floating-point results may change in the last digits",
    "IPT301": "The loop carries a dependence through an array",
    "IPT302": "A subscript cannot be analysed",
    "IPT303": "The loop carries a dependence through a variable",
    "IPT304": "A reduction variable is used elsewhere in the loop",
    "IPT305": "The loop is not a counted loop of canonical form",
    "IPT306": "The loop can be left early",
    "IPT307": "The loop reads or writes files or the screen",
    "IPT308": "A function with hidden state is called",
    "IPT309": "A function is called whose text is not in this file",
    "IPT310": "The loop comes from a macro",
    "IPT311": "Something in the loop is not understood",
    "IPT312": "A value is used after the loop",
    "IPT313": "The loop does not begin its line",
    "IPT314": "A pointer cannot be followed",
    "IPT315": "Array elements are accumulated",
    "IPT316": "A shared variable is changed where it cannot be followed",
    "IPT317": "A recursive function touches shared data",
    "IPT318": "The loop is too large to analyse",
    "IPT319": "The position of a minimum or maximum is searched",
    "IPT320": "The loop contains or is inside an OpenMP directive",
    "IPT321": "A volatile variable is used",
    "IPT322": "A temporary array is declared outside the loop",
}


class Severity(Enum):
    """What a finding asks of the reader."""

    INFORMATION = "information"
    DECISION = "decision"
    REFUSAL = "refusal"


_SEVERITIES = {
    "1": Severity.INFORMATION,
    "2": Severity.DECISION,
    "3": Severity.REFUSAL,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the analysis found.

    Attributes:
        code: A key of `CODES`.
        message: The sentence for a person.
        place: Where in the user's text.
        variables: Names that it is about.
        way_out: What the user can do.
    """

    code: str
    message: str
    place: Place
    variables: tuple[str, ...] = ()
    way_out: str = ""

    @property
    def severity(self) -> Severity:
        """The severity, from the code."""
        return _SEVERITIES[self.code[3]]

    def to_json(self) -> dict[str, object]:
        """Return the finding as JSON values."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "file": self.place.name,
            "line": self.place.line,
            "column": self.place.column,
            "variables": list(self.variables),
            "way_out": self.way_out,
        }

"""Findings: what the analysis has to say, with stable codes.

`IPT1xx` informs, `IPT2xx` needs a decision, `IPT3xx` refuses.
The page `docs/ipt/findings.md` has an anchor for every code.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ipt.source import Place

__all__ = ["CODES", "Finding", "Severity", "decisions_in", "refusals_in"]

CODES = {
    "IPT101": "The loop is proved parallel",
    "IPT102": "A value is combined from all iterations (reduction)",
    "IPT103": "Variables are private to each iteration",
    "IPT104": "The value of the last iteration is kept (lastprivate)",
    "IPT105": "Pointers are distinct, as all calls show",
    "IPT106": "The loop is too small to gain",
    "IPT107": "Iterations have uneven work",
    "IPT108": "All iterations update the same element",
    "IPT109": "Something was taken as true that is not proved",
    "IPT110": "Threads would be started again and again",
    "IPT111": "Array elements are accumulated by all iterations",
    "IPT112": "Each thread starts from a copy (firstprivate)",
    "IPT113": "A variable changes evenly (linear)",
    "IPT115": "Loops share one team of threads",
    "IPT116": "Threads need not wait behind a loop",
    "IPT117": "Statements of a region are done by one thread",
    "IPT118": "Threads wait for each other",
    "IPT119": "Statements run one thread at a time, and that is enough",
    "IPT120": "An atomic update would do instead of a critical section",
    "IPT121": "Statements can run at the same time",
    "IPT122": "The loop can run on a device",
    "IPT123": "A rewrite of the loop is proved to keep its result",
    "IPT124": "A rewritten loop can run in parallel",
    "IPT125": "The rewritten loop walks memory in larger steps",
    "IPT126": "The rewrite needs memory",
    "IPT201": "Pointers may overlap",
    "IPT202": "Rows of a flat array may overlap",
    "IPT203": "Row pointers may be equal",
    "IPT204": "Floating-point results may change in the last digits",
    "IPT207": "The order of iterations may show",
    "IPT208": "Recursive calls may work on the same data",
    "IPT209": "The length of an array is not known",
    "IPT301": "The loop carries a dependence through an array",
    "IPT302": "A subscript cannot be analysed",
    "IPT303": "The loop carries a dependence through a variable",
    "IPT304": "A reduction variable is used elsewhere in the loop",
    "IPT305": "The loop is not a counted loop of canonical form",
    "IPT306": "The loop can be left early",
    "IPT307": "The loop reads or writes files or the screen",
    "IPT308": "A function with hidden state is called",
    "IPT309": "A function is called whose text is not in the files given",
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
    "IPT323": "The nested loops cannot run as one",
    "IPT327": "Two parts meet in memory",
    "IPT328": "A statement leaves the parallel region",
    "IPT329": "A variable has no role in the parallel region",
    "IPT330": "Lines cannot be one parallel region",
    "IPT331": "Something protected is also used without protection",
    "IPT332": "The result depends on the order of iterations",
    "IPT333": "A statement has no form that atomic can protect",
    "IPT334": "A directive cannot stand here",
    "IPT335": "No directive can go in front of a statement",
    "IPT336": "Statements cannot be sections",
    "IPT337": "Recursive calls cannot run as tasks",
    "IPT338": "The loop cannot be moved to a device",
    "IPT339": "A rewrite would change the result",
    "IPT340": "The loop's text cannot be rewritten",
    "IPT341": "A variable cannot be moved into the loop",
    "IPT342": "A variable cannot be computed from the counters",
    "IPT343": "A container is used as a whole",
    "IPT344": "A container checks its subscript",
    "IPT345": "A container packs several elements into one word",
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
        distance: How many iterations a dependence spans, where that is known.
    """

    code: str
    message: str
    place: Place
    variables: tuple[str, ...] = ()
    way_out: str = ""
    distance: int | None = None

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
            "distance": self.distance,
        }


def refusals_in(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that rule something out."""
    return tuple(each for each in findings if each.severity is Severity.REFUSAL)


def decisions_in(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings about which a person must decide."""
    return tuple(each for each in findings if each.severity is Severity.DECISION)

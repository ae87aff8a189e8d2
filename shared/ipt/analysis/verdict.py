"""What the analysis concludes about one loop."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ipt.findings import Severity

if TYPE_CHECKING:
    from ipt.analysis.assumptions import Assumption
    from ipt.findings import Finding
    from ipt.model import For, Function

__all__ = ["LoopVerdict", "Reduction", "Status"]


class Status(Enum):
    """The four answers of the analysis."""

    PARALLEL = "parallel"
    REDUCTION = "reduction"
    NEEDS_DECISION = "needs_decision"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Reduction:
    """A variable that is combined from the threads' parts."""

    op: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class LoopVerdict:
    """The conclusion for one loop.

    Attributes:
        findings: Everything found, refusals first.
        decisions: What a person must vouch for before the loop can run in
            parallel.
        accepted: What a person has vouched for already.
        shared: Names of variables that all threads use together.
        schedule: The schedule that suits the loop, empty for OpenMP's own.
        is_recommended: Whether parallelizing it is likely to pay.
        advice: Why, as a sentence.
    """

    function: Function
    loop: For
    status: Status
    findings: tuple[Finding, ...]
    decisions: tuple[Assumption, ...] = ()
    accepted: tuple[Assumption, ...] = ()
    private: tuple[str, ...] = ()
    lastprivate: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    reductions: tuple[Reduction, ...] = ()
    schedule: str = ""
    is_recommended: bool = False
    advice: str = ""

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """The findings that rule the loop out."""
        return tuple(
            each for each in self.findings if each.severity is Severity.REFUSAL
        )

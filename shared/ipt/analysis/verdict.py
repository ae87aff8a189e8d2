"""What the analysis concludes about one loop."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ipt.findings import refusals_in

if TYPE_CHECKING:
    from ipt.analysis.assumptions import Assumption
    from ipt.analysis.protection import Protection
    from ipt.findings import Finding
    from ipt.model import Evaluate, For, Function

__all__ = ["LoopVerdict", "Reduction", "Status", "Update", "VectorLoop"]


class Status(Enum):
    """The four answers of the analysis."""

    PARALLEL = "parallel"
    REDUCTION = "reduction"
    NEEDS_DECISION = "needs_decision"
    REFUSED = "refused"

    @property
    def is_proved(self) -> bool:
        """Whether nothing stands against it, and at most rounding is open."""
        return self in (Status.PARALLEL, Status.REDUCTION)


@dataclass(frozen=True, slots=True)
class Reduction:
    """A variable that is combined from the threads' parts.

    Attributes:
        name: Its name, with a section for an array: `h[:n]`.
    """

    op: str
    name: str


@dataclass(frozen=True, slots=True)
class Update:
    """Accumulation into elements of a shared array, such as a histogram.

    Attributes:
        name: The array.
        op: The operator.
        statements: The updates; each can be one `omp atomic`.
        section: The array section for a reduction, such as `h[:n]`, or empty
            where its length is not known.
        can_be_atomic: Whether each statement is of a form that OpenMP can do
            atomically (OpenMP 5.2, section 15.8.4).
        is_atomic_better: Whether a copy of the array for each thread would
            cost more than it saves.
    """

    name: str
    op: str
    statements: tuple[Evaluate, ...]
    section: str = ""
    can_be_atomic: bool = True
    is_atomic_better: bool = False


@dataclass(frozen=True, slots=True)
class VectorLoop:
    """An inner loop that may use vector instructions.

    Attributes:
        clauses: What happens to its variables: `reduction(+: s)`.
    """

    loop: For
    clauses: tuple[str, ...] = ()

    @property
    def directive(self) -> str:
        """The line in front of it."""
        return " ".join(("#pragma omp simd", *self.clauses))


@dataclass(frozen=True, slots=True, eq=False)
class LoopVerdict:
    """The conclusion for one loop.

    Attributes:
        findings: Everything found, refusals first.
        decisions: What a person must vouch for before the loop can run in
            parallel.
        accepted: What a person has vouched for already.
        shared: Names of variables that all threads use together.
        firstprivate: Names of variables of which each thread gets a copy.
        linear: Variables that change by the same amount in each iteration,
            with the amount: `p:1`.
        updates: Array elements that several iterations accumulate into.
        collapse: How many perfectly nested loops, this one included, may be
            run as one and gain from it.
        simd: The inner loops that are proved to have independent iterations
            and would gain from vector instructions.
        condition: What must hold for threads to pay, as the text of an `if`
            clause; empty if it always does, or is not known.
        protections: What is done by one thread at a time.
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
    firstprivate: tuple[str, ...] = ()
    linear: tuple[str, ...] = ()
    updates: tuple[Update, ...] = ()
    collapse: int = 1
    simd: tuple[VectorLoop, ...] = ()
    condition: str = ""
    protections: tuple[Protection, ...] = ()
    schedule: str = ""
    is_recommended: bool = False
    advice: str = ""

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """The findings that rule the loop out."""
        return refusals_in(self.findings)

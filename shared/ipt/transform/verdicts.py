"""What transforms ask of every verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ipt.analysis import AssumptionKind, Status
from ipt.errors import TransformRefused
from ipt.findings import decisions_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ipt.analysis import Assumption
    from ipt.findings import Finding

__all__ = ["FromVerdict", "Verdict", "check_settled", "vouched"]


class Verdict(Protocol):
    """What the verdicts on loops, regions, sections, tasks and devices share."""

    @property
    def status(self) -> Status:
        """The answer in one word."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything found, refusals first."""

    @property
    def decisions(self) -> Sequence[Assumption]:
        """What a person must vouch for first."""

    @property
    def accepted(self) -> Sequence[Assumption]:
        """What a person has vouched for already."""

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """The findings that rule it out."""


def check_settled(verdict: Verdict) -> None:
    """Check that a verdict allows the change, and leaves nothing to be decided.

    Raises:
        TransformRefused: It does not, with the findings that say why.
    """
    if verdict.status is Status.REFUSED:
        raise TransformRefused(verdict.refusals)
    if verdict.decisions or verdict.status is Status.NEEDS_DECISION:
        raise TransformRefused(decisions_in(verdict.findings))


def vouched(accepted: Iterable[Assumption]) -> tuple[str, ...]:
    """Return what a person vouched for and nobody proved, as sentences.

    Other last digits are a choice of the user's, not a statement about the
    program that could be false.
    """
    return tuple(
        each.text for each in accepted if each.kind is not AssumptionKind.ROUNDING
    )


class FromVerdict:
    """The part of a `Transform` that follows from its verdict."""

    __slots__ = ()

    verdict: Verdict

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the analysis found."""
        return self.verdict.findings

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the user vouched for and nobody proved, as sentences."""
        return vouched(self.verdict.accepted)

    @property
    def headers(self) -> frozenset[str]:
        """Directives need none."""
        return frozenset()

"""What the analysis concludes about a parallel region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from ipt.findings import refusals_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.analysis.assumptions import Assumption
    from ipt.analysis.verdict import LoopVerdict, Status
    from ipt.findings import Finding
    from ipt.model import For, Function, Statement

__all__ = ["PartKind", "RegionPart", "RegionVerdict"]

PartKind: TypeAlias = Literal["for", "single", "master", "every"]


@dataclass(frozen=True, slots=True, eq=False)
class RegionPart:
    """Statements of a region that are done in one way.

    Attributes:
        statements: Consecutive statements of one block.
        kind: `for` shares the iterations out, `single` is done by any one
            thread and `master` by the first one;
            `every` thread does it for itself.
        verdict: On the loop of a `for`.
        nowait: Whether threads go on behind it without waiting.
        same_threads: The loops that rely on the same iterations being done by
            the same threads, so that `nowait` is right only if all of them
            have one and the same static schedule.
        barrier: Whether threads wait for each other before the part.
        private: What the `for` makes private beyond the region's own.
        parts: What is inside a loop or a branch that every thread follows.
    """

    statements: tuple[Statement, ...]
    kind: PartKind
    verdict: LoopVerdict | None = None
    nowait: bool = False
    same_threads: tuple[For, ...] = ()
    barrier: bool = False
    private: tuple[str, ...] = ()
    parts: tuple[RegionPart, ...] = ()

    @property
    def statement(self) -> Statement:
        """The first statement."""
        return self.statements[0]

    def walk(self) -> Iterator[RegionPart]:
        """Yield the part and all inside it, in the order of the text."""
        yield self
        for each in self.parts:
            yield from each.walk()


@dataclass(frozen=True, slots=True, eq=False)
class RegionVerdict:
    """The conclusion for one parallel region.

    Attributes:
        statements: What it is around: consecutive statements of one block.
        findings: Everything found, refusals first.
        decisions: What a person must vouch for first.
        accepted: What a person has vouched for already.
        parts: How each statement is done; empty where it is refused early.
        shared: Names of variables that all threads use together; those of a
            reduction are among them.
        private: Names of variables of which each thread has its own.
        firstprivate: The same, with the value from before the region.
        is_recommended: Whether it saves time over a directive a loop.
        advice: Why, as a sentence.
    """

    function: Function
    statements: tuple[Statement, ...]
    status: Status
    findings: tuple[Finding, ...]
    decisions: tuple[Assumption, ...] = ()
    accepted: tuple[Assumption, ...] = ()
    parts: tuple[RegionPart, ...] = ()
    shared: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    firstprivate: tuple[str, ...] = ()
    is_recommended: bool = False
    advice: str = ""

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """The findings that rule the region out."""
        return refusals_in(self.findings)

    def walk(self) -> Iterator[RegionPart]:
        """Yield all parts, in the order of the text."""
        for each in self.parts:
            yield from each.walk()

    @property
    def loops(self) -> tuple[RegionPart, ...]:
        """The parts that share out the iterations of a loop."""
        return tuple(each for each in self.walk() if each.kind == "for")

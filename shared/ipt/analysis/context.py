"""The loop under analysis, and how findings about it are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.findings import Finding
from ipt.model import Scope, Variable, text_of

if TYPE_CHECKING:
    from ipt.analysis.canonical import CountedLoop
    from ipt.analysis.tracing import Trace
    from ipt.analysis.writes import Writes
    from ipt.model import For, Function, Node, Program
    from ipt.source import Span

__all__ = ["LoopContext"]


@dataclass(frozen=True, slots=True)
class LoopContext:
    """One loop with what is known of it; owns the findings made so far.

    Attributes:
        counted: Its canonical parts.
        writes: What it changes, called functions included.
        trace: Its accesses.
        whole: The loop with the branches that are never taken, whose variables
            have to be listed as well; None if nothing was left out.
    """

    program: Program
    function: Function
    counted: CountedLoop
    writes: Writes
    trace: Trace
    findings: list[Finding] = field(default_factory=list)
    whole: For | None = None

    @property
    def written(self) -> For:
        """The loop as it is written."""
        return self.counted.loop if self.whole is None else self.whole

    @property
    def span(self) -> Span:
        """The span of the loop."""
        return self.counted.loop.span

    def text(self, node: Node) -> str:
        """Return the text of a node."""
        return text_of(node)

    def line(self, node: Node) -> int:
        """Return the line of a node."""
        return node.span.line

    def where(self, node: Node, other: Node | None = None) -> str:
        """Return `line 7`, with the file if that is not the file of `other`.

        Args:
            node: The node.
            other: What the reader is looking at; the loop if None.
        """
        near = self.span if other is None else other.span
        place = node.span.place
        is_near = node.span.source is near.source
        return f"line {place.line}" + ("" if is_near else f" of {place.name}")

    def add(  # noqa: PLR0917 - the columns of a finding
        self,
        code: str,
        message: str,
        span: Span,
        variables: tuple[str, ...] = (),
        way_out: str = "",
        distance: int | None = None,
    ) -> None:
        """Add a finding, once for each code and message."""
        place = span.place
        known = {(each.code, each.message) for each in self.findings}
        if (code, message) not in known:
            self.findings.append(
                Finding(code, message, place, variables, way_out, distance)
            )

    def is_declared_inside(self, variable: Variable) -> bool:
        """Tell whether each iteration has its own variable.

        That holds for what the loop's body or a called function declares.
        """
        if variable.is_shared_storage:
            return False
        if variable.is_declared_in(self.span):
            return True
        if variable.scope not in (Scope.LOCAL, Scope.PARAMETER):
            return False
        return not variable.is_declared_in(self.function.span)

"""What all rewrites of one loop need to know of it, made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.aliasing import may_share
from ipt.analysis.calls import CallKind, classify_call
from ipt.analysis.canonical import CountedLoop, counted_loop
from ipt.analysis.exposure import first_use_after
from ipt.analysis.writes import find_writes
from ipt.findings import Finding
from ipt.model import (
    Binary,
    Block,
    Call,
    Cast,
    Literal,
    Scope,
    Unary,
    VarRef,
    parents_of,
    walk,
)
from ipt.restructure.layout import LoopText, read_loop_text

if TYPE_CHECKING:
    from ipt.analysis import Analyzer, LoopVerdict
    from ipt.analysis.writes import Writes
    from ipt.model import For, Function, Node, Program, Statement, Variable

__all__ = ["Study", "study_loop"]

# From a macro, not at the beginning of a line, or with a directive, which is
# for one loop and not for two.
_FIXED_CODES = ("IPT310", "IPT313", "IPT320")
_PLAIN = ("-", "+", "~", "!")


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A counted loop that the analysis does not run in parallel as it stands.

    Attributes:
        counted: Its canonical parts.
        text: Its text.
        writes: What it changes, called functions included.
        verdict: Why it cannot run in parallel now.
    """

    program: Program
    function: Function
    counted: CountedLoop
    text: LoopText
    writes: Writes
    verdict: LoopVerdict

    @property
    def loop(self) -> For:
        """The loop."""
        return self.counted.loop

    def is_invariant(self, *nodes: Node | None) -> bool:
        """Tell whether expressions keep their value while the loop runs.

        They read variables that the loop does not change, and nothing else.
        """
        return all(
            self._is_fixed(each) for node in nodes if node for each in walk(node)
        )

    def _is_fixed(self, node: Node) -> bool:
        match node:
            case VarRef():
                return not self.may_change(node.variable)
            case Unary():
                return node.op in _PLAIN
            case _:
                return isinstance(node, Literal | Cast | Binary)

    def may_change(self, variable: Variable) -> bool:
        """Tell whether the loop may change a variable."""
        if variable.key in self.writes.varying or variable.ctype.is_volatile:
            return True
        if not self.is_public(variable):
            return False
        return self.calls_unknown or any(
            may_share(self.program, each, variable.ctype) for each in self.writes.memory
        )

    @property
    def stands_alone(self) -> bool:
        """Whether other statements can stand beside the loop.

        They cannot where it is the body of an `if` without braces, say.
        """
        path = parents_of(self.function.body, self.loop)
        return bool(path) and isinstance(path[-1], Block)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements of the body, one for each span of `text.statements`."""
        body = self.loop.body
        if self.text.open is not None and isinstance(body, Block):
            return body.body
        return (body,)

    @property
    def calls_unknown(self) -> bool:
        """Whether a function is called of which nothing is known."""
        return any(
            isinstance(node, Call)
            and node.key not in self.program.by_key
            and classify_call(node.name, is_system=node.is_system) is CallKind.UNKNOWN
            for node in walk(self.loop)
        )

    def is_public(self, variable: Variable) -> bool:
        """Tell whether others than the function itself may use a variable."""
        return (
            variable.scope in (Scope.STATIC, Scope.GLOBAL)
            or variable.is_thread_local
            or self.program.is_reachable(variable)
        )

    def is_used_after(self, variable: Variable) -> bool:
        """Tell whether the value that the loop leaves in a variable may be read."""
        if self.is_public(variable):
            return True
        return first_use_after(self.function, self.loop, variable) is not None

    def refusal(self, code: str, message: str, way_out: str) -> Finding:
        """Return a finding about the loop."""
        return Finding(code, message, self.loop.span.place, way_out=way_out)


def study_loop(analyzer: Analyzer, function: Function, loop: For) -> Study | None:
    """Return what is known of a loop, None if no rewrite can apply to it."""
    counted = counted_loop(loop)
    text = read_loop_text(loop)
    if not isinstance(counted, CountedLoop) or not isinstance(text, LoopText):
        return None
    program = analyzer.program
    verdict = analyzer.analyze(function, loop)
    is_fixed = any(each.code in _FIXED_CODES for each in verdict.refusals)
    if is_fixed or text.source not in program.sources:
        return None
    return Study(
        program,
        function,
        counted,
        text,
        find_writes(loop, program),
        verdict,
    )

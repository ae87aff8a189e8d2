"""Whether statements may run at the same time on different threads.

Every access of one side is compared with every access of the other, as the
loop analysis compares iterations; scalars, calls and what they print included.
What is not known counts as a conflict, with the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.aliasing import may_share
from ipt.analysis.assumptions import AssumptionKind
from ipt.analysis.effects import HARMLESS, EffectKind
from ipt.analysis.locations import BITS, UNION
from ipt.analysis.overlap import Overlap
from ipt.analysis.presburger import TooComplex
from ipt.analysis.runs import Run, RunTracer, is_reachable, merged_writes
from ipt.findings import Finding
from ipt.model import Kind, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ipt.analysis.analyzer import Analyzer
    from ipt.analysis.assumptions import Assumption
    from ipt.analysis.locations import Access, Base
    from ipt.analysis.runs import RunTrace
    from ipt.analysis.writes import Writes
    from ipt.model import CType, Function, Node, Statement

__all__ = ["Concurrency", "Run", "conflicts", "conflicts_of"]

_MOST_FINDINGS = 5
# Obstacles of loops that effects_of looks at in a finer way.
_CALLS = ("IPT307", "IPT309")


def conflicts(
    analyzer: Analyzer,
    function: Function,
    left: Sequence[Statement],
    right: Sequence[Statement],
    accepted: Collection[Assumption] = (),
) -> list[Finding]:
    """Tell whether two runs of statements may not be done at the same time.

    Both start from the same state, and nothing else changes it meanwhile.

    Args:
        analyzer: Of the program.
        function: The function that both are in.
        left: The statements of one thread.
        right: Those of another one; they may be the same.
        accepted: What a person vouches for.

    Returns:
        A finding for each place where they meet, or where it is not known
        that they do not; none if they may run at the same time.
    """
    pair = (Run(tuple(left)), Run(tuple(right)))
    return conflicts_of(analyzer, function, pair, accepted)


def conflicts_of(
    analyzer: Analyzer,
    function: Function,
    runs: tuple[Run, Run],
    accepted: Collection[Assumption] = (),
) -> list[Finding]:
    """Compare two runs; see `conflicts`."""
    return Concurrency(analyzer, function, accepted).conflicts(runs)


class Concurrency:
    """Compares the runs of one function; owns the traces made so far."""

    def __init__(
        self,
        analyzer: Analyzer,
        function: Function,
        accepted: Collection[Assumption] = (),
    ) -> None:
        self.analyzer = analyzer
        self.function = function
        self.accepted = accepted
        self.tracer = RunTracer(analyzer.program, function)

    def conflicts(
        self,
        runs: tuple[Run, Run],
        changed: Writes | None = None,
        *,
        same_iterations: bool = False,
    ) -> list[Finding]:
        """Compare two runs; see the function `conflicts`.

        Args:
            runs: The two sides.
            changed: What may change between the start of the first and the end
                of the last; what the two themselves change if it is left out.
            same_iterations: Whether both are one counted loop each, and an
                iteration of one never runs beside that of the other which has
                the same value of the counter.

        Returns:
            The findings.
        """
        if changed is None:
            changed = merged_writes([self.tracer.writes(each) for each in runs])
        try:
            comparison = _Comparison(self, runs, changed)
            return comparison.run(same_iterations=same_iterations)
        except TooComplex:
            place = runs[0].statements[0].span.place
            message = "the statements are too large to analyse."
            return [Finding("IPT318", message, place, way_out="Simplify them.")]


class _Comparison:
    def __init__(
        self, context: Concurrency, runs: tuple[Run, Run], changed: Writes
    ) -> None:
        self._program = context.analyzer.program
        self._context = context
        self._changed = changed
        self._findings: dict[tuple[str, str], Finding] = {}
        tracer = context.tracer
        self._left, self._right = (tracer.trace(run, changed) for run in runs)
        self._overlap = Overlap(self._left.trace, context.analyzer.solver, tracer.facts)

    def run(self, *, same_iterations: bool) -> list[Finding]:
        """Compare everything."""
        left, right = self._left, self._right
        for side, other in ((left, right), (right, left)):
            self._obstacles(side)
            self._open_ended(side, other)
            self._unfollowed(side, other)
            self._moved_pointers(side)
        self._effects()
        if same_iterations:
            self._overlap.pair_iterations(left.first, right.first)
        for base, group in left.blocks.items():
            self._one_block(group, right.blocks.get(base, []))
        self._between()
        return list(self._findings.values())[:_MOST_FINDINGS]

    def _obstacles(self, side: RunTrace) -> None:
        explained = {each.call.name for each in side.effects}
        for each in side.trace.obstacles:
            if each.code in _CALLS:
                continue
            if each.code == "IPT308" and _is_stateful(each.name, explained):
                continue
            what = each.what or "this"
            self._add(each.code, f"{what} is not followed", side.first, each)

    def _open_ended(self, side: RunTrace, other: RunTrace) -> None:
        """Compare calls that may do anything with what the other side does."""
        for effect in side.effects:
            if effect.kind is not EffectKind.ANYTHING:
                continue
            if other.every or other.effects:
                name = effect.call.name or "a function through a pointer"
                text = f"{name}() may do anything"
                self._add("IPT309", text, other.first, effect.call)
                return

    def _effects(self) -> None:
        for one in self._left.effects:
            for other in self._right.effects:
                if not one.clashes(other) or EffectKind.ANYTHING in (
                    one.kind,
                    other.kind,
                ):
                    continue
                text = f"{one.call.name}() and {other.call.name}() use {one.kind.value}"
                self._add("IPT327", text, one.call, other.call)
                return

    def _unfollowed(self, side: RunTrace, other: RunTrace) -> None:
        for access in side.unknown:
            for each in other.every:
                if not (access.is_write or each.is_write):
                    continue
                if is_reachable(self._program, each) and self._may_meet(access, each):
                    self._meeting("may meet through a pointer", access, each)
                    return

    def _moved_pointers(self, side: RunTrace) -> None:
        """Refuse blocks behind pointers in memory that a side itself sets."""
        fields = self._changed.fields
        written = [each.ctype for each in side.every if each.is_write]
        written += self._changed.memory
        for base, group in side.blocks.items():
            if base.is_plain:
                continue
            is_set = any(part in fields for part in base.path)
            if is_set or any(_holds_pointers(each) for each in written):
                text = f"the pointer to {text_of(group[0].node)} may be set meanwhile"
                self._add("IPT314", text, side.first, group[0].node)
                return

    def _one_block(self, left: Sequence[Access], right: Sequence[Access]) -> None:
        for one in left:
            for other in right:
                if not (one.is_write or other.is_write):
                    continue
                if not self._may_meet(one, other):
                    continue
                meeting = self._overlap.coincide(one, other)
                if meeting.is_possible or meeting.assumptions - {
                    *self._context.accepted
                }:
                    verb = "meet" if meeting.is_certain else "may meet"
                    self._meeting(verb, one, other)
                    return

    def _between(self) -> None:
        for left, ones in self._left.blocks.items():
            for right, others in self._right.blocks.items():
                if left == right or self._are_distinct(left, right):
                    continue
                found = self._clash(ones, others)
                if found is not None:
                    self._meeting("may overlap", *found)

    def _clash(
        self, ones: Sequence[Access], others: Sequence[Access]
    ) -> tuple[Access, Access] | None:
        for one in ones:
            for other in others:
                if not (one.is_write or other.is_write):
                    continue
                is_open = is_reachable(self._program, one) and is_reachable(
                    self._program, other
                )
                if is_open and self._may_meet(one, other):
                    return one, other
        return None

    def _are_distinct(self, left: Base, right: Base) -> bool:
        if _is_constant(left) or _is_constant(right):
            return True
        for assumption in self._context.accepted:
            if assumption.kind is AssumptionKind.DISTINCT and {
                left.display,
                right.display,
            }.issubset(assumption.names):
                return True
        aliasing, function = self._context.analyzer.aliasing, self._context.function
        return any(
            aliasing.are_distinct(function, side.first, left, right)
            for side in (self._left, self._right)
        )

    def _may_meet(self, left: Access, right: Access) -> bool:
        is_overlaid = any(
            step in (UNION, BITS)
            for each in (left, right)
            if each.location
            for step in each.location.steps
        )
        return is_overlaid or may_share(self._program, left.ctype, right.ctype)

    def _meeting(self, verb: str, one: Access, other: Access) -> None:
        writer, user = (one, other) if one.is_write else (other, one)
        texts = text_of(writer.node), text_of(user.node)
        how = "writes" if user.is_write else "reads"
        message = (
            f"line {writer.node.span.line} writes {texts[0]} and line "
            f"{user.node.span.line} {how} {texts[1]}, which {verb}"
        )
        self._put("IPT327", message, writer.node, tuple(dict.fromkeys(texts)))

    def _add(self, code: str, text: str, one: Node, other: object) -> None:
        line = getattr(other, "span", one.span).line
        message = f"line {line}: {text}"
        self._put(code, message, one, ())

    def _put(
        self, code: str, message: str, node: Node, variables: tuple[str, ...]
    ) -> None:
        key = (code, message)
        if key not in self._findings:
            way_out = "Let one thread do both, or keep a barrier between them."
            self._findings[key] = Finding(
                code, message + ".", node.span.place, variables, way_out
            )


def _is_stateful(name: str, explained: Collection[str]) -> bool:
    """Tell whether an obstacle is a library call that `effects_of` has judged."""
    return name in explained or name in HARMLESS


def _holds_pointers(ctype: CType) -> bool:
    return ctype.leaf.kind in (Kind.POINTER, Kind.RECORD, Kind.UNION, Kind.OTHER)


def _is_constant(base: Base) -> bool:
    """Tell whether a block is defined const: no pointer may write it either."""
    ctype = base.variable.ctype
    return not base.path and (ctype.is_const or ctype.leaf.is_const)

"""Swaps the headers of two loops of which one is all that the other does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.canonical import CountedLoop, counted_loop, written_variables
from ipt.analysis.exposure import Exposure
from ipt.analysis.locations import Index
from ipt.analysis.shape import exits
from ipt.errors import TransformRefused
from ipt.findings import Finding
from ipt.model import (
    Binary,
    Block,
    For,
    Kind,
    Literal,
    Node,
    VarRef,
    strip_casts,
    text_of,
    walk,
)
from ipt.restructure.layout import LoopText, read_loop_text
from ipt.restructure.loop_rewrite import LoopRewrite
from ipt.restructure.restructuring import RestructuringKind
from ipt.source import Replacement, Span

if TYPE_CHECKING:
    from ipt.model import Variable
    from ipt.restructure.ordering import Ordering
    from ipt.restructure.study import Study
    from ipt.source import Edit

__all__ = ["Interchange", "interchange_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Interchange(LoopRewrite):
    """Makes the inner loop of a perfect nest the outer one.

    Before::

        for (int i = 1; i < n; i++)
            for (int j = 0; j < m; j++)
                a[i][j] = a[i - 1][j] + b[i][j];

    After::

        for (int j = 0; j < m; j++)
            for (int i = 1; i < n; i++)
                a[i][j] = a[i - 1][j] + b[i][j];

    Legal if no dependence has the direction `(<, >)`, which would become
    `(>, <)` and point back in time (Allen & Kennedy, *Automatic loop
    interchange*, SIGPLAN Symposium on Compiler Construction, 1984; Kennedy &
    Allen, theorem 5.1).

    Attributes:
        study: The outer loop.
        inner: The inner loop.
        inner_text: Its text.
        ordering: The accesses of the nest.
    """

    inner: CountedLoop
    inner_text: LoopText
    ordering: Ordering

    @property
    def kind(self) -> RestructuringKind:
        """It interchanges."""
        return RestructuringKind.INTERCHANGE

    @property
    def counter(self) -> str:
        """The counter of the new outer loop."""
        return self.inner.counter.name

    @property
    def why(self) -> str:
        """Which loop carries the dependence."""
        outer, inner = self.study.counted.counter.name, self.inner.counter.name
        return (
            f"The loop over {outer} carries the dependence, the loop over {inner} "
            f"does not: with the loop over {inner} outside, threads start once."
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Whether memory is walked in larger steps than before."""
        if not self._strides():
            return ()
        message = (
            f"with the loop over {self.study.counted.counter.name} inside, memory is "
            "walked in larger steps, which may cost what the threads gain."
        )
        return (Finding("IPT125", message, self.loop.span.place),)

    def _strides(self) -> bool:
        """Tell whether the last subscripts follow the old inner counter only."""
        outer = self.ordering.trace.counter
        inner = self.ordering.symbol_of(self.inner.loop)
        for access in self.ordering.within([self.inner_text.span]):
            steps = () if access.location is None else access.location.steps
            last = steps[-1] if steps else None
            if not isinstance(last, Index) or last.value is None:
                continue
            factors = dict(last.value.terms)
            if (inner,) in factors and (outer,) not in factors:
                return True
        return False

    def validate(self) -> None:
        """Check that no dependence would point back in time.

        Raises:
            TransformRefused: One would, or may.
        """
        code, reason = self._reason()
        if reason:
            message = f"the loops cannot be swapped: {reason}."
            way_out = "Leave the loops as they are."
            raise TransformRefused([self.study.refusal(code, message, way_out)])

    def _reason(self) -> tuple[str, str]:
        shape = self._shape_reason()
        if shape:
            return "IPT340", shape
        ordering, study = self.ordering, self.study
        if not ordering.is_followed or ordering.effects([self.inner.loop.body]):
            return "IPT339", "not everything in them can be followed"
        symbol = ordering.symbol_of(self.inner.loop)
        if symbol is None:
            return "IPT340", "the inner loop is not a plain counted loop"
        accesses = ordering.within([self.inner_text.span])
        pair = ordering.clash(
            accesses,
            accesses,
            (ordering.trace.counter, ">" if study.counted.is_downward else "<"),
            (symbol, "<" if self.inner.is_downward else ">"),
            private=self._private(),
        )
        if pair is None:
            return "", ""
        earlier, later = (text_of(each.node) for each in pair)
        return "IPT339", f"{earlier} would come behind {later}, which must follow it"

    def _shape_reason(self) -> str:
        study, inner, outer = self.study, self.inner, self.study.counted
        headers = (
            outer.lower,
            outer.bound,
            outer.step_value,
            inner.lower,
            inner.bound,
            inner.step_value,
        )
        if not study.is_invariant(*headers) or any(map(_may_trap, headers)):
            return "their bounds may change, or depend on one another"
        if next(exits(inner.loop.body), None) is not None:
            return "a jump leaves the inner loop"
        for each in (outer, inner):
            if study.is_public(each.counter):
                return f"{each.counter.name} may be used elsewhere"
            if not each.declares and study.is_used_after(each.counter):
                return f"{each.counter.name} is used after the loops"
        return ""

    def _private(self) -> set[Variable]:
        """Return the variables that every inner iteration sets before it reads them."""
        study, body = self.study, self.inner.loop.body
        written = written_variables([body])
        found = {study.counted.counter, self.inner.counter}
        for node in walk(body):
            if not isinstance(node, VarRef) or node.variable.key not in written:
                continue
            variable = node.variable
            if variable.ctype.kind is Kind.ARRAY or study.is_public(variable):
                continue
            exposure = Exposure(variable)
            exposure.visit(body, frozenset())
            if not exposure.reads and not study.is_used_after(variable):
                found.add(variable)
        return found

    def edits(self) -> list[Edit]:
        """Return what is between the parentheses of both headers, swapped.

        Raises:
            TransformRefused: See `validate`.
        """
        self.validate()
        spans = [_inside(self.study.text), _inside(self.inner_text)]
        texts = [each.text.replace("\r\n", "\n").encode() for each in spans]
        return [
            Replacement(spans[0].start, spans[0].end, texts[1]),
            Replacement(spans[1].start, spans[1].end, texts[0]),
        ]


def _inside(text: LoopText) -> Span:
    return Span(text.init.start, text.head.end - 1, text.source)


def _may_trap(node: Node | None) -> bool:
    """Tell whether an expression may divide by zero where it was not computed."""
    return node is not None and any(
        isinstance(each, Binary)
        and each.op in ("/", "%")
        and not isinstance(strip_casts(each.right), Literal)
        for each in walk(node)
    )


def interchange_of(study: Study, ordering: Ordering) -> Interchange | None:
    """Return the swap of a perfect nest, None if the loop is none."""
    body = study.loop.body
    only = body.body[0] if isinstance(body, Block) and len(body.body) == 1 else body
    if not isinstance(only, For) or len(study.text.statements) != 1:
        return None
    inner, text = counted_loop(only), read_loop_text(only)
    if not isinstance(inner, CountedLoop) or not isinstance(text, LoopText):
        return None
    return Interchange(study, inner, text, ordering)

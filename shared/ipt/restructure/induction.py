"""Computes a variable that grows by the same amount from the loop counters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.canonical import (
    CountedLoop,
    constant_value,
)
from ipt.analysis.shape import exits
from ipt.errors import TransformRefused
from ipt.model import (
    Assign,
    Block,
    Evaluate,
    Increment,
    Kind,
    Subscript,
    VarRef,
    strip_casts,
    walk,
)
from ipt.restructure.exact import references
from ipt.restructure.formula import Formula
from ipt.restructure.layout import statement_span
from ipt.restructure.loop_rewrite import LoopRewrite
from ipt.restructure.restructuring import RestructuringKind
from ipt.source import Insertion, Replacement, Span

if TYPE_CHECKING:
    from ipt.model import Variable
    from ipt.source import Edit

__all__ = ["Induction"]

_INT_BITS = 32


@dataclass(frozen=True, slots=True, eq=False)
class Induction(LoopRewrite):
    """Replaces a variable that each iteration moves on by its formula.

    Before::

        k = 0;
        for (int i = 0; i < n; i++) {
            a[k] = b[i];
            k += 2;
        }

    After::

        k = 0;
        for (int i = 0; i < n; i++) {
            a[2 * i] = b[i];
        }

    A variable to which every iteration adds the same amount, once, is an
    induction variable (Kennedy & Allen, section 4.5.1).  The formula is used
    for integers only, and only where none of its parts can overflow in a
    program whose variable does not.

    Attributes:
        study: The outermost of the loops.
        variable: The induction variable.
        update: The expression that moves it on.
        statement: The statement that holds the update.
        loops: The counted loops around the statement, the outermost first.
        amount: What is added each time.
        start: What it holds before the loop; None if that is not known.
    """

    variable: Variable
    update: Assign | Increment
    statement: Evaluate
    loops: tuple[CountedLoop, ...]
    amount: int
    start: int | None

    @property
    def kind(self) -> RestructuringKind:
        """It replaces an induction variable."""
        return RestructuringKind.INDUCTION

    @property
    def why(self) -> str:
        """What the variable is."""
        names = " and ".join(each.counter.name for each in self.loops)
        return (
            f"{self.variable.name} grows by {self.amount} each time: it can be "
            f"computed from {names}, so that no iteration waits for the one before."
        )

    def validate(self) -> None:
        """Check that the formula gives the same value at every use.

        Raises:
            TransformRefused: It may not.
        """
        reason = (
            self._variable_reason()
            or self._loop_reason()
            or self._use_reason()
            or self._overflow_reason()
        )
        if reason:
            name = self.variable.name
            message = f"{name} cannot be computed from the counters: {reason}."
            way_out = f"Write a formula for {name} by hand, if there is one."
            raise TransformRefused([self.study.refusal("IPT342", message, way_out)])

    def _variable_reason(self) -> str:
        study, variable = self.study, self.variable
        if study.is_public(variable) or study.writes.counts[variable.key] != 1:
            return "it is changed elsewhere, too"
        is_plain = (
            variable.ctype.kind is Kind.INTEGER and not variable.ctype.is_volatile
        )
        if not is_plain or variable.ctype.bits < _INT_BITS:
            return "it is no int or long"
        for each in self.loops:
            counter = each.counter.ctype
            is_same = counter.is_signed == variable.ctype.is_signed
            if counter.bits > variable.ctype.bits or counter.bits < _INT_BITS:
                return "its type is not that of the counter"
            if not is_same and variable.ctype.is_signed:
                return "its type is not that of the counter"
        return ""

    def _loop_reason(self) -> str:
        for each in self.loops:
            parts = (each.lower, each.bound)
            if not self.study.is_invariant(*parts) or each.step not in (1, -1):
                return "the loop does not count in steps of one"
            low = each.bound if each.is_downward else each.lower
            least = constant_value(low)
            if least is None or least < 0 or each.op == "!=":
                return "the loop may count from a negative number"
            if next(exits(each.loop.body, continues=True), None) is not None:
                return "a jump leaves the loop"
        inner = self.loops[1:]
        if any(each.is_downward or each.step != 1 for each in inner):
            return "the inner loop counts down"
        return "" if self.study.stands_alone else "nothing can stand beside the loop"

    def _use_reason(self) -> str:
        """Return why the uses cannot be replaced."""
        inside = {id(node) for node in walk(self.loops[-1].loop.body)}
        for each in self._uses():
            if id(each) not in inside:
                return "it is used outside of the inner loop"
            if each.span.text != self.variable.name:
                return "it is used in a macro"
        in_statement = references(self.statement, {self.variable})
        is_alone = strip_casts(self.statement.expression) is self.update
        if not is_alone and len(in_statement) != 1:
            return "it is used twice where it is changed"
        if statement_span(self.statement) is None:
            return "it is changed in a macro"
        is_written = re.search(rf"\b{self.variable.name}\b", self.update.span.text)
        return "" if is_written else "it is changed in a macro"

    def _uses(self) -> list[VarRef]:
        own = {id(node) for node in walk(self.update)}
        uses = references(self.loop, {self.variable})
        return [each for each in uses if id(each) not in own]

    def _overflow_reason(self) -> str:
        """Return why a part of the formula may overflow.

        What is added is the whole growth so far, which fits if the variable
        starts on the same side of zero.
        """
        ctype = self.variable.ctype
        if not ctype.is_signed:
            return ""
        if self.start is not None and (self.start >= 0) == (self.amount > 0):
            return ""
        if abs(self.amount) == 1 and len(self.loops) == 1:
            return ""
        return "" if self.start == 0 else "what it holds before the loop is not known"

    def edits(self) -> list[Edit]:
        """Return the formula at every use, and what the variable holds at the end.

        Raises:
            TransformRefused: See `validate`.
        """
        self.validate()
        found: list[Edit] = []
        alone = {
            id(strip_casts(node.index))
            for node in walk(self.loop)
            if isinstance(node, Subscript)
        }
        for each in self._uses():
            is_later = each.span.start > self.update.span.end
            text = self._formula.after(1 if is_later else 0)
            found.append(_replaced(each.span, text, id(each) in alone))
        if strip_casts(self.statement.expression) is self.update:
            found.append(self._removed())
        else:
            is_new = isinstance(self.update, Increment) and self.update.prefix
            text = self._formula.after(1 if is_new else 0)
            found.append(_replaced(self.update.span, text, id(self.update) in alone))
        if self.study.is_used_after(self.variable):
            found.append(self._final())
        return found

    @property
    def _formula(self) -> Formula:
        return Formula(self.variable, self.loops, self.amount, self.start)

    def _removed(self) -> Edit:
        """Return the edit that takes the statement of the update out."""
        span = statement_span(self.statement)
        assert span is not None  # noqa: S101 - _use_reason has looked
        source = span.source
        start, end = source.line_start(span.start), source.line_end(span.end - 1)
        rest = source.data[start : span.start] + source.data[span.end : end]
        body = self.loops[-1].loop.body
        if not isinstance(body, Block) or len(body.body) == 1:
            return Replacement(span.start, span.end, b";")
        if rest.strip():
            return Replacement(span.start, span.end, b"")
        return Replacement(start, end, b"")

    def _final(self) -> Edit:
        """Return the lines that give the variable its last value."""
        text = self.study.text
        formula = self._formula
        return Insertion(
            text.source.line_end(text.span.end - 1),
            (
                f"{text.indent}if ({formula.has_iterations})",
                f"{text.indent}{text.unit}{formula.total}",
            ),
        )


def _replaced(span: Span, text: str, is_alone: bool) -> Replacement:  # noqa: FBT001 - a fact, no switch
    shown = text if is_alone or " " not in text else f"({text})"
    return Replacement(span.start, span.end, shown.encode())

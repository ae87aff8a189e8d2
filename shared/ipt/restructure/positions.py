"""Searches an extreme value in one loop, and where it was found in a second one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.canonical import constant_value
from ipt.analysis.conversions import keeps_every_value, value_type
from ipt.analysis.reductions import same_value
from ipt.errors import TransformRefused
from ipt.model import (
    Assign,
    Binary,
    Block,
    Evaluate,
    If,
    Kind,
    VarRef,
    strip_casts,
)
from ipt.restructure.exact import is_exact, plain_declaration, references
from ipt.restructure.header_text import operand_text
from ipt.restructure.layout import fresh_name, plain_text, reindented, statement_span
from ipt.restructure.loop_rewrite import LoopRewrite
from ipt.restructure.restructuring import RestructuringKind
from ipt.source import Replacement, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.model import Expression, Variable
    from ipt.restructure.study import Study
    from ipt.source import Edit

__all__ = ["PositionSearch", "position_search"]

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_TWO = 2


@dataclass(frozen=True, slots=True, eq=False)
class _Pattern:
    """`if (value op best) { best = value; position = counter; }`."""

    test: If
    op: str
    value: Expression
    best: Variable
    position: Variable
    keeping: Evaluate


@dataclass(frozen=True, slots=True, eq=False)
class PositionSearch(LoopRewrite):
    """Puts the position of an extreme value into a loop of its own.

    Before::

        for (int i = 0; i < n; i++)
            if (a[i] > best) {
                best = a[i];
                where = i;
            }

    After::

        {
            const double best_before = best;
            int where_found = n;
            for (int i = 0; i < n; i++)
                if (a[i] > best) {
                    best = a[i];
                }
            for (int i = 0; i < n; i++) {
                if (a[i] == best) {
                    if (i < where_found)
                        where_found = i;
                }
            }
            if (best > best_before)
                where = where_found;
        }

    With `>` and `<` the serial loop keeps the first element that has the
    extreme value, with `>=` and `<=` the last one.  Both loops see the same
    bits, since a value that is only loaded is never rounded anew; a NaN is
    neither kept nor found.

    Attributes:
        study: The loop.
        pattern: Its parts.
    """

    pattern: _Pattern

    @property
    def kind(self) -> RestructuringKind:
        """It searches a position."""
        return RestructuringKind.POSITION

    @property
    def why(self) -> str:
        """What is searched where."""
        best, position = self.pattern.best.name, self.pattern.position.name
        return (
            f"One loop searches {best}, a second one its {position}: both are "
            "reductions."
        )

    def validate(self) -> None:
        """Check that both loops see the same values, and no one the difference.

        Raises:
            TransformRefused: They may not.
        """
        reason = next(self._reasons(), "")
        if reason:
            message = f"value and position cannot be searched apart: {reason}."
            way_out = "Keep the values in an array, and search in that."
            raise TransformRefused([self.study.refusal("IPT339", message, way_out)])

    def _reasons(self) -> Iterator[str]:
        """Yield why both loops may not see the same values."""
        study, pattern = self.study, self.pattern
        counted = study.counted
        own = [each for each in map(plain_declaration, study.statements[:-1]) if each]
        values = [pattern.value, *(value for _, value in own)]
        if len(own) != len(study.statements) - 1 or not all(map(is_exact, values)):
            yield "the value is computed, and may be rounded in another way"
        changed = {pattern.best, pattern.position}
        if any(references(each, changed) for each in values):
            yield "the value depends on what is searched"
        allowed = {each.key for each in changed} | {each.key for each, _ in own}
        written = set(study.writes.counts) - allowed - {counted.counter.key}
        if written or study.writes.memory:
            yield "the loop changes something else, too"
        if not study.is_invariant(counted.lower, counted.bound):
            yield "the loop may change its own bounds"
        if any(study.is_public(each) for each in (*changed, counted.counter)):
            yield "a variable of it may be used elsewhere"
        if not counted.declares and study.is_used_after(counted.counter):
            yield "its counter is used after the loop"
        yield from self._number_reasons()

    def _number_reasons(self) -> Iterator[str]:
        pattern, counted = self.pattern, self.study.counted
        if not keeps_every_value(value_type(pattern.value), pattern.best.ctype):
            yield "the value is rounded when it is kept"
        if not keeps_every_value(counted.counter.ctype, pattern.position.ctype):
            yield "the position does not fit its type"
        lower = constant_value(counted.lower)
        is_strict = pattern.op in ("<", ">")
        is_open = lower is None or lower < 0 or not counted.counter.ctype.is_signed
        if not is_strict and (is_open or counted.is_downward):
            yield "the last position is searched, and the first one is not known"

    def edits(self) -> list[Edit]:
        """Return both loops in place of the one.

        Raises:
            TransformRefused: See `validate`.
        """
        self.validate()
        text = self.study.text
        lines = [
            f"{text.indent}{{",
            *reindented(list(self._lines()), text.unit),
            f"{text.indent}}}",
        ]
        data = "\n".join(lines).removeprefix(text.indent)
        return [Replacement(text.span.start, text.span.end, data.encode())]

    def _lines(self) -> Iterator[str]:
        pattern, counted, text = self.pattern, self.study.counted, self.study.text
        indent, unit, name = text.indent, text.unit, counted.counter.name
        best, position = pattern.best, pattern.position
        is_strict = pattern.op in ("<", ">")
        before = fresh_name(f"{best.name}_before", text.source)
        found = fresh_name(f"{position.name}_found", text.source)
        lower, bound = operand_text(counted.lower), operand_text(counted.bound)
        start = bound if is_strict else f"{(constant_value(counted.lower) or 0) - 1}"
        if is_strict:
            yield f"{indent}const {best.ctype.spelling} {before} = {best.name};"
        yield f"{indent}{counted.counter.ctype.spelling} {found} = {start};"
        yield from self._value_loop()
        yield f"{indent}{text.head_text} {{"
        for each in text.statements[:-1]:
            yield f"{indent}{unit}{plain_text(each)}"
        value = plain_text(pattern.value.span)
        op = "<" if is_strict != counted.is_downward else ">"
        yield f"{indent}{unit}if ({value} == {best.name}) {{"
        yield f"{indent}{unit}{unit}if ({name} {op} {found})"
        yield f"{indent}{unit}{unit}{unit}{found} = {name};"
        yield f"{indent}{unit}}}"
        yield f"{indent}}}"
        ends = f"{best.name} {pattern.op} {before}" if is_strict else ""
        yield f"{indent}if ({ends or f'{found} >= {lower}'})"
        yield f"{indent}{unit}{position.name} = {found};"

    def _value_loop(self) -> list[str]:
        """Return the loop without the statement that keeps the position."""
        text = self.study.text
        removed = statement_span(self.pattern.keeping)
        assert removed is not None  # noqa: S101 - the pattern has its text
        start, end = _with_line(removed)
        data = text.source.data
        kept = data[text.span.start : start] + data[end : text.span.end]
        return (text.indent + kept.decode()).replace("\r\n", "\n").split("\n")


def _with_line(span: Span) -> tuple[int, int]:
    """Return the extent to cut out: the line, if a statement is all that is in it."""
    source = span.source
    start, end = source.line_start(span.start), source.line_end(span.end - 1)
    if source.data[start : span.start].strip() or source.data[span.end : end].strip():
        blanks = len(source.data[: span.start]) - len(
            source.data[: span.start].rstrip()
        )
        return span.start - blanks, span.end
    return start, end


def position_search(study: Study) -> PositionSearch | None:
    """Return the rewrite of a search for an extreme and its position, if it is one."""
    test = study.statements[-1]
    if not isinstance(test, If) or test.otherwise is not None:
        return None
    pattern = _pattern(study, test)
    return None if pattern is None else PositionSearch(study, pattern)


def _pattern(study: Study, test: If) -> _Pattern | None:
    condition, then = strip_casts(test.condition), test.then
    if not isinstance(condition, Binary) or condition.op not in _FLIPPED:
        return None
    if not isinstance(then, Block) or len(then.body) != _TWO:
        return None
    for best_set, position_set in (then.body, then.body[::-1]):
        best, position = _assigned(best_set), _assigned(position_set)
        if best is None or position is None or not isinstance(position_set, Evaluate):
            continue
        place = strip_casts(position[1])
        if not _is(place, study.counted.counter):
            continue
        if position[0].ctype.kind is not Kind.INTEGER or position[0] == best[0]:
            continue
        for value, other, op in (
            (condition.left, condition.right, condition.op),
            (condition.right, condition.left, _FLIPPED[condition.op]),
        ):
            if _is(strip_casts(other), best[0]) and same_value(value, best[1]):
                return _Pattern(test, op, value, best[0], position[0], position_set)
    return None


def _assigned(statement: object) -> tuple[Variable, Expression] | None:
    match statement:
        case Evaluate(expression=Assign(op="=", target=VarRef() as target) as assign):
            return target.variable, assign.value
        case _:
            return None


def _is(node: Expression, variable: Variable) -> bool:
    return isinstance(node, VarRef) and node.variable == variable

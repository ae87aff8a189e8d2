"""Runs the first or the last iteration of a loop apart from the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.canonical import constant_value
from ipt.analysis.conversions import same_number_type
from ipt.analysis.shape import exits
from ipt.errors import TransformRefused
from ipt.model import Declarator, Literal, Scope, strip_casts, walk
from ipt.restructure.exact import as_written
from ipt.restructure.header_text import read_header, shifted
from ipt.restructure.layout import reindented
from ipt.restructure.loop_rewrite import LoopRewrite
from ipt.restructure.restructuring import RestructuringKind
from ipt.source import Replacement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.restructure.header_text import HeaderText
    from ipt.restructure.ordering import Ordering
    from ipt.restructure.study import Study
    from ipt.source import Edit

__all__ = ["Peeling", "peelings"]

_MOST_LINES = 40
_OPEN = {"<=": "<", ">=": ">"}
_HELPED = {"IPT301", "IPT312"}


@dataclass(frozen=True, slots=True, eq=False)
class Peeling(LoopRewrite):
    """Takes one iteration out of a loop.

    Before::

        for (int i = 0; i < n; i++)
            a[i] = a[i] / a[0];

    After::

        if (0 < n) {
            {
                int i = 0;
                a[i] = a[i] / a[0];
            }
            for (int i = 1; i < n; i++) {
                a[i] = a[i] / a[0];
            }
        }

    The iterations run in the same order as before, so that no dependence can
    be broken (Kennedy & Allen, *Optimizing Compilers for Modern
    Architectures*, section 5.7, "Loop Peeling").  What must hold is that the
    bounds can be computed before the loop.

    Attributes:
        study: The loop.
        is_last: Whether the last iteration is taken out, not the first.
        prelude: Statements to put in front of the body of the other ones.
        reason: What it is good for; a sentence of its own if empty.
    """

    is_last: bool
    prelude: tuple[str, ...] = ()
    reason: str = ""

    @property
    def kind(self) -> RestructuringKind:
        """It peels."""
        return RestructuringKind.PEELING

    @property
    def why(self) -> str:
        """Which iteration stands in the way."""
        which = "last" if self.is_last else "first"
        return self.reason or (
            f"Only the {which} iteration stands in the way: done apart, it leaves "
            "iterations that do not meet."
        )

    def validate(self) -> None:
        """Check that the bounds are known before the loop and the body can be copied.

        Raises:
            TransformRefused: They are not, or it cannot.
        """
        self._header()

    def _header(self) -> HeaderText:
        study = self.study
        reason = next(self._reasons(), "")
        header = read_header(study)
        if reason or header is None:
            reason = reason or "its header comes from a macro"
            message = f"no iteration can be taken out of the loop: {reason}."
            way_out = "Write the iteration out by hand, if it is right to."
            raise TransformRefused([study.refusal("IPT340", message, way_out)])
        return header

    def _reasons(self) -> Iterator[str]:
        """Yield why no iteration can be taken out."""
        counted, study = self.study.counted, self.study
        if counted.step is None or (self.is_last and counted.step not in (1, -1)):
            yield "its step is not one"
        if not study.is_invariant(counted.lower, counted.bound):
            yield "the loop may change its own bounds"
        if next(exits(study.loop.body, continues=True), None) is not None:
            yield "a jump leaves its body"
        for node in walk(study.loop.body):
            if isinstance(node, Declarator) and node.variable.scope is Scope.STATIC:
                yield "its body declares a static variable"
        if not study.stands_alone:
            yield "nothing can stand beside it"
        if study.is_public(counted.counter):
            yield "its counter may be used elsewhere"
        first = as_written(counted.lower).ctype
        kept = same_number_type(first, counted.counter.ctype)
        if not kept and not isinstance(strip_casts(counted.lower), Literal):
            yield "its first value is of another type than its counter"

    def edits(self) -> list[Edit]:
        """Return the new loop in place of the old one.

        Raises:
            TransformRefused: See `validate`.
        """
        header = self._header()
        text = self.study.text
        lines = self._lines(header)
        data = "\n".join([lines[0].removeprefix(text.indent), *lines[1:]])
        return [Replacement(text.span.start, text.span.end, data.encode())]

    def _lines(self, header: HeaderText) -> list[str]:
        counted, text = self.study.counted, self.study.text
        indent, unit = text.indent, text.unit
        used_after = not counted.declares and self.study.is_used_after(counted.counter)
        inside = [*self._parts(header, used_after=used_after)]
        if _runs_once(self.study):
            return inside
        first = f"{indent}{header.counter} = {header.lower};"
        test = f"{indent}if ({header.lower} {header.op} {header.bound}) {{"
        lines = [test, *reindented(inside, unit), f"{indent}}}"]
        return [first, *lines] if used_after else lines

    def _parts(self, header: HeaderText, *, used_after: bool) -> Iterator[str]:
        counted = self.study.counted
        step = counted.step or 1
        if self.is_last:
            # One iteration less than with `<=` is what `<` makes; the bound less
            # one might be no number of its type.
            is_closed = counted.op in ("<=", ">=")
            end = shifted(counted.bound, header.bound, 0 if is_closed else -step)
            yield from self._loop(header.head(bound=end, op=_OPEN.get(counted.op, "")))
            yield from self._one(header, end, after=used_after)
        else:
            yield from self._one(header, header.lower, after=False)
            start = shifted(counted.lower, header.lower, step)
            yield from self._loop(header.head(lower=start))

    def _loop(self, head: str) -> Iterator[str]:
        text = self.study.text
        yield f"{text.indent}{head} {{"
        for each in self.prelude:
            yield f"{text.indent}{text.unit}{each}"
        yield from text.body_lines
        yield f"{text.indent}}}"

    def _one(self, header: HeaderText, value: str, *, after: bool) -> Iterator[str]:
        text = self.study.text
        yield f"{text.indent}{{"
        yield f"{text.indent}{text.unit}{header.setting}{value};"
        yield from text.body_lines
        if after:
            yield f"{text.indent}{text.unit}{header.step};"
        yield f"{text.indent}}}"


def _runs_once(study: Study) -> bool:
    """Tell whether the loop is known to run at least once."""
    counted = study.counted
    lower, bound = constant_value(counted.lower), constant_value(counted.bound)
    if lower is None or bound is None:
        return False
    match counted.op:
        case "<":
            return lower < bound
        case "<=":
            return lower <= bound
        case ">":
            return lower > bound
        case ">=":
            return lower >= bound
        case _:
            return lower != bound


def peelings(study: Study, ordering: Ordering) -> Iterator[Peeling]:
    """Yield the ways to peel a loop that may be of use.

    It is of none where the iterations that are left would meet, too.
    """
    codes = {each.code for each in study.verdict.refusals}
    if not codes or codes - _HELPED:
        return
    if len(study.text.body_lines) > _MOST_LINES:
        return
    carried = {
        name
        for each in study.verdict.refusals
        if each.code == "IPT301"
        for name in each.variables
    }
    for is_last in (False, True):
        if not carried or not ordering.stays_carried(carried, is_last=is_last):
            yield Peeling(study, is_last)

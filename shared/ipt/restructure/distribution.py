"""Cuts a loop into several ones that run one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ipt.analysis.shape import exits
from ipt.errors import TransformRefused
from ipt.findings import Finding
from ipt.model import Declaration, Declarator, text_of, walk
from ipt.restructure.crossing import Crossing
from ipt.restructure.loop_rewrite import LoopRewrite
from ipt.restructure.restructuring import RestructuringKind
from ipt.source import Insertion, Replacement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipt.restructure.ordering import Ordering
    from ipt.restructure.study import Study
    from ipt.source import Edit

__all__ = ["Distribution", "legal_cuts"]


@dataclass(frozen=True, slots=True, eq=False)
class Distribution(LoopRewrite):
    """Gives groups of statements loops of their own.

    Before::

        for (int i = 1; i < n; i++) {
            b[i] = sqrt(a[i]);
            s[i] = s[i - 1] + b[i];
        }

    After::

        for (int i = 1; i < n; i++) {
            b[i] = sqrt(a[i]);
        }
        for (int i = 1; i < n; i++) {
            s[i] = s[i - 1] + b[i];
        }

    Legal if no statement behind a cut must run in an earlier iteration before
    one in front of it: statements of a cycle of dependences stay together
    (Allen & Kennedy, *Automatic translation of Fortran programs to vector
    form*, ACM TOPLAS 9(4), 1987; Kennedy & Allen, section 5.2).

    Attributes:
        study: The loop.
        ordering: Its accesses.
        crossing: What its body declares.
        cuts: Before which statements of the body it is cut, from 1.
    """

    ordering: Ordering
    crossing: Crossing
    cuts: tuple[int, ...]

    @property
    def kind(self) -> RestructuringKind:
        """It distributes."""
        return RestructuringKind.DISTRIBUTION

    @property
    def why(self) -> str:
        """What is put apart."""
        count = len(self.cuts) + 1
        number = {2: "two", 3: "three", 4: "four"}.get(count, str(count))
        return (
            f"Cut into {number} loops: what must run in order is put apart from what "
            "need not."
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The memory that arrays of values need."""
        return tuple(
            Finding(
                "IPT126",
                f"{each.name} becomes an array of {self.crossing.size(each)} bytes.",
                self.loop.span.place,
                (each.name,),
            )
            for each in self.crossing.expanded(self.cuts)
        )

    def validate(self) -> None:
        """Check that no dependence leads back over a cut.

        Raises:
            TransformRefused: One does, or may.
        """
        reason = _reason(self.study, self.ordering)
        findings = [] if not reason else [self._refusal("IPT340", reason)]
        for cut in self.cuts:
            found = cut_reason(self.study, self.ordering, self.crossing, cut)
            if found:
                findings.append(self._refusal("IPT339", found))
        if findings:
            raise TransformRefused(findings)

    def _refusal(self, code: str, reason: str) -> Finding:
        message = f"the loop cannot be cut: {reason}."
        return self.study.refusal(code, message, "Leave these statements together.")

    def edits(self) -> list[Edit]:
        """Return what is inserted at the cuts.

        Raises:
            TransformRefused: See `validate`.
        """
        self.validate()
        ends = [*self.cuts[1:], len(self.study.statements)]
        found = [self._cut(*each) for each in zip(self.cuts, ends, strict=True)]
        for variable in self.crossing.expanded(self.cuts):
            found += self.crossing.expansion(variable)
        return found

    def _cut(self, number: int, end: int) -> Edit:
        text = self.study.text
        header = text.opening.split("\n")
        copies = self.crossing.copies(number, end)
        offset = text.between(number - 1)
        if offset is not None:
            lines = [f"{text.indent}}}", f"{text.indent}{header[0]}", *header[1:]]
            lines += [f"{text.indent}{text.unit}{each}" for each in copies]
            return Insertion(offset, tuple(lines))
        opening = "\n".join([f"{text.indent}{header[0]}", *header[1:]])
        before, after = text.statements[number - 1], text.statements[number]
        data = " ".join([f" }}\n{opening}", *copies, ""])
        return Replacement(before.end, after.start, data.encode())


def _reason(study: Study, ordering: Ordering) -> str:
    """Return why a loop cannot be cut anywhere, empty if it may be."""
    return next(_reasons(study, ordering), "")


def _reasons(study: Study, ordering: Ordering) -> Iterator[str]:
    counted = study.counted
    if next(exits(study.loop.body, continues=True), None) is not None:
        yield "a jump leaves its body"
    if not study.is_invariant(counted.lower, counted.bound, counted.step_value):
        yield "it may change its own bounds"
    if study.is_public(counted.counter):
        yield "its counter may be used elsewhere"
    if _has_objects(study):
        yield "objects are made and destroyed in its body"
    if not study.stands_alone:
        yield "no second loop can stand beside it"
    if not ordering.is_followed:
        yield "not everything in it can be followed"


def _has_objects(study: Study) -> bool:
    """Tell whether the body declares an object whose destructor may do something."""
    return study.program.language == "c++" and any(
        isinstance(node, Declarator) and not node.variable.ctype.leaf.is_scalar
        for statement in study.statements
        for node in walk(statement)
    )


def cut_reason(study: Study, ordering: Ordering, crossing: Crossing, cut: int) -> str:
    """Return why a loop cannot be cut before one statement, empty if it can."""
    body, spans = study.statements, study.text.statements
    front, back = body[:cut], body[cut:]
    for variable in crossing.used(cut, len(body)):
        reason = crossing.reason(variable)
        if reason:
            return reason
    if study.text.between(cut - 1) is None and not _is_one_line(study):
        return "two statements share a line"
    if ordering.effects(front) & ordering.effects(back):
        return "calls on both sides of the cut must stay in order"
    op = "<" if not study.counted.is_downward else ">"
    pair = ordering.clash(
        ordering.within(spans[cut:]),
        ordering.within(spans[:cut]),
        (ordering.trace.counter, op),
    )
    if pair is None:
        return ""
    earlier, later = (text_of(each.node) for each in pair)
    return f"{earlier} of one iteration must come before {later} of a later one"


def _is_one_line(study: Study) -> bool:
    span = study.text.span
    return span.source.line_number(span.start) == span.source.line_number(span.end)


def legal_cuts(study: Study, ordering: Ordering) -> Distribution | None:
    """Return the loop cut wherever it may be, None if that is nowhere."""
    if _reason(study, ordering):
        return None
    crossing = Crossing(study, ordering)
    cuts = tuple(
        n
        for n in range(1, len(study.statements))
        if not cut_reason(study, ordering, crossing, n)
        and any(not isinstance(each, Declaration) for each in study.statements[:n])
    )
    return Distribution(study, ordering, crossing, cuts) if cuts else None


def merged(found: Distribution, is_free: Sequence[bool]) -> Distribution | None:
    """Return a distribution without the cuts that gain nothing.

    Args:
        found: The loop, cut wherever it may be.
        is_free: For each of the loops, whether it runs in parallel.

    Returns:
        None if no cut is left.
    """
    cuts: list[int] = []
    start = 0
    for number, cut in enumerate(found.cuts):
        is_same = is_free[number] == is_free[number + 1]
        if is_same and (not is_free[number] or _stays_free(found, start, cut)):
            continue
        cuts.append(cut)
        start = cut
    if tuple(cuts) == found.cuts:
        return found
    return replace(found, cuts=tuple(cuts)) if cuts else None


def _stays_free(found: Distribution, start: int, cut: int) -> bool:
    """Tell whether two loops that run in parallel do so in one, too."""
    spans = found.study.text.statements
    end = next((each for each in found.cuts if each > cut), len(spans))
    ordering = found.ordering
    front, back = ordering.within(spans[start:cut]), ordering.within(spans[cut:end])
    pairs = ((front, back), (back, front))
    counter = ordering.trace.counter
    return all(
        ordering.clash(one, other, (counter, "<")) is None for one, other in pairs
    )

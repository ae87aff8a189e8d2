"""Computes anew what a variable carries from one iteration to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.conversions import same_number_type
from ipt.model import Assign, Evaluate, Kind, Subscript, VarRef, walk
from ipt.restructure.exact import (
    as_written,
    is_repeatable,
    plain_declaration,
    references,
)
from ipt.restructure.peeling import Peeling

if TYPE_CHECKING:
    from ipt.model import Expression, Statement, Variable
    from ipt.restructure.ordering import Ordering
    from ipt.restructure.study import Study
    from ipt.source import Span

__all__ = ["carried_value"]


def carried_value(study: Study, ordering: Ordering) -> Peeling | None:
    """Return the rewrite of a loop with a wrap-around variable, if it is one.

    Before::

        for (int i = 0; i < n; i++) {
            b[i] = a[i] - before;
            before = a[i];
        }

    After::

        if (0 < n) {
            {
                int i = 0;
                b[i] = a[i] - before;
                before = a[i];
            }
            for (int i = 1; i < n; i++) {
                before = a[i - 1];
                b[i] = a[i] - before;
                before = a[i];
            }
        }

    The value that an iteration finds is the one that the iteration before
    has set last.  It can be computed anew if nothing that it is made of is
    written in the loop (Kennedy & Allen, section 4.5.3, "Wrap-around
    variables").

    Args:
        study: The loop.
        ordering: Its accesses.

    Returns:
        The rewrite, None if no variable is of that kind.
    """
    carried = {
        name
        for each in study.verdict.refusals
        if each.code == "IPT303"
        for name in each.variables
    }
    if study.counted.step is None or not ordering.is_followed:
        return None
    preludes: list[str] = []
    for number, statement in enumerate(study.statements):
        found = _assignment(statement)
        if found is None or found[0].name not in carried:
            continue
        text = _value_before(study, ordering, number, *found)
        if not text:
            return None
        preludes.append(f"{found[0].name} = {text};")
        carried.discard(found[0].name)
    if not preludes or carried:
        return None
    names = " and ".join(each.split(" = ")[0] for each in preludes)
    reason = (
        f"What {names} carries over can be computed from the iteration before; only "
        "the first iteration needs the old value."
    )
    return Peeling(study, is_last=False, prelude=tuple(preludes), reason=reason)


def _assignment(statement: Statement) -> tuple[Variable, Expression] | None:
    match statement:
        case Evaluate(expression=Assign(op="=", target=VarRef() as target) as assign):
            return target.variable, assign.value
        case _:
            return None


def _value_before(
    study: Study,
    ordering: Ordering,
    number: int,
    variable: Variable,
    value: Expression,
) -> str:
    """Return the text of what the iteration before assigned, empty if unknown."""
    if study.writes.counts[variable.key] != 1 or study.is_public(variable):
        return ""
    inner = _definitions(study, number)
    used = [study.text.statements[number]]
    text = _shifted(study, value, inner, used)
    if not text:
        return ""
    reads = [each for each in ordering.within(used) if not each.is_write]
    writes = [each for each in ordering.trace.every if each.is_write]
    private = {variable, study.counted.counter, *inner}
    return "" if ordering.clash(reads, writes, private=private) else text


def _definitions(study: Study, end: int) -> dict[Variable, tuple[Expression, Span]]:
    """Return the variables that the body declares and never changes again."""
    found: dict[Variable, tuple[Expression, Span]] = {}
    pairs = zip(study.statements[:end], study.text.statements[:end], strict=True)
    for statement, span in pairs:
        plain = plain_declaration(statement)
        if plain is None or study.writes.counts[plain[0].key] != 1:
            continue
        if study.is_public(plain[0]) or not same_number_type(
            plain[1].ctype, plain[0].ctype
        ):
            continue
        found[plain[0]] = (plain[1], span)
    return found


def _shifted(
    study: Study,
    value: Expression,
    inner: dict[Variable, tuple[Expression, Span]],
    used: list[Span],
) -> str:
    """Return the text of an expression in the iteration before, empty if unknown.

    Args:
        study: The loop.
        value: The expression.
        inner: Variables of the body to be replaced by their values.
        used: Gets the spans of the declarations that are put in.
    """
    if not is_repeatable(value):
        return ""
    span, position = value.span, value.span.start
    alone = {id(as_written(e.index)) for e in walk(value) if isinstance(e, Subscript)}
    alone.add(id(as_written(value)))
    pieces: list[str] = []
    named = {node.variable for node in walk(value) if isinstance(node, VarRef)}
    for each in references(value, named):
        new = _before(study, each, inner, used)
        if not new or each.span.text != each.variable.name:
            return ""
        if " " in new and id(each) not in alone:
            new = f"({new})"
        pieces += [_slice(span, position, each.span.start), new]
        position = each.span.end
    pieces.append(_slice(span, position, span.end))
    return " ".join("".join(pieces).split())


def _before(
    study: Study,
    node: VarRef,
    inner: dict[Variable, tuple[Expression, Span]],
    used: list[Span],
) -> str:
    """Return the text of what a variable was in the iteration before."""
    variable = node.variable
    if variable == study.counted.counter:
        step = study.counted.step or 1
        return f"{variable.name} {'-' if step > 0 else '+'} {abs(step)}"
    if variable in inner:
        definition, place = inner[variable]
        used.append(place)
        return _shifted(study, definition, inner, used)
    if variable.ctype.kind is Kind.ARRAY:
        is_own = study.loop.span.start <= variable.offset < study.loop.span.end
        return "" if is_own else variable.name
    return "" if study.may_change(variable) else variable.name


def _slice(span: Span, start: int, end: int) -> str:
    return span.source.data[start:end].decode()

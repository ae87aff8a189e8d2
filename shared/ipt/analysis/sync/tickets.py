"""Captured counters: values that no two iterations share.

`k = n++` under `atomic capture` gives each iteration a number of its own, so
that `list[k] = i` never meets, although nobody knows which number it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.canonical import constant_value
from ipt.analysis.conversions import keeps_every_value
from ipt.analysis.exposure import Exposure
from ipt.analysis.protection import ProtectionKind
from ipt.model import (
    Assign,
    Binary,
    CType,
    Declarator,
    Expression,
    Increment,
    Kind,
    Node,
    Scope,
    Variable,
    VarRef,
    walk,
)

if TYPE_CHECKING:
    from ipt.analysis.canonical import CountedLoop
    from ipt.analysis.sync.guarded import Group, Guarded
    from ipt.model import Program

__all__ = ["Ticket", "tickets_of"]

_LONG = CType(Kind.INTEGER, "long", bits=64)
_LEAST_BITS, _ALL_BITS = 32, 64


@dataclass(frozen=True, slots=True)
class Ticket:
    """A variable that gets a number of its own in each iteration."""

    variable: Variable

    def number(self, index: Expression, counter: Variable) -> Expression:
        """Return the number as a subscript: the counter, shifted by a constant.

        All that the shift says is that iterations differ: it is the same in all
        of them, and may be any.
        """
        name = f"ipt_ticket_{self.variable.name}"
        shift = Variable((f":{name}", -1), name, _LONG, Scope.LOCAL)
        return Binary(
            index.span,
            _LONG,
            "+",
            VarRef(index.span, _LONG, counter),
            VarRef(index.span, _LONG, shift),
        )


def tickets_of(
    program: Program, counted: CountedLoop, guarded: Guarded
) -> list[Ticket]:
    """Return the variables that keep a captured counter."""
    return [
        Ticket(variable)
        for group in guarded.groups
        if (variable := _ticket(program, counted, guarded, group)) is not None
    ]


def _ticket(
    program: Program, counted: CountedLoop, guarded: Guarded, group: Group
) -> Variable | None:
    form = group.form
    if form is None or form.kind is not ProtectionKind.ATOMIC_CAPTURE:
        return None
    kept, source = form.captured, form.target
    if not isinstance(kept, VarRef) or form.op not in ("+", "-") or form.is_reversed:
        return None
    step = 1 if form.value is None else constant_value(form.value)
    shared = next(iter(group.written), None)
    is_alone = shared is not None and guarded.users(shared) == [group]
    if not step or not is_alone or not isinstance(source, VarRef):
        return None
    if not _has_room(source.ctype) or not keeps_every_value(source.ctype, kept.ctype):
        return None
    variable = kept.variable
    if program.is_reachable(variable) or variable.is_shared_storage:
        return None
    return variable if _is_set_once(counted, variable) else None


def _has_room(ctype: CType) -> bool:
    """Tell whether counting on never comes back to an old number.

    Signed overflow has no meaning in C; short types are computed as int and
    cut, and 64 bits are never counted through.
    """
    if ctype.kind is not Kind.INTEGER:
        return False
    least = _LEAST_BITS if ctype.is_signed else _ALL_BITS
    return ctype.bits >= least


def _is_set_once(counted: CountedLoop, variable: Variable) -> bool:
    writes = [each for each in walk(counted.loop) if _sets(each, variable)]
    exposure = Exposure(variable)
    exposure.visit(counted.loop.body, frozenset())
    return len(writes) == 1 and not exposure.reads


def _sets(node: Node, variable: Variable) -> bool:
    match node:
        case Assign(target=VarRef(variable=found)):
            return found == variable
        case Increment(operand=VarRef(variable=found)):
            return found == variable
        case Declarator() if node.variable == variable:
            return node.init is not None
        case _:
            return False

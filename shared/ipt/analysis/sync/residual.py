"""The loop without its guarded objects.

Protected statements lose what they do to guarded objects and keep the rest:
subscripts and operands are still evaluated, and what comes out of a guarded
object is a value of which nothing is known.  The loop analysis then proves
that the rest has independent iterations, as it does for any loop.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ipt.analysis.calls import CallKind, classify_call
from ipt.analysis.effects import EffectKind, effects_of
from ipt.analysis.protection import ProtectionKind
from ipt.analysis.sync.places import Places, path_parts
from ipt.analysis.sync.rewriting import (
    mapped,
    sequence,
    unknown_value,
    with_function,
)
from ipt.model import (
    Assign,
    Call,
    Evaluate,
    Expression,
    For,
    Function,
    Increment,
    Kind,
    Label,
    Literal,
    Member,
    Node,
    OpaqueExpression,
    OpaqueStatement,
    Program,
    Statement,
    Subscript,
    Unary,
    VarRef,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from ipt.analysis.canonical import CountedLoop
    from ipt.analysis.sync.guarded import Group, Guarded, Shared
    from ipt.analysis.sync.tickets import Ticket

__all__ = ["STREAMS", "Residual", "residual_of"]

# Their text names them with `std::`, which clauses take, too.
STREAMS = frozenset(("cout", "cerr", "clog"))
_LVALUES = (VarRef, Subscript, Member, Unary)
_ORDERED_EFFECTS = (EffectKind.STREAM, EffectKind.STATE)


@dataclass(frozen=True, slots=True)
class Residual:
    """A program whose loop lacks the guarded objects."""

    program: Program
    function: Function
    loop: For


def residual_of(
    program: Program,
    function: Function,
    counted: CountedLoop,
    guarded: Guarded,
    tickets: Collection[Ticket] = (),
) -> Residual:
    """Return the program with the protected statements reduced to the rest.

    Args:
        program: The program.
        function: The function of the loop.
        counted: The loop.
        guarded: Its protections.
        tickets: Variables whose value is another one in each iteration.
    """
    reducer = _Reducer(program, counted, guarded, tickets)
    body = mapped(counted.loop.body, reducer.change)
    loop = replace(counted.loop, body=body)
    changed = mapped(function.body, lambda node: loop if node is counted.loop else None)
    new = replace(function, body=changed)
    return Residual(with_function(program, function, new), new, loop)


class _Reducer:
    def __init__(
        self,
        program: Program,
        counted: CountedLoop,
        guarded: Guarded,
        tickets: Collection[Ticket],
    ) -> None:
        self.program = program
        self._counter = counted.counter
        self._tickets = {each.variable.key: each for each in tickets}
        self._groups = {
            id(statement): group
            for group in guarded.groups
            if _is_reducible(group)
            for statement in group.statements
        }
        every: dict[object, list[Shared]] = defaultdict(list)
        for group in guarded.groups:
            every[group.exclusion] += group.written
        self._places = {key: Places.of(found) for key, found in every.items()}

    def change(self, node: Node) -> Node | None:
        """Return what a node of the loop's body becomes."""
        group = self._groups.get(id(node))
        if group is not None:
            if group.form is not None:
                return self._atomic(group, node)
            return mapped(node, _Inside(self, self._places[group.exclusion]).change)
        return self.outside(node)

    def outside(self, node: Node) -> Node | None:
        """Replace the values that tickets hold."""
        if isinstance(node, Subscript):
            bare = strip_casts(node.index)
            if isinstance(bare, VarRef) and bare.variable.key in self._tickets:
                ticket = self._tickets[bare.variable.key]
                base = mapped(node.base, self.change)
                index = ticket.number(node.index, self._counter)
                return replace(node, base=base, index=index)
        if not isinstance(node, VarRef):
            return None
        if node.variable.key in self._tickets:
            return unknown_value(node.span, node.ctype, self._counter)
        return None

    def _atomic(self, group: Group, node: Node) -> Statement:
        """Keep the operands and subscripts of an atomic, and what it captures."""
        form = group.form
        assert form is not None  # noqa: S101 - the caller looked
        value = self.unknown(form.target)
        if node is not group.statements[0]:
            return Evaluate(node.span, value)
        found = [*path_parts(form.target), *([form.value] if form.value else [])]
        parts = [mapped(each, self.outside) for each in found]
        if form.captured is not None:
            target = form.captured
            value = Assign(target.span, target.ctype, "=", target, value)
        return Evaluate(node.span, sequence(parts, value))

    def unknown(self, node: Expression) -> Expression:
        """Return an unknown value in place of a node."""
        return unknown_value(node.span, node.ctype, self._counter)

    def is_known_call(self, node: Call) -> bool:
        """Tell whether a call stays as it is."""
        if node.callee is not None or not node.name:
            return True
        effects = effects_of([node], self.program)
        if any(each.kind not in _ORDERED_EFFECTS for each in effects):
            return True
        if node.key in self.program.by_key:
            return False
        kind = classify_call(node.name, is_system=node.is_system)
        return kind in (CallKind.PURE, CallKind.READS_TEXT)


class _Inside:
    """What becomes of the nodes of one critical or ordered piece."""

    def __init__(self, reducer: _Reducer, places: Places) -> None:
        self._reducer = reducer
        self._places = places

    def change(self, node: Node) -> Node | None:
        """Return what a node becomes, None if it is copied."""
        match node:
            case Assign() if self._places.hold(node.target):
                parts = self._parts(node.target)
                value = mapped(node.value, self.change)
                return sequence(parts, value)
            case Increment() if self._places.hold(node.operand):
                parts = self._parts(node.operand)
                return sequence(parts, self._reducer.unknown(node))
            case Call() if not self._reducer.is_known_call(node):
                return self._call(node)
            case VarRef() | Subscript() | Member() | Unary():
                if not self._places.hold(node):
                    return None
                return sequence(self._parts(node), self._reducer.unknown(node))
            case _:
                return None

    def _call(self, node: Call) -> Expression:
        """Keep the arguments of a call, and the text that a library call reads."""
        is_own = node.key in self._reducer.program.by_key
        parts: list[Expression] = []
        for each in node.arguments:
            if _is_stream(each):
                continue
            argument = mapped(each, self.change)
            if not is_own and _is_text(each):
                read = (argument,)
                argument = Call(
                    each.span, node.ctype, "strlen", read, "", is_system=True
                )
            parts.append(argument)
        return sequence(parts, self._reducer.unknown(node))

    def _parts(self, node: Expression) -> list[Expression]:
        return [mapped(each, self.change) for each in path_parts(node)]


def _is_reducible(group: Group) -> bool:
    """Tell whether a piece is understood; otherwise it stays, and refuses itself."""
    if not group.is_followed or (group.protection.is_atomic and group.form is None):
        return False
    if group.protection.kind in (ProtectionKind.SINGLE, ProtectionKind.MASTER):
        return False
    return not any(
        isinstance(node, Label | OpaqueStatement | OpaqueExpression)
        or (isinstance(node, _LVALUES) and node.ctype.is_volatile)
        for each in group.statements
        for node in walk(each)
    )


def _is_stream(argument: Expression) -> bool:
    """Tell whether an argument is a C++ stream, whose state the order keeps right."""
    is_named = isinstance(argument, VarRef) and argument.variable.name in STREAMS
    return is_named and not argument.ctype.is_scalar


def _is_text(argument: Expression) -> bool:
    """Tell whether a library call may read what an argument points to."""
    target = argument.ctype.target
    if argument.ctype.kind is not Kind.POINTER or target is None:
        return False
    is_stream = "FILE" in target.spelling or target.spelling == "void"
    return not is_stream and not isinstance(strip_casts(argument), Literal)

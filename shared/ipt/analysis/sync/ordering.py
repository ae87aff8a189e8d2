"""Whether the order in which iterations come to protected statements shows.

Counting, adding, keeping an extreme, setting one value and the test-and-set
idiom give one result in any order.  A value that an iteration takes away, and
the last value that is written, depend on who comes when: a person can know
that any order is right.  A value that is computed from itself in another way
is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.canonical import constant_value
from ipt.analysis.effects import effects_of
from ipt.analysis.protection import ProtectionKind
from ipt.analysis.reductions import same_value
from ipt.analysis.sync.extremes import extreme_of, first_time_of
from ipt.analysis.sync.order_record import (
    ASSIGNED,
    CLASSES,
    TRUTH,
    OrderRecord,
    named,
    set_to,
)
from ipt.analysis.sync.places import Places, route_of
from ipt.model import (
    Assign,
    Binary,
    Block,
    Call,
    Cast,
    Declarator,
    Evaluate,
    Expression,
    If,
    Increment,
    Kind,
    Node,
    children_of,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.frames import Key
    from ipt.analysis.sync.guarded import Group, Guarded
    from ipt.analysis.sync.order_record import OrderEffects
    from ipt.model import Program, Statement

__all__ = ["order_effects"]

_BOOLEAN = ("_Bool", "bool")


def order_effects(
    program: Program, guarded: Guarded, varying: frozenset[Key]
) -> OrderEffects:
    """Return what depends on the order in which iterations are protected.

    Args:
        program: The program.
        guarded: What the protections of a loop do.
        varying: Variables that the loop changes.
    """
    finder = _Finder(program, guarded, varying)
    for group in guarded.groups:
        if group.protection.kind is ProtectionKind.ORDERED:
            continue
        finder.group(group)
    return finder.record.finish()


class _Finder:
    def __init__(
        self, program: Program, guarded: Guarded, varying: frozenset[Key]
    ) -> None:
        self._program = program
        self._variables = {each.variable for each in guarded.shared}
        self._varying = varying
        self._places = Places.of(guarded.shared)
        self.record = OrderRecord(self._places)

    def group(self, group: Group) -> None:
        form = group.form
        if form is not None and form.captured is not None:
            self.record.keep(form.target)
            self.record.capture(form)
        else:
            self._statements(group.statements)
        # What a called function reads or writes is not looked at more closely.
        self.record.effects.kept.update(
            each.location.split[0].display
            for each in group.accesses
            if each.calls
            and each.location is not None
            and each.location.root in self._variables
        )

    def _statements(self, statements: Sequence[Statement]) -> None:
        for each in statements:
            self._statement(each)

    def _statement(self, node: Node) -> None:
        match node:
            case Block():
                self._statements(node.body)
            case Evaluate():
                self._expression(node.expression)
            case If():
                self._if(node)
            case Declarator() if node.init is not None:
                self._taken(node.init)
            case _:
                for child in children_of(node):
                    if isinstance(child, Expression.__args__):
                        self._expression(child)
                        if self._places.are_used_in(child):
                            # A loop whose length depends on what others did.
                            self._keep_all(node)
                    else:
                        self._statement(child)

    def _if(self, node: If) -> None:
        extreme = extreme_of(node, self._places)
        if extreme is not None and not effects_of([node], self._program):
            self.record.note(extreme.op, extreme.target)
            for each in extreme.beside:
                # Of equal extremes, the one that came first stays.
                self.record.keep(each)
            return
        first = first_time_of(node, self._places, self._varying)
        if first is not None and not effects_of([node.condition], self._program):
            self.record.note(set_to(first.value), first.target)
            self._statements(first.rest)
            return
        if self._places.are_used_in(node.condition):
            self._keep_all(node)
        self._expression(node.condition)
        self._statement(node.then)
        if node.otherwise is not None:
            self._statement(node.otherwise)

    def _keep_all(self, node: Node) -> None:
        for each in walk(node):
            target = _target_of(each)
            if target is not None:
                self.record.keep(target)

    def _expression(self, node: Expression) -> None:
        bare = strip_casts(node)
        match bare:
            case Increment() if self._places.hold(bare.operand):
                self.record.note("+", bare.operand)
            case Assign() if self._places.hold(bare.target):
                self._assign(bare)
            case Assign():
                self._taken(bare.value)
            case Binary(op=","):
                self._expression(bare.left)
                self._expression(bare.right)
            case Call():
                self._call(bare)
            case _:
                for child in children_of(bare):
                    if isinstance(child, Expression.__args__):
                        self._expression(child)

    def _call(self, node: Call) -> None:
        """Note what a call does besides returning a value."""
        if effects_of([node], self._program) or any(
            self._places.are_used_in(each) for each in node.arguments
        ):
            self.record.effects.kept.add(f"{node.name}()")
        for each in node.arguments:
            self._expression(each)

    def _taken(self, value: Expression) -> None:
        """Note guarded values that an iteration takes away."""
        self.record.effects.kept.update(
            named(each)
            for each in walk(value)
            if isinstance(each, Expression.__args__) and self._places.hold(each)
        )
        self._expression(value)

    def _assign(self, node: Assign) -> None:
        target = node.target
        if node.op != "=":
            op = node.op.removesuffix("=")
            self._update(op, node, node.value)
            return
        value = strip_casts(node.value)
        route = route_of(target)
        used = [
            each
            for each in walk(value)
            if isinstance(each, Expression.__args__)
            and self._places.hold(each)
            and route_of(each) == route
        ]
        if used:
            self._written_out(node, value)
        elif (constant := constant_value(value)) is not None:
            self.record.note(set_to(constant), target)
        elif self._places.are_used_in(value) or self._has_update(value):
            self.record.keep(target)
            self.record.note(ASSIGNED, target)
            self._taken(value)
        else:
            self.record.note(ASSIGNED, target)
            self._expression(value)

    def _has_update(self, value: Expression) -> bool:
        return any(_target_of(each) is not None for each in walk(value))

    def _written_out(self, node: Assign, value: Expression) -> None:
        """Note `x = x op e` or `x = e op x`."""
        target = node.target
        if isinstance(value, Binary) and _keeps(node.value, target):
            sides = ((value.left, value.right), (value.right, value.left))
            for one, other in sides:
                is_first = one is value.left
                is_it = same_value(strip_casts(one), target) and _keeps(one, target)
                if is_it and (is_first or value.op != "-"):
                    self._update(value.op, node, other)
                    return
        self.record.refuse(node, target)

    def _update(self, op: str, node: Assign, value: Expression) -> None:
        """Note an update; the operand must not depend on the order."""
        target = node.target
        kind = op if op in TRUTH else CLASSES.get(op)
        is_cut = (
            strip_casts(value).ctype.kind is Kind.FLOATING
            and target.ctype.kind is not Kind.FLOATING
        )
        is_flag = target.ctype.spelling in _BOOLEAN and kind in ("+", "*")
        if kind is None or is_cut or is_flag or not target.ctype.is_arithmetic:
            self.record.refuse(node, target)
            return
        if self._places.are_used_in(value) or self._has_update(value):
            self.record.keep(target)
        self.record.note(kind, target)
        self._taken(value)


def _keeps(node: Expression, target: Expression) -> bool:
    """Tell whether no conversion cuts off what an update needs."""
    ctype = target.ctype
    while isinstance(node, Cast):
        is_bool = node.ctype.spelling in _BOOLEAN and ctype.spelling not in _BOOLEAN
        if node.ctype.kind is not ctype.kind or node.ctype.bits < ctype.bits or is_bool:
            return False
        node = node.operand
    return node.ctype.kind is ctype.kind


def _target_of(node: Node) -> Expression | None:
    match node:
        case Assign():
            return node.target
        case Increment():
            return node.operand
        case _:
            return None

"""Members that only ever hold blocks of their own.

A member that the program sets to nothing but new blocks leads to no block that
another such member leads to.  Copies of whole structs keep that true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.origins import Fresh, origin_of
from ipt.model import (
    Assign,
    Call,
    Declarator,
    Expression,
    Increment,
    InitList,
    Kind,
    Member,
    OpaqueExpression,
    Unary,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from ipt.analysis.locations import Base
    from ipt.model import Node, Program

__all__ = ["OwningFields"]

_SHORTEST = 2


class OwningFields:
    """Answers for one program, of which all code must be known."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._set: set[str] = set()
        self._other: set[str] = set()
        self._is_known = program.is_whole and "*" not in program.punned
        if self._is_known:
            self._collect()

    def are_apart(self, left: Base, right: Base) -> bool:
        """Tell whether the blocks behind two members are known not to overlap."""
        one, other = _field(left), _field(right)
        return self._is_known and one != other and self._owns(one) and self._owns(other)

    def _owns(self, name: str) -> bool:
        is_hidden = name in self._program.called
        return name in self._set and name not in self._other and not is_hidden

    def _collect(self) -> None:
        for function in self._program.bodies:
            for node in walk(function.body):
                self._note(node)
        for root in self._program.globals:
            for node in walk(root):
                self._note(node)

    def _note(self, node: Node) -> None:
        match node:
            case Assign():
                self._assigned(node)
            case Increment() | Unary(op="&"):
                self._other |= _names(node.operand)
            case InitList() if _gives_pointers(node):
                # It may set any member.
                self._is_known = False
            case OpaqueExpression():
                for part in node.parts:
                    self._other |= _names(part)
            case Call() if node.is_system:
                # Without a conversion to a value, a reference is bound to it.
                for each in node.arguments:
                    if isinstance(each, Member):
                        self._other.add(each.field)
            case Declarator() if node.variable.is_reference and node.init is not None:
                self._other |= _names(node.init)
            case _:
                pass

    def _assigned(self, node: Assign) -> None:
        target = strip_casts(node.target)
        if not isinstance(target, Member) or target.ctype.kind is not Kind.POINTER:
            return
        origins = origin_of(node.value, self._program)
        is_new = node.op == "=" and all(isinstance(each, Fresh) for each in origins)
        name = target.overlay or target.field
        (self._set if is_new and not target.overlay else self._other).add(name)
        if target.overlay:
            self._other.add(target.field)


def _field(base: Base) -> str:
    """Return the member that holds the pointer to a block, empty if none does."""
    if len(base.path) < _SHORTEST or base.path[-1] != "*":
        return ""
    name = base.path[-2]
    return "" if name.startswith(("*", "[", "(")) else name


def _names(node: Expression) -> set[str]:
    bare = strip_casts(node)
    if isinstance(bare, Member) and bare.ctype.kind is Kind.POINTER:
        return {bare.field}
    return set()


def _gives_pointers(node: InitList) -> bool:
    is_record = node.ctype.leaf.kind in (Kind.RECORD, Kind.UNION)
    return is_record and any(
        each.ctype.kind is Kind.POINTER or isinstance(each, OpaqueExpression)
        for each in node.items
    )

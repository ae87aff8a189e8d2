"""Members that only ever hold blocks of their own.

A member that the program sets to nothing but new blocks leads to no block that
another such member leads to.  Copies of whole structs keep that true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.origins import Fresh, origin_of
from ipt.model import (
    Assign,
    Cast,
    Declarator,
    Expression,
    Increment,
    InitList,
    Kind,
    Member,
    OpaqueExpression,
    OpaqueStatement,
    Unary,
    children_of,
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
        if _may_set_any(node):
            self._is_known = False
        for child in children_of(node):
            is_read = isinstance(node, Cast) and node.ctype.kind is not Kind.REFERENCE
            is_set = isinstance(node, Assign) and child is node.target
            if isinstance(child, Member) and not is_read and not is_set:
                # Its address is taken, or a reference may be bound to it.
                self._other |= _names(child)
        match node:
            case Assign():
                self._assigned(node)
            case OpaqueExpression():
                for part in node.parts:
                    self._other |= _names(part)
            case Increment() | Unary(op="&"):
                self._other |= _names(node.operand)
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
        (self._set if is_new else self._other).add(target.field)


def _may_set_any(node: Node) -> bool:
    """Tell whether a node may set members without naming them."""
    match node:
        case Member():
            # Another member of the union may lead to members as to other types.
            return bool(node.overlay) and node.ctype.kind is Kind.POINTER
        case InitList():
            return _gives_pointers(node)
        case OpaqueStatement():
            # There may be other names of members: `auto &[u, v] = grid`.
            return node.what != "cxx try"
        case OpaqueExpression():
            # As in `grid.*member`.
            return node.what == "binary operator"
        case _:
            return False


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

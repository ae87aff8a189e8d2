"""How the text names guarded objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ipt.analysis.sync.forms import base_of
from ipt.model import (
    Binary,
    Cast,
    Expression,
    Kind,
    Member,
    Node,
    Subscript,
    Unary,
    VarRef,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ipt.analysis.frames import Key
    from ipt.analysis.sync.guarded import Shared

__all__ = ["Places", "Route", "path_parts", "route_of"]

Route: TypeAlias = "tuple[Key, tuple[str, ...]]"
_LVALUES = VarRef | Subscript | Member | Unary


@dataclass(frozen=True, slots=True)
class Places:
    """A set of guarded objects.

    Attributes:
        variables: Those that are whole variables.
        blocks: The variables behind whose name or pointer a block lies.
    """

    variables: frozenset[Key]
    blocks: frozenset[Key]

    @classmethod
    def of(cls, shared: Iterable[Shared]) -> Places:
        """Return the places of some objects."""
        every = [*shared]
        return cls(
            frozenset(each.variable.key for each in every if each.base is None),
            frozenset(each.variable.key for each in every if each.base is not None),
        )

    def hold(self, node: Node) -> bool:
        """Tell whether an expression names one of the objects, or a part of it."""
        if not isinstance(node, _LVALUES) or node.ctype.kind is Kind.ARRAY:
            return False
        if isinstance(node, Unary) and node.op != "*":
            return False
        base = base_of(node)
        if base is None:
            return False
        known = self.blocks if _is_memory(node) else self.variables
        return base.key in known

    def are_used_in(self, node: Node) -> bool:
        """Tell whether a node or one below it names one of the objects."""
        return any(self.hold(each) for each in walk(node))


def _is_memory(node: Expression) -> bool:
    """Tell whether an lvalue leads to an element or through a pointer."""
    while isinstance(node, Member | Cast):
        if isinstance(node, Member) and node.arrow:
            return True
        node = node.base if isinstance(node, Member) else node.operand
    return isinstance(node, Subscript | Unary | Binary)


def path_parts(node: Expression) -> list[Expression]:
    """Return what is evaluated to find the place that an lvalue names."""
    match node:
        case Subscript(base=base):
            inner = base.operand if isinstance(base, Cast) else base
            is_array = inner.ctype.kind is Kind.ARRAY
            return [*(path_parts(inner) if is_array else [base]), node.index]
        case Member(arrow=False):
            return path_parts(node.base)
        case Member():
            return [node.base]
        case Unary():
            return [node.operand]
        case VarRef():
            return []
        case _:
            return [node]


def route_of(node: Expression) -> Route | None:
    """Return the way to a place without its subscripts.

    Two places with different routes from one variable never overlap, unless
    one route is the beginning of the other.
    """
    base, steps = base_of(node), []
    while not isinstance(node, VarRef):
        match node:
            case Subscript():
                steps.append("[]")
                node = node.base
            case Member():
                steps += [node.overlay or node.field, *(["*"] if node.arrow else [])]
                node = node.base
            case Unary():
                steps.append("[]")
                node = node.operand
            case Cast():
                node = node.operand
            case Binary():
                is_left = node.left.ctype.kind is Kind.POINTER
                node = node.left if is_left else node.right
            case _:
                return None
    return None if base is None else (base.key, tuple(reversed(steps)))

"""`for (T x : range)` as a loop over the subscripts of the range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.model import (
    Assign,
    Binary,
    Call,
    Cast,
    CType,
    Declaration,
    Declarator,
    Expression,
    Increment,
    Kind,
    Literal,
    OpaqueExpression,
    Scope,
    Subscript,
    Variable,
    VarRef,
    walk,
)
from ipt.reading.containers import size_of
from ipt.reading.types import pointer_to

if TYPE_CHECKING:
    from ipt.source import Span

__all__ = ["RangeHeader", "can_be_counted"]

_INDEX = CType(Kind.INTEGER, "unsigned long", 64, is_signed=False)
_BOOL = CType(Kind.INTEGER, "bool", 8, is_signed=False)


def can_be_counted(place: Expression) -> bool:
    """Tell whether a range is an array or container whose place is fixed."""
    ctype = place.ctype
    has_size = ctype.is_container or ctype.extent is not None
    return (
        ctype.kind is Kind.ARRAY
        and has_size
        and not any(
            isinstance(node, Assign | Call | Increment | OpaqueExpression)
            for node in walk(place)
        )
    )


class RangeHeader:
    """The header of a loop over subscripts; its nodes have the loop's place.

    Attributes:
        element: The element that a subscript names.
    """

    def __init__(self, span: Span, variable: Variable, place: Expression) -> None:
        assert place.ctype.target is not None  # noqa: S101 - an array has elements
        index = Variable(
            (f"{variable.key[0]}:index", variable.key[1]),
            f"index_of_{variable.name}",
            _INDEX,
            Scope.LOCAL,
            offset=span.start,
            source=span.source,
        )
        here = place.span

        def use() -> VarRef:
            return VarRef(here, _INDEX, index)

        first = Declarator(here, index, Literal(here, _INDEX, 0))
        self.init = Declaration(here, (first,))
        size = size_of(here, _INDEX, place)
        self.condition = Binary(here, _BOOL, "<", use(), size)
        self.step = Increment(here, _INDEX, "++", use(), prefix=True)
        target = place.ctype.target
        data = Cast(here, pointer_to(target), place)
        self.element = Subscript(here, target, data, use())

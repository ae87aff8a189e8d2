"""`std::vector` and `std::array`, read as arrays.

Both own their elements: two containers never share memory, nor do the rows of
a vector of vectors.  So `v[i]` is the element of an array, and `v.size()` a
member that only calls change which are not understood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clang.cindex import CursorKind

from ipt.model import (
    CONTAINER_CALL,
    SIZE,
    Binary,
    Call,
    Cast,
    CType,
    Expression,
    InitList,
    Kind,
    Literal,
    Member,
    OpaqueExpression,
    Subscript,
    Unary,
)
from ipt.reading.types import pointer_to

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ipt.source import Span

__all__ = ["construction", "container_call", "size_of"]

_PLAIN = (Kind.INTEGER, Kind.FLOATING, Kind.POINTER)


def element(
    span: Span, ctype: CType, place: Expression, index: Expression
) -> Expression:
    """Return `place[index]`."""
    return Subscript(span, ctype, _data(place), index)


def _data(place: Expression) -> Cast:
    assert place.ctype.target is not None  # noqa: S101 - a container has elements
    return Cast(place.span, pointer_to(place.ctype.target), place)


def size_of(span: Span, ctype: CType, place: Expression) -> Expression:
    """Return the number of elements of a container.

    Args:
        span: The text that asks for it.
        ctype: The type of the result.
        place: The container.
    """
    if place.ctype.extent is not None:
        return Literal(span, ctype, place.ctype.extent)
    if isinstance(place, Unary) and place.op == "*":
        return Member(span, ctype, place.operand, SIZE, arrow=True)
    return Member(span, ctype, place, SIZE, arrow=False)


def container_call(
    span: Span,
    ctype: CType,
    name: str,
    place: Expression,
    arguments: Sequence[Expression],
) -> Expression:
    """Return what a method of a container does.

    Args:
        span: The text of the call.
        ctype: The type of its value.
        name: The method.
        place: The container.
        arguments: The other arguments.
    """
    size = size_of(span, _SIZE_TYPE, place)
    simple: dict[str, Callable[[], Expression]] = {
        "operator[]": lambda: element(span, ctype, place, arguments[0]),
        "size": lambda: size_of(span, ctype, place),
        "empty": lambda: Binary(span, ctype, "==", size, _number(span, 0)),
        "data": lambda: _data(place),
        "front": lambda: element(span, ctype, place, _number(span, 0)),
        "back": lambda: element(
            span, ctype, place, Binary(span, _SIZE_TYPE, "-", size, _number(span, 1))
        ),
    }
    if name in simple:
        return simple[name]()
    address = Unary(span, pointer_to(place.ctype), "&", place)
    return Call(
        span, ctype, name, (address, *arguments), CONTAINER_CALL + name, is_system=True
    )


_SIZE_TYPE = CType(Kind.INTEGER, "unsigned long", 64, is_signed=False)


def _number(span: Span, value: int) -> Literal:
    return Literal(span, _SIZE_TYPE, value)


def construction(
    cursor: Any, span: Span, ctype: CType, arguments: Sequence[Expression]
) -> Expression:
    """Return what makes a new container: sizes and values, or a copy.

    Args:
        cursor: The call of the constructor.
        span: Its text.
        ctype: The type of the container.
        arguments: Its arguments, defaults left out.
    """
    is_new = _leaf(ctype).kind in _PLAIN and all(
        each.ctype.is_arithmetic or isinstance(each, InitList) for each in arguments
    )
    if is_new and cursor.kind is CursorKind.CALL_EXPR:
        return InitList(span, ctype, tuple(arguments))
    return OpaqueExpression(span, ctype, "copy of a container", tuple(arguments))


def _leaf(ctype: CType) -> CType:
    return ctype.leaf

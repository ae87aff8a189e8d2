"""Calls: of functions, methods, operators and constructors.

A reference parameter reads as a pointer, so that its argument is an address.
The object of a method is its first argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clang.cindex import CursorKind

from ipt.model import (
    PACKED_CALL,
    Assign,
    Binary,
    Call,
    Expression,
    InitList,
    Kind,
    OpaqueExpression,
    Unary,
)
from ipt.reading.containers import construction, container_call
from ipt.reading.types import names_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.reading.expressions import ExpressionReader
    from ipt.reading.opaque import Mentions
    from ipt.reading.types import TypeReader

__all__ = ["CallReader"]

_LITERALS = {
    CursorKind.FLOATING_LITERAL,
    CursorKind.STRING_LITERAL,
    CursorKind.INTEGER_LITERAL,
    CursorKind.CHARACTER_LITERAL,
    CursorKind.CXX_BOOL_LITERAL_EXPR,
    CursorKind.CXX_NULL_PTR_LITERAL_EXPR,
    CursorKind.GNU_NULL_EXPR,
    CursorKind.CXX_UNARY_EXPR,
}
_TWO = 2


class CallReader:
    """Converts calls, with the help of the reader of all expressions."""

    def __init__(
        self, expressions: ExpressionReader, types: TypeReader, mentions: Mentions
    ) -> None:
        self._expressions = expressions
        self._types = types
        self._mentions = mentions

    def read(self, cursor: Any) -> Expression:
        """Convert a call."""
        target = cursor.referenced
        if target is not None and target.kind is CursorKind.FUNCTION_DECL:
            return self._function(cursor, target)
        if target is not None and target.kind is CursorKind.CXX_METHOD:
            if target.is_static_method():
                return self._function(cursor, target)
            return self._method(cursor, target)
        if target is not None and target.kind is CursorKind.CONSTRUCTOR:
            return self._construction(cursor, target)
        return self._computed(cursor)

    def read_delete(self, cursor: Any) -> Expression:
        """Convert `delete`, which frees a block where no destructor has code."""
        children = self._children(cursor)
        if len(children) != 1 or not self._types.is_plain(children[0].type):
            return self._expressions.opaque(cursor)
        span, ctype = self._types.span(cursor), self._types.ctype(cursor.type)
        block = self._expressions.read(children[0])
        return Call(span, ctype, "free", (block,), "delete", is_system=True)

    def _children(self, cursor: Any) -> list[Any]:
        return [child for child in cursor.get_children() if child.kind.is_expression()]

    def _function(self, cursor: Any, target: Any) -> Expression:
        arguments = self._arguments(list(cursor.get_arguments()), target)
        span, ctype = self._types.span(cursor), self._types.ctype(cursor.type)
        if _is_exchange(target, arguments):
            return _exchange(cursor, self._types, arguments)
        return Call(
            span,
            ctype,
            cursor.spelling,
            self._bound(arguments, target, 0),
            self._types.use_function(target, cursor),
            is_system=bool(target.location.is_in_system_header),
            is_place=self._types.is_place(target),
        )

    def _method(self, cursor: Any, target: Any) -> Expression:
        children = self._children(cursor)
        given = list(cursor.get_arguments())
        if children and _names_method(children[0]):
            inner = self._children(children[0])
            place = self._object(children[0], inner[0] if inner else None)
        elif given:
            place = self._object(cursor, given.pop(0))
        else:
            return self._expressions.opaque(cursor)
        arguments = self._arguments(given, target)
        span, ctype = self._types.span(cursor), self._types.ctype(cursor.type)
        if place.ctype.is_container:
            return container_call(span, ctype, cursor.spelling, place, arguments)
        if given and cursor.type.is_pod() and _copies(target):
            return Assign(span, ctype, "=", place, arguments[0])
        if target.location.is_in_system_header:
            return self._system_method(cursor, target, (place, *arguments))
        address = self._expressions.address(place, place.ctype)
        bound = (address, *self._bound(arguments, target, 1))
        what = _not_followed(target)
        if what:
            return OpaqueExpression(span, ctype, what, bound)
        return Call(
            span,
            ctype,
            cursor.spelling,
            bound,
            self._types.use_function(target, cursor),
            is_system=False,
            is_place=self._types.is_place(target),
        )

    def _object(self, around: Any, cursor: Any) -> Expression:
        """Return the object of a method; `this` if the call names none."""
        span = self._types.span(around)
        if cursor is None:
            found = self._expressions.hidden_this(around)
        else:
            found = self._expressions.read(cursor)
        target = found.ctype.target
        if found.ctype.kind is Kind.POINTER and target is not None:
            return Unary(span, target, "*", found)
        return found

    def _system_method(
        self, cursor: Any, target: Any, arguments: tuple[Expression, ...]
    ) -> Expression:
        """Return a call of a method whose name may say what it does."""
        place, *others = arguments
        self._expressions.bind(place)
        key = self._types.use_function(target, cursor)
        if target.semantic_parent.spelling in ("vector", "_Bit_reference"):
            key = PACKED_CALL + key
        return Call(
            self._types.span(cursor),
            self._types.ctype(cursor.type),
            cursor.spelling,
            (place, *self._bound(others, target, 1)),
            key,
            is_system=True,
        )

    def _construction(self, cursor: Any, target: Any) -> Expression:
        span, ctype = self._types.span(cursor), self._types.ctype(cursor.type)
        given = list(cursor.get_arguments())
        if ctype.is_container:
            # Defaults, such as an allocator, have no place in the text.
            written = [each for each in given if each.extent.end.offset]
            arguments = tuple(self._expressions.read(each) for each in written)
            return construction(cursor, span, ctype, arguments)
        arguments = self._arguments(given, target)
        if cursor.type.is_pod() and _copies(target):
            return InitList(span, ctype, arguments)
        return self._computed(cursor, arguments)

    def _arguments(self, given: Sequence[Any], target: Any) -> tuple[Expression, ...]:
        parameters = list(target.get_arguments())
        is_system = bool(target.location.is_in_system_header)
        found = []
        for number, argument in enumerate(given):
            is_default = number < len(parameters) and not argument.extent.end.offset
            if is_default and not is_system:
                found.append(self._default(parameters[number]))
            else:
                found.append(self._expressions.read(argument))
        return tuple(found)

    def _default(self, parameter: Any) -> Expression:
        """Read the default value of a parameter, which is evaluated at each call."""
        values = self._children(parameter)
        if len(values) == 1 and values[0].kind in _LITERALS:
            return self._expressions.read(values[0])
        return OpaqueExpression(
            self._types.span(parameter),
            self._types.ctype(parameter.type),
            "default argument",
            self._mentions.note(parameter),
        )

    def _bound(
        self, arguments: Sequence[Expression], target: Any, first: int
    ) -> tuple[Expression, ...]:
        """Return the arguments, addresses for the parameters that are references.

        The system's functions are known by their names; what they are given
        stays as it is written.

        Args:
            arguments: The arguments, without the object of a method.
            target: The function.
            first: The number of the first one among the function's parameters.
        """
        is_system = bool(target.location.is_in_system_header)
        parameters = list(target.get_arguments())
        found = []
        for number, argument in enumerate(arguments):
            if number >= len(parameters):
                found.append(argument)
                continue
            clang_type = parameters[number].type
            reference = self._types.ctype(clang_type)
            if reference.kind is not Kind.REFERENCE or reference.target is None:
                found.append(argument)
            elif is_system or not names_object(clang_type, reference):
                if not (is_system and reference.target.is_const):
                    self._expressions.mark_address_taken(argument)
                found.append(argument)
            else:
                lend, key = self._expressions.lend, self._types.function_key(target)
                found.append(lend(argument, reference.target, key, first + number))
        return tuple(found)

    def _computed(
        self, cursor: Any, arguments: tuple[Expression, ...] | None = None
    ) -> Expression:
        """Return a call of what is not a plain function."""
        span, ctype = self._types.span(cursor), self._types.ctype(cursor.type)
        if arguments is None:
            given = cursor.get_arguments()
            arguments = tuple(self._expressions.read(each) for each in given)
        children = self._children(cursor)
        name = cursor.spelling
        if name.startswith("__builtin_"):
            return Call(span, ctype, name, arguments, name, is_system=True)
        callee = self._expressions.read(children[0]) if children else None
        for argument in arguments:
            self._expressions.bind(argument)
        return Call(span, ctype, "", arguments, "", is_system=False, callee=callee)


def _names_method(cursor: Any) -> bool:
    """Tell whether a part of a call is `object.method`."""
    target = cursor.referenced
    is_member = cursor.kind is CursorKind.MEMBER_REF_EXPR
    return is_member and target is not None and target.kind is CursorKind.CXX_METHOD


def _copies(method: Any) -> bool:
    """Tell whether a method of a plain type only makes or copies objects.

    A plain type may have other constructors and assignments, which have code.
    """
    return bool(
        method.is_default_constructor()
        or method.is_copy_constructor()
        or method.is_move_constructor()
        or method.is_copy_assignment_operator_method()
        or method.is_move_assignment_operator_method()
    )


def _not_followed(method: Any) -> str:
    """Return why it is not known what a call of a method runs, empty if it is."""
    if method.is_virtual_method():
        return "call of a virtual function"
    is_lambda = method.semantic_parent.spelling.startswith("(lambda")
    return "call of a lambda" if is_lambda else ""


def _is_exchange(target: Any, arguments: Sequence[Expression]) -> bool:
    is_swap = target.spelling == "swap" and target.location.is_in_system_header
    return (
        is_swap
        and len(arguments) == _TWO
        and all(each.ctype.is_arithmetic for each in arguments)
    )


def _exchange(
    cursor: Any, types: TypeReader, arguments: Sequence[Expression]
) -> Expression:
    """Return what `std::swap` does to two numbers: read both, then set both."""
    span, ctype = types.span(cursor), types.ctype(cursor.type)
    left, right = arguments
    steps: tuple[Expression, ...] = (
        Binary(span, left.ctype, "+", left, right),
        Assign(span, left.ctype, "=", left, right),
        Assign(span, right.ctype, "=", right, left),
    )
    found = steps[0]
    for step in steps[1:]:
        found = Binary(span, ctype, ",", found, step)
    return found

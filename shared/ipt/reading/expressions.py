"""Clang expression cursors to expressions of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clang.cindex import CursorKind

from ipt.depth import Depth
from ipt.model import (
    Assign,
    Binary,
    Call,
    Cast,
    Conditional,
    CType,
    Expression,
    Increment,
    InitList,
    Kind,
    Literal,
    Member,
    OpaqueExpression,
    Subscript,
    Unary,
    VarRef,
)
from ipt.reading import clang_library
from ipt.reading.opaque import Mentions

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipt.reading.types import TypeReader

__all__ = ["ExpressionReader"]

_VARIABLES = (CursorKind.VAR_DECL, CursorKind.PARM_DECL)
_CASTS = {
    CursorKind.CSTYLE_CAST_EXPR,
    CursorKind.CXX_STATIC_CAST_EXPR,
    CursorKind.CXX_CONST_CAST_EXPR,
    CursorKind.CXX_FUNCTIONAL_CAST_EXPR,
    CursorKind.CXX_REINTERPRET_CAST_EXPR,
}
_LITERALS = {
    CursorKind.FLOATING_LITERAL,
    CursorKind.STRING_LITERAL,
    CursorKind.CXX_NULL_PTR_LITERAL_EXPR,
    CursorKind.GNU_NULL_EXPR,
}
_CONSTANTS = {
    CursorKind.INTEGER_LITERAL,
    CursorKind.CHARACTER_LITERAL,
    CursorKind.CXX_BOOL_LITERAL_EXPR,
    # sizeof and alignof: the operand is not evaluated
    CursorKind.CXX_UNARY_EXPR,
}
_FUNCTIONS = (CursorKind.FUNCTION_DECL, CursorKind.CXX_METHOD)
_TWO, _THREE = 2, 3


class ExpressionReader:
    """Converts expressions; notes whose address is taken on the way."""

    def __init__(self, types: TypeReader) -> None:
        self._types = types
        self.mentions = Mentions(types)
        self.address_taken = self.mentions.variables
        self.function_pointers: set[str] = set()
        self.depth = Depth()
        self._readers: dict[Any, Callable[[Any], Expression]] = {
            CursorKind.DECL_REF_EXPR: self._reference,
            CursorKind.ARRAY_SUBSCRIPT_EXPR: self._subscript,
            CursorKind.MEMBER_REF_EXPR: self._member,
            CursorKind.UNARY_OPERATOR: self._unary,
            CursorKind.BINARY_OPERATOR: self._binary,
            CursorKind.COMPOUND_ASSIGNMENT_OPERATOR: self._binary,
            CursorKind.CONDITIONAL_OPERATOR: self._conditional,
            CursorKind.CALL_EXPR: self._call,
            CursorKind.INIT_LIST_EXPR: self._init_list,
            CursorKind.PAREN_EXPR: self._wrapped,
            CursorKind.UNEXPOSED_EXPR: self._implied,
            **dict.fromkeys(_CASTS, self._cast),
            **dict.fromkeys(_LITERALS, self._literal),
            **dict.fromkeys(_CONSTANTS, self._constant),
        }

    def read(self, cursor: Any) -> Expression:
        """Convert one expression.

        Raises:
            SourceError: It is nested too deeply.
        """
        self.depth.enter()
        try:
            return self._readers.get(cursor.kind, self._opaque)(cursor)
        finally:
            self.depth.leave()

    def mark_address_taken(self, node: Expression) -> None:
        """Note that a pointer or reference may refer to what `node` names."""
        while True:
            match node:
                case VarRef():
                    self.address_taken.add(node.variable.key)
                    return
                case Member(arrow=False) | Subscript(base=Cast(operand=_)):
                    node = node.base
                case Cast() if node.operand.ctype.kind is not Kind.POINTER:
                    node = node.operand
                case Assign():
                    node = node.target
                case Binary(op=","):
                    node = node.right
                case Conditional():
                    self.mark_address_taken(node.then)
                    node = node.otherwise
                case _:
                    return

    def _bind(self, argument: Expression) -> None:
        """Note that a reference may be bound to an argument."""
        if not isinstance(argument, Cast):
            self.mark_address_taken(argument)

    def _type(self, cursor: Any) -> CType:
        return self._types.ctype(cursor.type)

    def _children(self, cursor: Any) -> list[Any]:
        return [child for child in cursor.get_children() if child.kind.is_expression()]

    def _opaque(self, cursor: Any) -> Expression:
        parts = tuple(self.read(child) for child in self._children(cursor))
        parts += self.mentions.note(cursor)
        what = cursor.kind.name.lower().replace("_", " ").removesuffix(" expr")
        return OpaqueExpression(
            self._types.span(cursor), self._type(cursor), what, parts
        )

    def _reference(self, cursor: Any) -> Expression:
        target = cursor.referenced
        if target is not None and target.kind in _VARIABLES:
            variable = self._types.variable(target)
            return VarRef(self._types.span(cursor), self._type(cursor), variable)
        if target is not None and target.kind is CursorKind.ENUM_CONSTANT_DECL:
            return Literal(
                self._types.span(cursor), self._type(cursor), target.enum_value
            )
        if target is not None and target.kind in _FUNCTIONS:
            self.function_pointers.add(target.get_usr())
        return OpaqueExpression(
            self._types.span(cursor), self._type(cursor), "name", ()
        )

    def _literal(self, cursor: Any) -> Expression:
        ctype = self._type(cursor)
        is_real = cursor.kind is CursorKind.FLOATING_LITERAL
        real = clang_library.evaluate_real(cursor) if is_real else None
        return Literal(self._types.span(cursor), ctype, None, real)

    def _constant(self, cursor: Any) -> Expression:
        value = clang_library.evaluate(cursor)
        if value is None and cursor.kind is CursorKind.CXX_UNARY_EXPR:
            # The size of a variable-length array is computed at run time.
            return self._opaque(cursor)
        return Literal(self._types.span(cursor), self._type(cursor), value)

    def _wrapped(self, cursor: Any) -> Expression:
        children = self._children(cursor)
        return self.read(children[0]) if children else self._opaque(cursor)

    def _implied(self, cursor: Any) -> Expression:
        # Implicit conversions have exactly the extent of what they convert;
        # anything else that Clang does not expose is not understood.
        children = self._children(cursor)
        if not children:
            return self._literal(cursor)
        if len(children) == 1 and self._types.span(children[0]) == self._types.span(
            cursor
        ):
            return Cast(
                self._types.span(cursor), self._type(cursor), self.read(children[0])
            )
        return self._opaque(cursor)

    def _cast(self, cursor: Any) -> Expression:
        children = self._children(cursor)
        if len(children) != 1:
            return self._opaque(cursor)
        return Cast(
            self._types.span(cursor), self._type(cursor), self.read(children[0])
        )

    def _subscript(self, cursor: Any) -> Expression:
        first, second = (self.read(child) for child in self._children(cursor))
        if first.ctype.kind not in (Kind.POINTER, Kind.ARRAY):
            first, second = second, first
        return Subscript(self._types.span(cursor), self._type(cursor), first, second)

    def _member(self, cursor: Any) -> Expression:
        children = self._children(cursor)
        while len(children) == 1 and self._types.is_anonymous_member(children[0]):
            children = self._children(children[0])
        if len(children) != 1:
            return self._opaque(cursor)
        base = self.read(children[0])
        arrow = base.ctype.kind is Kind.POINTER
        field, overlay = cursor.spelling, self._types.overlay(cursor.referenced)
        return Member(
            self._types.span(cursor), self._type(cursor), base, field, arrow, overlay
        )

    def _unary(self, cursor: Any) -> Expression:
        operator = clang_library.unary_operator(cursor)
        children = self._children(cursor)
        if not operator or len(children) != 1:
            return self._opaque(cursor)
        operand = self.read(children[0])
        span, ctype = self._types.span(cursor), self._type(cursor)
        if "p" in operator:
            prefix = operator.endswith("p")
            return Increment(span, ctype, operator.replace("p", ""), operand, prefix)
        if operator == "&":
            self.mark_address_taken(operand)
        return Unary(span, ctype, operator, operand)

    def _binary(self, cursor: Any) -> Expression:
        operator = clang_library.binary_operator(cursor)
        children = self._children(cursor)
        if not operator or len(children) != _TWO:
            return self._opaque(cursor)
        left, right = (self.read(child) for child in children)
        span, ctype = self._types.span(cursor), self._type(cursor)
        if operator.endswith("=") and operator not in ("<=", ">=", "==", "!="):
            return Assign(span, ctype, operator, left, right)
        return Binary(span, ctype, operator, left, right)

    def _conditional(self, cursor: Any) -> Expression:
        children = self._children(cursor)
        if len(children) != _THREE:
            return self._opaque(cursor)
        condition, then, otherwise = (self.read(child) for child in children)
        return Conditional(
            self._types.span(cursor), self._type(cursor), condition, then, otherwise
        )

    def _init_list(self, cursor: Any) -> Expression:
        items = tuple(self.read(child) for child in self._children(cursor))
        for item in items:
            self._bind(item)
        return InitList(self._types.span(cursor), self._type(cursor), items)

    def _call(self, cursor: Any) -> Expression:
        span, ctype = self._types.span(cursor), self._type(cursor)
        target = cursor.referenced
        arguments = self._arguments(cursor, target)
        if _is_plain_construction(cursor, target):
            return InitList(span, ctype, arguments)
        if target is None or target.kind not in _FUNCTIONS:
            return self._other_call(cursor, arguments)
        is_system = bool(target.location.is_in_system_header)
        for argument, parameter in zip(arguments, target.get_arguments(), strict=False):
            reference = self._types.ctype(parameter.type)
            is_read = is_system and reference.target and reference.target.is_const
            if reference.kind is Kind.REFERENCE and not is_read:
                self.mark_address_taken(argument)
        callee = self._method_object(cursor, target)
        return Call(
            span, ctype, cursor.spelling, arguments, target.get_usr(), is_system, callee
        )

    def _arguments(self, cursor: Any, target: Any) -> tuple[Expression, ...]:
        given = list(cursor.get_arguments())
        parameters = list(target.get_arguments()) if target is not None else []
        found = []
        for number, argument in enumerate(given):
            is_default = number < len(parameters) and not argument.extent.end.offset
            if is_default and not target.location.is_in_system_header:
                found.append(self._default(parameters[number]))
            else:
                found.append(self.read(argument))
        return tuple(found)

    def _default(self, parameter: Any) -> Expression:
        """Read the default value of a parameter, which is evaluated at each call."""
        values = self._children(parameter)
        if len(values) == 1 and values[0].kind in {*_LITERALS, *_CONSTANTS}:
            return self.read(values[0])
        parts = self.mentions.note(parameter)
        return OpaqueExpression(
            self._types.span(parameter),
            self._type(parameter),
            "default argument",
            parts,
        )

    def _method_object(self, cursor: Any, target: Any) -> Expression | None:
        if target.kind is CursorKind.FUNCTION_DECL:
            return None
        children = self._children(cursor)
        return self._opaque(children[0]) if children else None

    def _other_call(self, cursor: Any, arguments: tuple[Expression, ...]) -> Expression:
        span, ctype = self._types.span(cursor), self._type(cursor)
        children = self._children(cursor)
        name = cursor.spelling
        if name.startswith("__builtin_"):
            return Call(span, ctype, name, arguments, name, is_system=True)
        callee = self.read(children[0]) if children else None
        for argument in arguments:
            self._bind(argument)
        return Call(span, ctype, "", arguments, "", is_system=False, callee=callee)


def _is_plain_construction(cursor: Any, target: Any) -> bool:
    is_constructor = target is not None and target.kind is CursorKind.CONSTRUCTOR
    return is_constructor and bool(cursor.type.is_pod())

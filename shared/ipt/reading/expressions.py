"""Clang expression cursors to expressions of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clang.cindex import CursorKind

from ipt.depth import Depth
from ipt.model import (
    Assign,
    Binary,
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
    Variable,
    VarRef,
)
from ipt.reading import clang_library
from ipt.reading.addresses import Loan, has_no_place, named_place, taken_by
from ipt.reading.aggregates import converts_itself, runs_code
from ipt.reading.calls import CallReader
from ipt.reading.opaque import Mentions
from ipt.reading.types import pointer_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipt.reading.types import TypeReader
    from ipt.source import Span

__all__ = ["ExpressionReader"]

_VARIABLES = (CursorKind.VAR_DECL, CursorKind.PARM_DECL)
_CASTS = {
    CursorKind.CSTYLE_CAST_EXPR,
    CursorKind.CXX_STATIC_CAST_EXPR,
    CursorKind.CXX_CONST_CAST_EXPR,
    CursorKind.CXX_FUNCTIONAL_CAST_EXPR,
    CursorKind.CXX_REINTERPRET_CAST_EXPR,
}
_OTHER_CASTS = {CursorKind.CXX_CONST_CAST_EXPR, CursorKind.CXX_REINTERPRET_CAST_EXPR}
LITERALS = {
    CursorKind.FLOATING_LITERAL,
    CursorKind.STRING_LITERAL,
    CursorKind.CXX_NULL_PTR_LITERAL_EXPR,
    CursorKind.GNU_NULL_EXPR,
}
CONSTANTS = {
    CursorKind.INTEGER_LITERAL,
    CursorKind.CHARACTER_LITERAL,
    CursorKind.CXX_BOOL_LITERAL_EXPR,
    # sizeof and alignof: the operand is not evaluated
    CursorKind.CXX_UNARY_EXPR,
}
_FUNCTIONS = (CursorKind.FUNCTION_DECL, CursorKind.CXX_METHOD)
_TWO, _THREE = 2, 3


class ExpressionReader:
    """Converts expressions; notes whose address is taken on the way.

    Attributes:
        loans: What functions get references to that may not keep them.
        this: The hidden parameter of the method that is read, if it is one.
        in_header: Whether the header of a `for` is read.
    """

    def __init__(self, types: TypeReader) -> None:
        self._types = types
        self.mentions = Mentions(types)
        self.address_taken = self.mentions.variables
        self.function_pointers: set[str] = set()
        self.loans: list[Loan] = []
        self.this: Variable | None = None
        self.in_header = False
        self.depth = Depth()
        calls = CallReader(self, types, self.mentions)
        self._readers: dict[Any, Callable[[Any], Expression]] = {
            CursorKind.DECL_REF_EXPR: self._reference,
            CursorKind.ARRAY_SUBSCRIPT_EXPR: self._subscript,
            CursorKind.MEMBER_REF_EXPR: self._member,
            CursorKind.UNARY_OPERATOR: self._unary,
            CursorKind.BINARY_OPERATOR: self._binary,
            CursorKind.COMPOUND_ASSIGNMENT_OPERATOR: self._binary,
            CursorKind.CONDITIONAL_OPERATOR: self._conditional,
            CursorKind.CALL_EXPR: calls.read,
            CursorKind.CXX_DELETE_EXPR: calls.read_delete,
            CursorKind.CXX_THIS_EXPR: self.hidden_this,
            CursorKind.INIT_LIST_EXPR: self._init_list,
            CursorKind.PAREN_EXPR: self._wrapped,
            CursorKind.UNEXPOSED_EXPR: self._implied,
            **dict.fromkeys(_CASTS, self._cast),
            **dict.fromkeys(LITERALS, self._literal),
            **dict.fromkeys(CONSTANTS, self._constant),
        }

    def read(self, cursor: Any) -> Expression:
        """Convert one expression.

        Raises:
            SourceError: It is nested too deeply.
        """
        self.depth.enter()
        try:
            return self._readers.get(cursor.kind, self.opaque)(cursor)
        finally:
            self.depth.leave()

    def mark_address_taken(self, node: Expression) -> None:
        """Note that a pointer or reference may refer to what `node` names."""
        self.address_taken.update(taken_by(node))

    def bind(self, argument: Expression) -> None:
        """Note that a reference may be bound to an argument."""
        if not isinstance(argument, Cast):
            self.mark_address_taken(argument)

    def address(self, place: Expression, target: CType) -> Expression:
        """Return the address that a reference to an expression stands for.

        A value without a place gets one of its own, as `&{value}`.

        Args:
            place: What the reference is bound to.
            target: The type that the reference refers to.
        """
        found = self._address(place, target)
        if isinstance(found, Unary):
            self.mark_address_taken(found.operand)
        return found

    def lend(
        self, place: Expression, target: CType, function: str, number: int
    ) -> Expression:
        """Return the address that a parameter gets which is a reference.

        A function that only reads a number by it keeps no pointer to it; that
        is known when all functions have been read.

        Args:
            place: The argument.
            target: The type that the parameter refers to.
            function: The key of the function.
            number: Which one of its parameters it is, from 0.
        """
        if not (target.is_const and target.is_arithmetic):
            return self.address(place, target)
        found = self._address(place, target)
        if isinstance(found, Unary):
            keys = frozenset(taken_by(found.operand))
            self.loans.append(Loan(function, number, keys))
        return found

    def _address(self, place: Expression, target: CType) -> Expression:
        place = named_place(place)
        pointer = pointer_to(target)
        if isinstance(place, Unary) and place.op == "*":
            return place.operand
        if has_no_place(place):
            own = InitList(place.span, target, (place,))
            return Unary(place.span, pointer, "&", own)
        return Unary(place.span, pointer, "&", place)

    def _type(self, cursor: Any) -> CType:
        return self._types.ctype(cursor.type)

    def _children(self, cursor: Any) -> list[Any]:
        return [child for child in cursor.get_children() if child.kind.is_expression()]

    def opaque(self, cursor: Any) -> Expression:
        """Keep an expression that is not understood, with all that it names."""
        parts = tuple(self.read(child) for child in self._children(cursor))
        parts += self.mentions.note(cursor)
        what = cursor.kind.name.lower().replace("_", " ").removesuffix(" expr")
        return OpaqueExpression(
            self._types.span(cursor), self._type(cursor), what, parts
        )

    def _reference(self, cursor: Any) -> Expression:
        target = cursor.referenced
        if target is not None and target.kind in _VARIABLES:
            return self._use(cursor, self._types.variable(target))
        if target is not None and target.kind is CursorKind.ENUM_CONSTANT_DECL:
            return Literal(
                self._types.span(cursor), self._type(cursor), target.enum_value
            )
        if target is not None and target.kind in _FUNCTIONS:
            self.function_pointers.add(self._types.use_function(target, cursor))
        return OpaqueExpression(
            self._types.span(cursor), self._type(cursor), "name", ()
        )

    def _use(self, cursor: Any, variable: Variable) -> Expression:
        span, ctype = self._types.span(cursor), self._type(cursor)
        if not variable.is_reference:
            value = None if self.in_header else self._types.constant(cursor, span)
            if value is not None:
                return Literal(span, ctype, value)
            return VarRef(span, ctype, variable)
        return Unary(span, ctype, "*", VarRef(span, variable.ctype, variable))

    def hidden_this(self, cursor: Any) -> Expression:
        """Return `this`, which a member of a method's own object does not name."""
        if self.this is None:
            return self.opaque(cursor)
        return VarRef(self._types.span(cursor), self.this.ctype, self.this)

    def own_member(self, field: Any, span: Span) -> Member | None:
        """Return a member of the object of a method, if it is a plain one."""
        if self.this is None or self._types.is_reference(field):
            return None
        base = VarRef(span, self.this.ctype, self.this)
        ctype, overlay = self._types.ctype(field.type), self._types.overlay(field)
        return Member(span, ctype, base, field.spelling, arrow=True, overlay=overlay)

    def _literal(self, cursor: Any) -> Expression:
        ctype = self._type(cursor)
        is_real = cursor.kind is CursorKind.FLOATING_LITERAL
        real = clang_library.evaluate_real(cursor) if is_real else None
        return Literal(self._types.span(cursor), ctype, None, real)

    def _constant(self, cursor: Any) -> Expression:
        value = clang_library.evaluate(cursor)
        if value is None and cursor.kind is CursorKind.CXX_UNARY_EXPR:
            # The size of a variable-length array is computed at run time.
            return self.opaque(cursor)
        return Literal(self._types.span(cursor), self._type(cursor), value)

    def _wrapped(self, cursor: Any) -> Expression:
        children = self._children(cursor)
        return self.read(children[0]) if children else self.opaque(cursor)

    def _implied(self, cursor: Any) -> Expression:
        # Implicit conversions have exactly the extent of what they convert;
        # anything else that Clang does not expose is not understood.
        children = self._children(cursor)
        if not children:
            return self._literal(cursor)
        span, ctype = self._types.span(cursor), self._type(cursor)
        if len(children) != 1 or self._types.span(children[0]) != span:
            return self.opaque(cursor)
        inner = self.read(children[0])
        if ctype.is_container and inner.ctype.is_container:
            return inner
        if ctype.kind is Kind.RECORD and ctype.spelling != inner.ctype.spelling:
            # A part of an object that a base class describes.
            return self.opaque(cursor)
        return Cast(span, ctype, inner)

    def _cast(self, cursor: Any) -> Expression:
        children = self._children(cursor)
        if len(children) != 1:
            return self.opaque(cursor)
        ctype, inner = self._type(cursor), self.read(children[0])
        kinds = (ctype.kind, inner.ctype.kind)
        if cursor.kind in _OTHER_CASTS and Kind.POINTER not in kinds:
            # An object under another type, or without its `const`.
            return self.opaque(cursor)
        if ctype.is_container and inner.ctype.is_container:
            return inner
        return Cast(self._types.span(cursor), ctype, inner)

    def _subscript(self, cursor: Any) -> Expression:
        first, second = (self.read(child) for child in self._children(cursor))
        if first.ctype.kind not in (Kind.POINTER, Kind.ARRAY):
            first, second = second, first
        return Subscript(self._types.span(cursor), self._type(cursor), first, second)

    def _member(self, cursor: Any) -> Expression:
        children = self._children(cursor)
        while len(children) == 1 and self._types.is_anonymous_member(children[0]):
            children = self._children(children[0])
        field = cursor.referenced
        if field is None or self._types.is_reference(field) or len(children) > 1:
            return self.opaque(cursor)
        if field.kind in _VARIABLES:
            return self._use(cursor, self._types.variable(field))
        base = self.read(children[0]) if children else self.hidden_this(cursor)
        arrow = base.ctype.kind is Kind.POINTER
        if isinstance(base, Unary) and base.op == "*":
            base, arrow = base.operand, True
        overlay = self._types.overlay(field)
        span, ctype = self._types.span(cursor), self._type(cursor)
        return Member(span, ctype, base, cursor.spelling, arrow, overlay)

    def _unary(self, cursor: Any) -> Expression:
        operator = clang_library.unary_operator(cursor)
        children = self._children(cursor)
        if not operator or len(children) != 1:
            return self.opaque(cursor)
        operand = self.read(children[0])
        span, ctype = self._types.span(cursor), self._type(cursor)
        if "p" in operator:
            prefix = operator.endswith("p")
            return Increment(span, ctype, operator.replace("p", ""), operand, prefix)
        if operator == "&" and isinstance(operand, Unary) and operand.op == "*":
            return operand.operand
        if operator == "&":
            self.mark_address_taken(operand)
        return Unary(span, ctype, operator, operand)

    def _binary(self, cursor: Any) -> Expression:
        operator = clang_library.binary_operator(cursor)
        children = self._children(cursor)
        if not operator or len(children) != _TWO:
            return self.opaque(cursor)
        left, right = (self.read(child) for child in children)
        span, ctype = self._types.span(cursor), self._type(cursor)
        if operator.endswith("=") and operator not in ("<=", ">=", "==", "!="):
            if children[0].kind in _CASTS:
                # C++ can assign to an object under another type.
                return self.opaque(cursor)
            return Assign(span, ctype, operator, left, right)
        return Binary(span, ctype, operator, left, right)

    def _conditional(self, cursor: Any) -> Expression:
        children = self._children(cursor)
        if len(children) != _THREE:
            return self.opaque(cursor)
        condition, then, otherwise = (self.read(child) for child in children)
        return Conditional(
            self._types.span(cursor), self._type(cursor), condition, then, otherwise
        )

    def _init_list(self, cursor: Any) -> Expression:
        children = self._children(cursor)
        if runs_code(cursor.type) or any(converts_itself(c.type) for c in children):
            return self.opaque(cursor)
        items = tuple(self.read(child) for child in children)
        for item in items:
            self.bind(item)
        return InitList(self._types.span(cursor), self._type(cursor), items)

"""Clang statement cursors to statements of the model."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clang.cindex import CursorKind

from ipt.model import (
    Assign,
    Block,
    Case,
    Cast,
    CType,
    Declaration,
    Declarator,
    DoWhile,
    Evaluate,
    Expression,
    For,
    If,
    Jump,
    Kind,
    Label,
    OpaqueExpression,
    OpaqueStatement,
    Statement,
    Switch,
    Variable,
    While,
)
from ipt.reading import clang_library
from ipt.reading.headers import for_header
from ipt.reading.ranges import RangeHeader, can_be_counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ipt.reading.expressions import ExpressionReader
    from ipt.reading.types import TypeReader
    from ipt.source import SourceText, Span

__all__ = ["StatementReader"]

_JUMPS = {
    CursorKind.BREAK_STMT: "break",
    CursorKind.CONTINUE_STMT: "continue",
    CursorKind.RETURN_STMT: "return",
    CursorKind.GOTO_STMT: "goto",
    CursorKind.INDIRECT_GOTO_STMT: "goto",
}
_RECORDS = (CursorKind.STRUCT_DECL, CursorKind.CLASS_DECL, CursorKind.UNION_DECL)
_TWO, _THREE, _FOUR = 2, 3, 4
_CLEANUP = re.compile(rb"cleanup[_\s]*\(\s*(\w+)")


class StatementReader:
    """Converts statements of one translation unit."""

    def __init__(
        self, source: SourceText, types: TypeReader, expressions: ExpressionReader
    ) -> None:
        self._cleanups = _CLEANUP.findall(source.data)
        self._types = types
        self._expressions = expressions
        self._last: Span | None = None
        self._readers: dict[Any, Callable[[Any, Span], Statement]] = {
            CursorKind.COMPOUND_STMT: self._block,
            CursorKind.NULL_STMT: self._empty,
            CursorKind.DECL_STMT: self._declaration,
            CursorKind.IF_STMT: self._if,
            CursorKind.FOR_STMT: self._for,
            CursorKind.CXX_FOR_RANGE_STMT: self._range_for,
            CursorKind.WHILE_STMT: self._while,
            CursorKind.DO_STMT: self._do,
            CursorKind.SWITCH_STMT: self._switch,
            CursorKind.CASE_STMT: self._case,
            CursorKind.DEFAULT_STMT: self._case,
            CursorKind.LABEL_STMT: self._label,
            **dict.fromkeys(_JUMPS, self._jump),
        }

    def read(self, cursor: Any) -> Statement:
        """Convert one statement.

        Raises:
            SourceError: It is nested too deeply.
        """
        self._expressions.depth.enter()
        try:
            span = self._span(cursor)
            found = self._read(cursor, span)
            if isinstance(found, Evaluate | Declaration | Jump):
                self._last = span
            return found
        finally:
            self._expressions.depth.leave()

    def _span(self, cursor: Any) -> Span:
        """Return the span of a statement.

        What begins where a statement before it has not yet ended, in the text,
        comes from the macro that gave that one's end.
        """
        span = self._types.statement_span(cursor)
        before = self._last
        if before is not None and before.edge is not None and span.start < before.end:
            before.edge.is_split |= span.begins_in_macro
        return span

    def _read(self, cursor: Any, span: Span) -> Statement:
        if cursor.kind in self._readers:
            return self._readers[cursor.kind](cursor, span)
        if cursor.kind.is_expression():
            return Evaluate(span, self._expressions.read(cursor))
        return self._opaque(cursor, span)

    @staticmethod
    def _empty(cursor: Any, span: Span) -> Block:
        del cursor
        return Block(span, ())

    def _opaque(self, cursor: Any, span: Span) -> Statement:
        children = list(cursor.get_children())
        # The body of `try` runs once, as any block.
        is_block = cursor.kind is CursorKind.CXX_TRY_STMT
        expressions = [child for child in children if child.kind.is_expression()]
        statements = [child for child in children if child.kind.is_statement()]
        what = cursor.kind.name.lower().replace("_", " ").removesuffix(" stmt")
        return OpaqueStatement(
            span,
            what,
            (
                *(self._expressions.read(child) for child in expressions),
                *(
                    use
                    for child in children
                    if not (is_block and child.kind is CursorKind.COMPOUND_STMT)
                    for use in self._expressions.mentions.note(child)
                ),
            ),
            tuple(self.read(child) for child in statements),
        )

    def _block(self, cursor: Any, span: Span) -> Block:
        body = tuple(self.read(child) for child in cursor.get_children())
        if self._last is not None and self._last.edge is not None:
            self._last.edge.is_split |= bool(body) and span.end <= self._last.end
        return Block(span, body)

    def read_body(self, cursor: Any, before: Sequence[tuple[Any, Any]] = ()) -> Block:
        """Convert the body of a function.

        Args:
            cursor: The body.
            before: What is evaluated first, as a constructor does: the member
                that is set, or None, and the value.
        """
        self._last = None
        first = tuple(self._initialiser(*each) for each in before)
        block = self._block(cursor, self._types.statement_span(cursor))
        return Block(block.span, first + block.body)

    def _initialiser(self, member: Any, cursor: Any) -> Evaluate:
        """Return what sets a member before a constructor begins."""
        # No line can be added between it and its neighbours.
        span = replace(self._types.span(cursor), begins_in_macro=True)
        value = self._expressions.read(cursor)
        place = None if member is None else self._expressions.own_member(member, span)
        if place is None or not place.ctype.is_scalar:
            return Evaluate(span, value)
        return Evaluate(span, Assign(span, place.ctype, "=", place, value))

    def _declaration(self, cursor: Any, span: Span) -> Statement:
        children = list(cursor.get_children())
        allowed = {
            CursorKind.VAR_DECL,
            CursorKind.STRUCT_DECL,
            CursorKind.UNION_DECL,
            CursorKind.CLASS_DECL,
            CursorKind.ENUM_DECL,
            CursorKind.TYPEDEF_DECL,
            CursorKind.STATIC_ASSERT,
            CursorKind.FUNCTION_DECL,
            CursorKind.TYPE_ALIAS_DECL,
            CursorKind.USING_DIRECTIVE,
            CursorKind.USING_DECLARATION,
        }
        if any(child.kind not in allowed for child in children):
            return self._opaque(cursor, span)
        for child in children:
            if child.kind in _RECORDS:
                # Its methods are not read.
                self._expressions.mentions.note(child)
        declarators = tuple(
            self.read_declarator(child)
            for child in children
            if child.kind is CursorKind.VAR_DECL
        )
        return Declaration(span, declarators)

    def read_declarator(self, cursor: Any) -> Declarator:
        """Convert the declaration of one variable."""
        variable = self._types.variable(cursor)
        found = clang_library.initializer(cursor)
        init = None if found is None else self._expressions.read(found)
        if init is not None and variable.is_reference:
            init = self._expressions.address(init, _referred(variable))
        init = self._with_cleanup(cursor, init)
        sizes: list[Expression] = []
        for child in cursor.get_children():
            is_init = found is not None and self._types.span(child) == self._types.span(
                found
            )
            is_size = child.kind.is_expression() and not variable.ctype.is_container
            if is_size and not is_init:
                sizes.append(self._expressions.read(child))
        if init is not None and variable.ctype.kind is Kind.REFERENCE:
            self._expressions.mark_address_taken(init)
        return Declarator(self._types.span(cursor), variable, init, tuple(sizes))

    def _with_cleanup(self, cursor: Any, init: Expression | None) -> Expression | None:
        """Replace the initialiser of a variable that has a function called."""
        called = self._cleanups
        kinds = {child.kind for child in cursor.get_children()}
        if not called or CursorKind.UNEXPOSED_ATTR not in kinds:
            return init
        variable = self._types.variable(cursor)
        self._expressions.mentions.names.update(name.decode() for name in called)
        self._expressions.mentions.variables.add(variable.key)
        parts = () if init is None else (init,)
        span = self._types.span(cursor)
        return OpaqueExpression(span, variable.ctype, "cleanup attribute", parts)

    def _if(self, cursor: Any, span: Span) -> Statement:
        children = list(cursor.get_children())
        plain = len(children) in (_TWO, _THREE) and children[0].kind.is_expression()
        if not plain:
            return self._opaque(cursor, span)
        condition = self._expressions.read(children[0])
        then = self.read(children[1])
        otherwise = self.read(children[2]) if len(children) == _THREE else None
        return If(span, condition, then, otherwise)

    def _for(self, cursor: Any, span: Span) -> Statement:
        children = list(cursor.get_children())
        header = for_header(span.source.data, span.start)
        if header is None:
            if len(children) != _FOUR:
                return self._opaque(cursor, span)
            init, condition, step, body = children
        else:
            init, condition, step, body = header.assign(children)
        if body is None or (
            condition is not None and not condition.kind.is_expression()
        ):
            return self._opaque(cursor, span)
        self._expressions.in_header = True
        start = None if init is None else self.read(init)
        test = None if condition is None else self._expressions.read(condition)
        move = None if step is None else self._expressions.read(step)
        self._expressions.in_header = False
        return For(
            span,
            start,
            test,
            move,
            self.read(body),
            in_macro=header is None or span.begins_in_macro,
        )

    def _range_for(self, cursor: Any, span: Span) -> Statement:
        children = list(cursor.get_children())
        if len(children) != _THREE or children[0].kind is not CursorKind.VAR_DECL:
            return self._opaque(cursor, span)
        place = self._expressions.read(children[1])
        if not can_be_counted(place):
            return self._opaque(cursor, span)
        variable = self._types.variable(children[0])
        is_own = _names_keyword(span)
        header = RangeHeader(span, variable, place)
        value: Expression = header.element
        if variable.is_reference:
            value = self._expressions.address(value, _referred(variable))
        elif variable.ctype.spelling != value.ctype.spelling:
            value = Cast(value.span, variable.ctype, value)
        here = self._types.span(children[0])
        declared = Declaration(here, (Declarator(here, variable, value),))
        body = self.read(children[2])
        return For(
            span,
            header.init,
            header.condition,
            header.step,
            Block(body.span, (declared, body)),
            in_macro=span.begins_in_macro or not is_own,
            is_range=True,
        )

    def _while(self, cursor: Any, span: Span) -> Statement:
        children = list(cursor.get_children())
        if len(children) != _TWO or not children[0].kind.is_expression():
            return self._opaque(cursor, span)
        condition = self._expressions.read(children[0])
        return While(span, condition, self.read(children[1]))

    def _do(self, cursor: Any, span: Span) -> Statement:
        body, condition = cursor.get_children()
        return DoWhile(span, self.read(body), self._expressions.read(condition))

    def _switch(self, cursor: Any, span: Span) -> Statement:
        children = list(cursor.get_children())
        if len(children) != _TWO or not children[0].kind.is_expression():
            return self._opaque(cursor, span)
        value = self._expressions.read(children[0])
        return Switch(span, value, self.read(children[1]))

    def _case(self, cursor: Any, span: Span) -> Statement:
        children = list(cursor.get_children())
        if cursor.kind is CursorKind.DEFAULT_STMT and len(children) == 1:
            return Case(span, None, self.read(children[0]))
        if len(children) != _TWO:
            return self._opaque(cursor, span)
        value = self._expressions.read(children[0])
        return Case(span, value, self.read(children[1]))

    def _label(self, cursor: Any, span: Span) -> Statement:
        statements = list(cursor.get_children())
        if len(statements) != 1:
            return self._opaque(cursor, span)
        return Label(span, cursor.spelling, self.read(statements[0]))

    def _jump(self, cursor: Any, span: Span) -> Statement:
        values = [
            child for child in cursor.get_children() if child.kind.is_expression()
        ]
        value = self._expressions.read(values[0]) if values else None
        return Jump(span, _JUMPS[cursor.kind], value)


def _referred(variable: Variable) -> CType:
    """Return the type of what a reference refers to."""
    assert variable.ctype.target is not None  # noqa: S101 - it reads as a pointer
    return variable.ctype.target


def _names_keyword(span: Span) -> bool:
    return span.source.data.startswith(b"for", span.start)

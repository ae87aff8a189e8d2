"""Clang statement cursors to statements of the model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from clang.cindex import CursorKind

from ipt.model import (
    Block,
    Case,
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
    While,
)
from ipt.reading import clang_library
from ipt.reading.headers import for_header

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipt.reading.expressions import ExpressionReader
    from ipt.reading.types import TypeReader
    from ipt.source import SourceText

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
        self._source = source
        self._cleanups = _CLEANUP.findall(source.data)
        self._types = types
        self._expressions = expressions
        self._readers: dict[Any, Callable[[Any], Statement]] = {
            CursorKind.COMPOUND_STMT: self._block,
            CursorKind.NULL_STMT: lambda cursor: Block(self._types.span(cursor), ()),
            CursorKind.DECL_STMT: self._declaration,
            CursorKind.IF_STMT: self._if,
            CursorKind.FOR_STMT: self._for,
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
            return self._read(cursor)
        finally:
            self._expressions.depth.leave()

    def _read(self, cursor: Any) -> Statement:
        if cursor.kind in self._readers:
            return self._readers[cursor.kind](cursor)
        if cursor.kind.is_expression():
            return Evaluate(self._types.span(cursor), self._expressions.read(cursor))
        return self._opaque(cursor)

    def _opaque(self, cursor: Any) -> Statement:
        children = list(cursor.get_children())
        # The body of `try` runs once, as any block.
        is_block = cursor.kind is CursorKind.CXX_TRY_STMT
        expressions = [child for child in children if child.kind.is_expression()]
        statements = [child for child in children if child.kind.is_statement()]
        what = cursor.kind.name.lower().replace("_", " ").removesuffix(" stmt")
        return OpaqueStatement(
            self._types.span(cursor),
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

    def _block(self, cursor: Any) -> Block:
        body = tuple(self.read(child) for child in cursor.get_children())
        return Block(self._types.span(cursor), body)

    def read_body(self, cursor: Any) -> Block:
        """Convert the body of a function."""
        return self._block(cursor)

    def _declaration(self, cursor: Any) -> Statement:
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
            return self._opaque(cursor)
        for child in children:
            if child.kind in _RECORDS:
                # Its methods are not read.
                self._expressions.mentions.note(child)
        declarators = tuple(
            self.read_declarator(child)
            for child in children
            if child.kind is CursorKind.VAR_DECL
        )
        return Declaration(self._types.span(cursor), declarators)

    def read_declarator(self, cursor: Any) -> Declarator:
        """Convert the declaration of one variable."""
        variable = self._types.variable(cursor)
        found = clang_library.initializer(cursor)
        init = None if found is None else self._expressions.read(found)
        init = self._with_cleanup(cursor, init)
        sizes: list[Expression] = []
        for child in cursor.get_children():
            is_init = found is not None and self._types.span(child) == self._types.span(
                found
            )
            if child.kind.is_expression() and not is_init:
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

    def _if(self, cursor: Any) -> Statement:
        children = list(cursor.get_children())
        plain = len(children) in (_TWO, _THREE) and children[0].kind.is_expression()
        if not plain:
            return self._opaque(cursor)
        condition = self._expressions.read(children[0])
        then = self.read(children[1])
        otherwise = self.read(children[2]) if len(children) == _THREE else None
        return If(self._types.span(cursor), condition, then, otherwise)

    def _for(self, cursor: Any) -> Statement:
        children = list(cursor.get_children())
        span = self._types.span(cursor)
        header = for_header(self._source.data, span.start)
        if header is None:
            if len(children) != _FOUR:
                return self._opaque(cursor)
            init, condition, step, body = children
        else:
            init, condition, step, body = header.assign(children)
        if body is None or (
            condition is not None and not condition.kind.is_expression()
        ):
            return self._opaque(cursor)
        return For(
            span,
            None if init is None else self.read(init),
            None if condition is None else self._expressions.read(condition),
            None if step is None else self._expressions.read(step),
            self.read(body),
            in_macro=header is None,
        )

    def _while(self, cursor: Any) -> Statement:
        children = list(cursor.get_children())
        if len(children) != _TWO or not children[0].kind.is_expression():
            return self._opaque(cursor)
        condition = self._expressions.read(children[0])
        return While(self._types.span(cursor), condition, self.read(children[1]))

    def _do(self, cursor: Any) -> Statement:
        body, condition = cursor.get_children()
        return DoWhile(
            self._types.span(cursor), self.read(body), self._expressions.read(condition)
        )

    def _switch(self, cursor: Any) -> Statement:
        children = list(cursor.get_children())
        if len(children) != _TWO or not children[0].kind.is_expression():
            return self._opaque(cursor)
        value = self._expressions.read(children[0])
        return Switch(self._types.span(cursor), value, self.read(children[1]))

    def _case(self, cursor: Any) -> Statement:
        children = list(cursor.get_children())
        if cursor.kind is CursorKind.DEFAULT_STMT and len(children) == 1:
            return Case(self._types.span(cursor), None, self.read(children[0]))
        if len(children) != _TWO:
            return self._opaque(cursor)
        value = self._expressions.read(children[0])
        return Case(self._types.span(cursor), value, self.read(children[1]))

    def _label(self, cursor: Any) -> Statement:
        statements = list(cursor.get_children())
        if len(statements) != 1:
            return self._opaque(cursor)
        return Label(
            self._types.span(cursor), cursor.spelling, self.read(statements[0])
        )

    def _jump(self, cursor: Any) -> Statement:
        values = [
            child for child in cursor.get_children() if child.kind.is_expression()
        ]
        value = self._expressions.read(values[0]) if values else None
        return Jump(self._types.span(cursor), _JUMPS[cursor.kind], value)

"""Statements of the model tree; nodes compare by identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ipt.model.expressions import Expression
    from ipt.model.types import Variable
    from ipt.source import Span

__all__ = [
    "Block",
    "Case",
    "Declaration",
    "Declarator",
    "DoWhile",
    "Evaluate",
    "For",
    "If",
    "Jump",
    "Label",
    "OpaqueStatement",
    "Statement",
    "Switch",
    "While",
]


@dataclass(frozen=True, slots=True, eq=False)
class _Spanned:
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Block(_Spanned):
    """`{ … }`; an empty statement is an empty block."""

    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Declarator(_Spanned):
    """One variable of a declaration, with its initialiser."""

    variable: Variable
    init: Expression | None
    sizes: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Declaration(_Spanned):
    """A declaration statement."""

    declarators: tuple[Declarator, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Evaluate(_Spanned):
    """An expression statement."""

    expression: Expression


@dataclass(frozen=True, slots=True, eq=False)
class If(_Spanned):
    """`if (condition) then else otherwise`."""

    condition: Expression
    then: Statement
    otherwise: Statement | None


@dataclass(frozen=True, slots=True, eq=False)
class For(_Spanned):
    """A counted or other `for`.

    Attributes:
        in_macro: Whether its keyword is not in the text.
        is_range: Whether it is `for (T x : range)`; then its header is that of
            a loop over the subscripts, which has no text of its own.
    """

    init: Statement | None
    condition: Expression | None
    step: Expression | None
    body: Statement
    in_macro: bool
    is_range: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class While(_Spanned):
    """`while (condition) body`."""

    condition: Expression
    body: Statement


@dataclass(frozen=True, slots=True, eq=False)
class DoWhile(_Spanned):
    """`do body while (condition)`."""

    body: Statement
    condition: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Switch(_Spanned):
    """`switch (value) body`."""

    value: Expression
    body: Statement


@dataclass(frozen=True, slots=True, eq=False)
class Case(_Spanned):
    """`case value: body`, or `default: body` with no value."""

    value: Expression | None
    body: Statement


@dataclass(frozen=True, slots=True, eq=False)
class Label(_Spanned):
    """`name: body`."""

    name: str
    body: Statement


@dataclass(frozen=True, slots=True, eq=False)
class Jump(_Spanned):
    """`break`, `continue`, `return` or `goto`, as `kind` says."""

    kind: str
    value: Expression | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OpaqueStatement(_Spanned):
    """Something that ipt does not understand; `what` names it."""

    what: str
    expressions: tuple[Expression, ...]
    statements: tuple[Statement, ...]


Statement: TypeAlias = (
    Block
    | Declaration
    | Evaluate
    | If
    | For
    | While
    | DoWhile
    | Switch
    | Case
    | Label
    | Jump
    | OpaqueStatement
)

"""Expressions of the model tree; nodes compare by identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ipt.model.types import CType, Variable
    from ipt.source import Span

__all__ = [
    "CONTAINER_CALL",
    "PACKED_CALL",
    "SIZE",
    "Assign",
    "Binary",
    "Call",
    "Cast",
    "Conditional",
    "Expression",
    "Increment",
    "InitList",
    "Literal",
    "Member",
    "OpaqueExpression",
    "Subscript",
    "Unary",
    "VarRef",
]


# The member that stands for the number of elements of a `std::vector`.
SIZE = "size()"
# What the keys of calls begin with that use a container as a whole, or one that
# packs its elements.
CONTAINER_CALL = "std container:"
PACKED_CALL = "std bits:"


@dataclass(frozen=True, slots=True, eq=False)
class _Typed:
    span: Span
    ctype: CType


@dataclass(frozen=True, slots=True, eq=False)
class Literal(_Typed):
    """A constant; `value` is None unless it is an integer known at compile time.

    Attributes:
        real: The value of a floating-point constant, as far as a double holds it.
    """

    value: int | None
    real: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class VarRef(_Typed):
    """A use of a variable."""

    variable: Variable


@dataclass(frozen=True, slots=True, eq=False)
class Subscript(_Typed):
    """`base[index]`."""

    base: Expression
    index: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Member(_Typed):
    """`base.field` or, with `arrow`, `base->field`.

    Attributes:
        overlay: Name of the place that it shares with other members, if any.
    """

    base: Expression
    field: str
    arrow: bool
    overlay: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Unary(_Typed):
    """`op operand`, with one of `- + ! ~ * &`."""

    op: str
    operand: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Increment(_Typed):
    """`++operand` or `operand++`, or the same with `--`."""

    op: str
    operand: Expression
    prefix: bool


@dataclass(frozen=True, slots=True, eq=False)
class Binary(_Typed):
    """`left op right`, without assignments."""

    op: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Assign(_Typed):
    """`target op value`; `op` is `=` or a compound such as `+=`."""

    op: str
    target: Expression
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Conditional(_Typed):
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Call(_Typed):
    """A call; `name` and `key` are empty for a computed callee.

    Attributes:
        key: Identifies the function, as `Function.key` does.
        is_system: Whether it is declared in a system header.
        is_place: Whether it names a place, as in `m(i, j) = x`; what the function
            returns names it then.
    """

    name: str
    arguments: tuple[Expression, ...]
    key: str
    is_system: bool
    callee: Expression | None = None
    is_place: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Cast(_Typed):
    """A conversion, written or implied."""

    operand: Expression


@dataclass(frozen=True, slots=True, eq=False)
class InitList(_Typed):
    """`{a, b, …}`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class OpaqueExpression(_Typed):
    """Something that ipt does not understand; `what` names it."""

    what: str
    parts: tuple[Expression, ...]


Expression: TypeAlias = (
    Literal
    | VarRef
    | Subscript
    | Member
    | Unary
    | Increment
    | Binary
    | Assign
    | Conditional
    | Call
    | Cast
    | InitList
    | OpaqueExpression
)

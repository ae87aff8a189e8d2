"""Types and variables of the user's program."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["CType", "Kind", "Scope", "Variable"]


class Kind(Enum):
    """The sorts of types that the analysis tells apart."""

    INTEGER = "integer"
    FLOATING = "floating"
    POINTER = "pointer"
    ARRAY = "array"
    RECORD = "record"
    UNION = "union"
    REFERENCE = "reference"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CType:
    """A type, canonical and without typedefs.

    Attributes:
        kind: The sort of type.
        spelling: Its name without outer qualifiers.
        bits: Width of an integer type, else 0.
        is_signed: Whether an integer type is signed.
        target: What a pointer, array or reference is made of.
        extent: The number of elements of an array of constant size.
    """

    kind: Kind
    spelling: str
    bits: int = 0
    is_signed: bool = True
    is_const: bool = False
    is_volatile: bool = False
    is_restrict: bool = False
    target: CType | None = None
    extent: int | None = None

    @property
    def is_arithmetic(self) -> bool:
        """Whether it is an integer or a real floating type."""
        return self.kind in (Kind.INTEGER, Kind.FLOATING)

    @property
    def is_scalar(self) -> bool:
        """Whether a value of it is one number or one address."""
        return self.is_arithmetic or self.kind is Kind.POINTER

    @property
    def leaf(self) -> CType:
        """The element type below all array dimensions."""
        if self.kind is Kind.ARRAY and self.target is not None:
            return self.target.leaf
        return self


class Scope(Enum):
    """Where a variable lives."""

    LOCAL = "local"
    PARAMETER = "parameter"
    STATIC = "static"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable; two with the same `key` are the same one.

    Attributes:
        key: Unique text, and offset of its declaration.
        offset: Offset of its declaration, -1 if in another file.
        is_thread_local: Whether each thread has its own.
    """

    key: tuple[str, int]
    name: str
    ctype: CType
    scope: Scope
    is_thread_local: bool = False
    offset: int = -1

    @property
    def is_shared_storage(self) -> bool:
        """Whether one copy outlives the call of its function."""
        return self.scope in (Scope.STATIC, Scope.GLOBAL)

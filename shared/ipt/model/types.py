"""Types and variables of the user's program."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipt.source import SourceText, Span

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
        is_container: Whether an array is a `std::vector` or `std::array`.  It
            owns its elements as an array does, rows included; but it cannot be
            listed with a length, and a private copy of a vector is empty.
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
    is_container: bool = False

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
        key: Unique text, and offset of its declaration.  A variable that
            several files share has one key in all of them.
        offset: Offset of its declaration, -1 if in a header.
        source: The file of its declaration, None if that is a header.
        is_thread_local: Whether each thread has its own.
        is_reference: Whether it is a C++ reference.  Its `ctype` is that of a
            pointer then, and each use of it reads as `*name`.
        is_static_member: Whether a class holds it.  It is shared without being
            said, and GNU's compiler takes it in no clause (OpenMP 5.2, section
            5.1.1).
    """

    key: tuple[str, int]
    name: str = field(compare=False)
    ctype: CType = field(compare=False)
    scope: Scope = field(compare=False)
    is_thread_local: bool = field(default=False, compare=False)
    offset: int = field(default=-1, compare=False)
    source: SourceText | None = field(default=None, compare=False, repr=False)
    is_reference: bool = field(default=False, compare=False)
    is_static_member: bool = field(default=False, compare=False)

    @property
    def is_shared_storage(self) -> bool:
        """Whether one copy outlives the call of its function."""
        return self.scope in (Scope.STATIC, Scope.GLOBAL)

    @property
    def is_this(self) -> bool:
        """Whether it is the hidden parameter of a method."""
        return self.key[0].startswith("this:")

    @property
    def holds_container(self) -> bool:
        """Whether it is a `std::vector` or `std::array`, or refers to one."""
        ctype = self.ctype
        if ctype.kind is Kind.POINTER and ctype.target is not None:
            ctype = ctype.target
        while ctype.target is not None and not ctype.is_container:
            ctype = ctype.target
        return ctype.is_container

    def is_declared_in(self, span: Span) -> bool:
        """Tell whether its declaration is part of a span."""
        is_here = self.source is not None and self.source is span.source
        return is_here and span.start <= self.offset < span.end

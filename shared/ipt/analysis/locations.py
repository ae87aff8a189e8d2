"""Which memory an expression names, as a path from a variable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection

    from ipt.analysis.domains import Domain
    from ipt.analysis.polynomials import Polynomial
    from ipt.model import CType, Expression, Variable
    from ipt.source import Span

__all__ = [
    "BITS",
    "UNION",
    "Access",
    "Address",
    "Base",
    "Deref",
    "Field",
    "Index",
    "Location",
    "Step",
]


@dataclass(frozen=True, slots=True)
class Index:
    """Go to an element; None if the subscript is not understood."""

    value: Polynomial | None


@dataclass(frozen=True, slots=True)
class Field:
    """Go to a member; all members of a union have one name."""

    name: str


@dataclass(frozen=True, slots=True)
class Deref:
    """Follow a pointer that is stored here."""


# All members of a union share their bytes, all bit-fields of a struct a word.
UNION = Field("(union)")
BITS = Field("(bits)")

Step: TypeAlias = Index | Field | Deref


@dataclass(frozen=True, slots=True)
class Base:
    """A block of memory: a variable, or what a pointer stored in it points to.

    Attributes:
        path: The way to the pointer, `[]` standing for any subscript.
    """

    variable: Variable
    path: tuple[str, ...]

    @property
    def is_pointer(self) -> bool:
        """Whether the block is reached through a pointer."""
        return "*" in self.path

    @property
    def is_plain(self) -> bool:
        """Whether it is a variable, or what a variable points to directly."""
        return self.path in ((), ("*",))

    @property
    def display(self) -> str:
        """Its name for people."""
        text, separator = self.variable.name, "."
        for part, follower in zip(self.path, (*self.path[1:], "*"), strict=False):
            if part == "[]" and follower not in ("*", "[]"):
                # `p->f` and `p[i].f` have one path; the arrow is more common.
                separator = "->"
            elif part == "[]":
                text += part
            elif part != "*":
                text, separator = f"{text}{separator}{part}", "."
        return text


@dataclass(frozen=True, slots=True)
class Location:
    """A path from a variable to the object that an expression names."""

    root: Variable
    steps: tuple[Step, ...]

    def then(self, *steps: Step) -> Location:
        """Return the location further down the path."""
        return Location(self.root, self.steps + steps)

    def without(self, symbols: Collection[str]) -> Location:
        """Return the location with nothing known of subscripts that need symbols."""
        steps = [
            Index(_free(step.value, symbols)) if isinstance(step, Index) else step
            for step in self.steps
        ]
        return Location(self.root, tuple(steps))

    @property
    def is_whole_variable(self) -> bool:
        """Whether it is a variable or a member of one, with no subscript."""
        return all(isinstance(step, Field) for step in self.steps)

    @property
    def split(self) -> tuple[Base, tuple[Step, ...], tuple[Step, ...]]:
        """The block, the steps to its pointer, and the steps within it."""
        last = max(
            (n for n, step in enumerate(self.steps, 1) if isinstance(step, Deref)),
            default=0,
        )
        names = tuple(_name(step) for step in self.steps[:last])
        return Base(self.root, names), self.steps[:last], self.steps[last:]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a pointer points: element `offset` of the block at `block`.

    Attributes:
        is_single: Whether it points to one object that is not an element.
    """

    block: Location
    offset: Polynomial | None
    is_single: bool = False

    def moved(self, distance: Polynomial) -> Address | None:
        """Return the address some elements further, None if it has no elements."""
        if self.is_single and distance.value != 0:
            return None
        offset = None if self.offset is None else self.offset + distance
        return Address(self.block, offset, self.is_single)

    def without(self, symbols: Collection[str]) -> Address:
        """Return the address with nothing known of subscripts that need symbols."""
        offset = _free(self.offset, symbols)
        return Address(self.block.without(symbols), offset, self.is_single)


def _free(value: Polynomial | None, symbols: Collection[str]) -> Polynomial | None:
    is_bound = value is not None and not value.symbols.isdisjoint(symbols)
    return None if is_bound else value


def _name(step: Step) -> str:
    match step:
        case Index():
            return "[]"
        case Field():
            return step.name
        case Deref():
            return "*"


@dataclass(frozen=True, slots=True)
class Access:
    """One read or write of memory.

    Attributes:
        location: What is accessed; None if the pointer cannot be followed.
        node: The expression, for messages.
        calls: The calls on the way from the loop to it, outermost first.
        is_accumulation: Whether it is part of `x op= e`, so that the order of
            iterations would not matter if the update were atomic.
    """

    location: Location | None
    is_write: bool
    ctype: CType
    domain: Domain
    node: Expression
    calls: tuple[Span, ...] = ()
    is_accumulation: bool = False

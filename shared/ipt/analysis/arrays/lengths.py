"""How many elements an array has, where the text says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.writes import find_writes
from ipt.model import (
    Assign,
    Binary,
    Call,
    Declarator,
    Kind,
    Literal,
    Scope,
    VarRef,
    strip_casts,
    text_of,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.analysis.writes import Writes
    from ipt.model import CType, Expression, Function, Program, Variable

__all__ = ["Length", "element_size", "length_of"]

# A copy of an array is made on the stack of each thread, which may be small.
_SMALL = 64 * 1024
_BYTE = 8


@dataclass(frozen=True, slots=True)
class Length:
    """The elements of an array.

    Attributes:
        section: All of them, as OpenMP writes it: `h[:n]`; the name alone if
            the compiler knows the length.
        names: The variables that the section uses.
        is_small: Whether it is known that a copy fits on a stack.
    """

    section: str
    names: tuple[str, ...] = ()
    is_small: bool = False


def element_size(ctype: CType) -> int | None:
    """Return the bytes of a number, None for other types."""
    leaf = ctype.leaf
    return leaf.bits // _BYTE if leaf.is_arithmetic and leaf.bits else None


def length_of(
    program: Program, function: Function, variable: Variable
) -> Length | None:
    """Return the length of an array or of the block that a pointer was given.

    Args:
        program: The program.
        function: The function that uses the variable.
        variable: An array, or a pointer.

    Returns:
        The length, None if it is not known or may have changed.
    """
    ctype = variable.ctype
    if variable.holds_container:
        # A clause takes arrays only, and a private vector would be empty.
        return None
    if ctype.kind is Kind.ARRAY:
        return _array(variable, function)
    if ctype.kind is Kind.POINTER and ctype.target is not None:
        return _block(program, function, variable)
    return None


def _array(variable: Variable, function: Function) -> Length | None:
    extents: list[int | None] = []
    ctype: CType | None = variable.ctype
    while ctype is not None and ctype.kind is Kind.ARRAY:
        extents.append(ctype.extent)
        ctype = ctype.target
    size = element_size(variable.ctype)
    if size is None:
        return None
    if None in extents:
        is_own = any(
            isinstance(each, Declarator) and each.variable == variable and each.sizes
            for each in walk(function.body)
        )
        return Length(variable.name) if is_own else None
    total = size
    for each in extents:
        total *= each or 0
    # LLVM 19 gives no thread a copy of a section of a global array where `omp for`
    # is inside `omp parallel`; of the whole array it does.
    is_global = variable.is_shared_storage
    text = "" if is_global else "".join(f"[:{each}]" for each in extents)
    return Length(variable.name + text, is_small=0 < total <= _SMALL)


def _block(program: Program, function: Function, variable: Variable) -> Length | None:
    """Return the length of a block that is allocated once and kept."""
    writes = find_writes(function.body, program)
    is_own = variable.scope is Scope.LOCAL and writes.counts[variable.key] == 1
    if not is_own or variable.key in program.address_taken:
        return None
    values = list(_values(function, variable))
    count = _count(strip_casts(values[0]), variable.ctype) if len(values) == 1 else None
    bare = None if count is None else strip_casts(count)
    if isinstance(bare, Literal) and bare.value is not None and bare.value > 0:
        size = element_size(variable.ctype.target or variable.ctype) or _SMALL
        is_small = bare.value * size <= _SMALL
        return Length(f"{variable.name}[:{bare.value}]", is_small=is_small)
    if isinstance(bare, VarRef) and _is_fixed(bare, writes, program):
        return Length(f"{variable.name}[:{bare.variable.name}]", (bare.variable.name,))
    return None


def _is_fixed(node: VarRef, writes: Writes, program: Program) -> bool:
    """Tell whether a variable never changes after it was first set."""
    variable = node.variable
    times = 1 if variable.scope is Scope.LOCAL else 0
    return (
        text_of(node) == variable.name
        and variable.scope in (Scope.LOCAL, Scope.PARAMETER)
        and variable.ctype.kind is Kind.INTEGER
        and writes.counts[variable.key] == times
        and variable.key not in program.address_taken
    )


def _values(function: Function, variable: Variable) -> Iterator[Expression]:
    for node in walk(function.body):
        if isinstance(node, Declarator) and node.variable == variable:
            if node.init is not None:
                yield node.init
        elif isinstance(node, Assign) and node.op == "=":
            target = strip_casts(node.target)
            if isinstance(target, VarRef) and target.variable == variable:
                yield node.value


def _count(value: Expression, pointer: CType) -> Expression | None:
    """Return the number of elements that an allocation asks for."""
    target = pointer.target
    size = None if target is None else element_size(target)
    if not isinstance(value, Call) or size is None or target is None or target.extent:
        return None
    match value.name, value.arguments:
        case "calloc", (count, each) if _is(each, size):
            return count
        case "calloc", (each, count) if _is(each, size):
            return count
        case "malloc", (total,):
            return _factor(strip_casts(total), size)
        case _:
            return None


def _factor(total: Expression, size: int) -> Expression | None:
    """Return `n` of `n * sizeof(T)`."""
    if not isinstance(total, Binary) or total.op != "*":
        return None
    if _is(total.right, size):
        return total.left
    return total.right if _is(total.left, size) else None


def _is(node: Expression, value: int) -> bool:
    bare = strip_casts(node)
    return isinstance(bare, Literal) and bare.value == value

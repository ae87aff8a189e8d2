"""How many elements of a block a loop uses, as an expression of the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.canonical import CountedLoop, constant_value, counted_loop
from ipt.analysis.locations import Index
from ipt.analysis.writes import find_writes
from ipt.model import (
    Assign,
    Binary,
    Call,
    Declarator,
    Increment,
    Kind,
    Literal,
    Member,
    OpaqueExpression,
    Subscript,
    Unary,
    VarRef,
    for_loops,
    parents_of,
    strip_casts,
    text_of,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ipt.analysis.frames import Key
    from ipt.analysis.locations import Access, Base
    from ipt.model import CType, Expression, For, Function, Node, Program, Variable

__all__ = ["Extent", "extent_of"]

_UNSTEADY = Call | Assign | Increment | Subscript | Member | Unary | OpaqueExpression


@dataclass(frozen=True, slots=True)
class Extent:
    """A number of elements.

    Attributes:
        length: An expression that holds in front of the loop.
        is_filled: Whether the loop writes each of these elements.
    """

    length: str
    is_filled: bool = False


def extent_of(
    program: Program,
    function: Function,
    counted: CountedLoop,
    base: Base,
    accesses: Sequence[Access],
) -> Extent | None:
    """Return how many elements of what a pointer points to must be copied.

    What the program allocated is known best; else what the subscripts reach,
    where they are counters, shifted by constants.

    Returns:
        The extent, None if it must be asked for.
    """
    writes = find_writes(counted.loop, program)
    reached = _reached(counted, accesses, writes.varying)
    if reached is not None and reached.is_filled:
        return reached
    allocated = _allocated(program, function, counted.loop, base.variable)
    return Extent(allocated) if allocated else reached


def _allocated(
    program: Program, function: Function, loop: For, variable: Variable
) -> str:
    """Return the number of elements of the only block that a pointer ever gets."""
    if variable.is_shared_storage or program.is_reachable(variable):
        return ""
    values = [
        value for node in walk(function.body) if (value := _given(node, variable))
    ]
    if len(values) != 1 or variable in function.parameters:
        return ""
    call = strip_casts(values[0])
    if not isinstance(call, Call) or call.key in program.by_key:
        return ""
    is_before = call.span.start < loop.span.start
    if not is_before or call.span.source is not loop.span.source:
        return ""
    count = _count(call, variable.ctype.target)
    if count is None or not _is_lasting(program, function, count):
        return ""
    text = text_of(count)
    is_whole = isinstance(strip_casts(count), VarRef | Literal) or text.startswith("(")
    return text if is_whole else f"({text})"


def _given(node: Node, variable: Variable) -> Expression | None:
    """Return what a node assigns to a pointer, something for any other change."""
    match node:
        case Declarator() if node.variable == variable:
            return node.init
        case Assign(target=VarRef(variable=found)) if found == variable:
            return node.value if node.op == "=" else node
        case Increment(operand=VarRef(variable=found)) if found == variable:
            return node
        case _:
            return None


def _count(call: Call, element: CType | None) -> Expression | None:
    """Return the number of elements in `malloc(n * sizeof *p)` or `calloc(n, …)`."""
    if call.name == "calloc" and len(call.arguments) == len("nm"):
        return call.arguments[0] if _is_size(call.arguments[1], element) else None
    if call.name != "malloc" or len(call.arguments) != 1:
        return None
    size = strip_casts(call.arguments[0])
    if not isinstance(size, Binary) or size.op != "*":
        return None
    if _is_size(size.right, element):
        return size.left
    return size.right if _is_size(size.left, element) else None


def _is_size(node: Expression, element: CType | None) -> bool:
    """Tell whether an expression is the `sizeof` of an element."""
    if element is None or not element.is_arithmetic:
        return False
    bare = strip_casts(node)
    is_written = text_of(bare).startswith("sizeof")
    return is_written and constant_value(bare) == element.bits // 8


def _is_lasting(program: Program, function: Function, node: Expression) -> bool:
    """Tell whether an expression keeps its value in the whole function."""
    names = [each.variable for each in walk(node) if isinstance(each, VarRef)]
    if any(isinstance(each, _UNSTEADY) for each in walk(node)):
        return False
    for variable in names:
        if variable.is_shared_storage or program.is_reachable(variable):
            return False
        changes = [n for n in walk(function.body) if _given(n, variable) is not None]
        most = 0 if variable in function.parameters else 1
        if variable.ctype.kind is not Kind.INTEGER or len(changes) > most:
            return False
    return True


def _reached(
    counted: CountedLoop, accesses: Sequence[Access], varying: Collection[Key]
) -> Extent | None:
    """Return the extent of `p[i + c]`, for counters from 0 or more to a bound."""
    bounds: dict[Variable, tuple[int, str, bool]] = {}
    for loop in for_loops(counted.loop):
        found = counted_loop(loop)
        if isinstance(found, CountedLoop):
            bound = _bound(found, varying)
            if bound is not None:
                bounds[found.counter] = bound
    most: dict[str, int] = {}
    for each in accesses:
        parts = _shifted(each.node)
        if each.calls or parts is None or len(_indices(each)) != 1:
            return None
        variable, shift = parts
        if variable not in bounds:
            return None
        lower, text, _ = bounds[variable]
        if lower + shift < 0:
            return None
        most[text] = max(most.get(text, shift), shift)
    if len(most) != 1:
        return None
    text, shift = most.popitem()
    outer = bounds.get(counted.counter)
    is_filled = (
        outer is not None
        and outer[0] == 0
        and outer[2]
        and counted.step == 1
        and shift == 0
        and any(_fills(counted, each) for each in accesses)
    )
    length = text if shift == 0 else f"{text} {'+' if shift > 0 else '-'} {abs(shift)}"
    return Extent(length, is_filled)


def _indices(access: Access) -> list[Index]:
    assert access.location is not None  # noqa: S101 - the caller looked
    return [each for each in access.location.steps if isinstance(each, Index)]


def _bound(loop: CountedLoop, varying: Collection[Key]) -> tuple[int, str, bool] | None:
    """Return least counter, the end as text, and whether that is the last one.

    The text is one more than the greatest counter.
    """
    lower = constant_value(loop.lower)
    if lower is None or lower < 0 or loop.is_downward:
        return None
    bound = strip_casts(loop.bound)
    text = text_of(bound)
    if not isinstance(bound, VarRef | Literal):
        text = f"({text})"
    if any(isinstance(n, _UNSTEADY) for n in walk(bound)):
        return None
    if any(isinstance(n, VarRef) and n.variable.key in varying for n in walk(bound)):
        return None
    if loop.op == "<=":
        text = f"{text} + 1"
    return lower, text, loop.op in ("<", "<=", "!=")


def _shifted(node: Expression) -> tuple[Variable, int] | None:
    """Return counter and constant of `p[i + c]`."""
    if not isinstance(node, Subscript):
        return None
    index = strip_casts(node.index)
    if isinstance(index, VarRef):
        return index.variable, 0
    if isinstance(index, Binary) and index.op in ("+", "-"):
        left, shift = strip_casts(index.left), constant_value(index.right)
        if isinstance(left, VarRef) and shift is not None:
            return left.variable, shift if index.op == "+" else -shift
    return None


def _fills(counted: CountedLoop, access: Access) -> bool:
    """Tell whether every iteration writes the element of its own number."""
    if not access.is_write or _shifted(access.node) != (counted.counter, 0):
        return False
    between = parents_of(counted.loop.body, access.node)
    names = {type(each).__name__ for each in between}
    return names <= {"Block", "Evaluate", "Assign"}

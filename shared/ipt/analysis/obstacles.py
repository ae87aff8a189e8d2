"""Puts what the tracer could not pass into findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.aliasing import may_share
from ipt.analysis.header import add_header_findings, is_reached_by_pointer
from ipt.analysis.locations import BITS, UNION, Field, Index
from ipt.model import (
    SIZE,
    Assign,
    Call,
    Cast,
    Increment,
    Kind,
    Member,
    Node,
    Subscript,
    Unary,
    VarRef,
    children_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.analysis.aliasing import Aliasing
    from ipt.analysis.context import LoopContext
    from ipt.analysis.expression_tracing import Obstacle
    from ipt.analysis.locations import Access
    from ipt.model import Program

__all__ = ["add_obstacles"]

_MESSAGES = {
    "IPT343": (
        "{what} uses a container as a whole, and may move its elements.",
        "Call it before or after the loop; in the loop, use v[i] and v.size().",
    ),
    "IPT344": (
        "{what} throws where the subscript is wrong, which no iteration may do.",
        "Use v[i].",
    ),
    "IPT345": (
        "{what} uses a std::vector<bool>, which keeps several elements in one word.",
        "Use a std::vector<char>.",
    ),
    "IPT306": (
        "goto may leave the loop or skip parts of it.",
        "Write it with if and else.",
    ),
    "IPT307": (
        "{what} reads or writes in the order of the iterations.",
        "Collect the values in an array, and print them after the loop.",
    ),
    "IPT308": (
        "{what} keeps hidden state, so that its results depend on the order of calls.",
        "Call it outside of the loop, or use a function without hidden state.",
    ),
    "IPT309": (
        "the text of {what} is not in the files given; it may do anything.",
        "Give its file too, or move the call out of the loop.",
    ),
    "IPT311": (
        "{what} is not understood by this version of ipt.",
        "Write it in plain C.",
    ),
    "IPT317": (
        "{what} calls itself and touches shared data.",
        "Let it work on its arguments and local variables only.",
    ),
    "IPT318": (
        "the loop and what it calls are too large to analyse.",
        "Move a part to a loop of its own.",
    ),
    "IPT321": (
        "a volatile variable is used, whose every access counts.",
        "Copy it to a plain variable before the loop.",
    ),
}
# Functions that do not return (C17, section 7.22.4).
_ENDINGS = ("abort", "exit", "quick_exit", "_Exit", "_exit")
_ENDS = (
    "{what} ends the program before the last iteration of the loop.",
    "Keep the failure in a variable, and end the program after the loop.",
)


def add_obstacles(context: LoopContext, aliasing: Aliasing) -> None:
    """Add findings for what the tracer met and for a bound that may change."""
    for obstacle in context.trace.obstacles:
        code, (message, way_out) = obstacle.code, _MESSAGES[obstacle.code]
        if obstacle.name in _ENDINGS:
            code, (message, way_out) = "IPT306", _ENDS
        text = message.format(what=obstacle.what) + _path(obstacle)
        names = (obstacle.name,) if obstacle.name else ()
        context.add(code, text, obstacle.span, names, way_out)
    _add_unstable_bounds(context, aliasing)
    add_header_findings(context, aliasing)


def _path(obstacle: Obstacle) -> str:
    if not obstacle.calls:
        return ""
    line = obstacle.calls[0].line
    return f" It is reached by the call in line {line}."


def _add_unstable_bounds(context: LoopContext, aliasing: Aliasing) -> None:
    counted = context.counted
    parts = (
        (counted.lower, "start"),
        (counted.bound, "bound"),
        (counted.step_value, "step"),
    )
    for part, what in parts:
        if part is None:
            continue
        for node in _header_nodes(part):
            reason = _instability(context, node)
            if isinstance(node, VarRef) and is_reached_by_pointer(
                context, aliasing, node.variable, writes_only=True
            ):
                name = node.variable.name
                reason = f"a pointer may change {name}, which its header uses"
            if reason:
                context.add(
                    "IPT305",
                    f"OpenMP cannot count the iterations beforehand: {reason}.",
                    node.span,
                    (context.text(node),),
                    f"Store the {what} in a variable before the loop.",
                )
                break


def _header_nodes(node: Node) -> Iterator[Node]:
    """Yield what a header depends on.

    Where a container is does not change, and its size only by calls that are
    findings themselves; the pointer or subscript that leads to it may.
    """
    is_size = isinstance(node, Member) and node.field == SIZE
    if not is_size and not _is_container(node):
        yield node
    for child in children_of(node):
        yield from _header_nodes(child)


def _is_container(node: Node) -> bool:
    inner = node.operand if isinstance(node, Cast) else node
    return isinstance(inner, VarRef | Subscript | Unary | Member) and (
        inner.ctype.is_container
    )


def _instability(context: LoopContext, node: Node) -> str:  # noqa: PLR0911 - a return a case
    """Return why a part of a bound may change during the loop."""
    match node:
        case VarRef() if node.variable.key in context.writes.varying:
            return f"the loop changes {node.variable.name}, which its header uses"
        case Assign() | Increment():
            return "its header changes a variable"
        case Call():
            return f"its header calls {node.name or 'a function'}()"
        case Subscript() | Member(arrow=True) | Unary(op="*"):
            if not any(
                _may_change(context.program, each, node)
                for each in context.trace.accesses
            ):
                return ""
            return f"the loop may change {context.text(node)}, which its header uses"
        case Member() if _is_changed(context, node):
            return f"the loop changes {context.text(node)}, which its header uses"
        case _:
            return ""


def _may_change(
    program: Program, access: Access, node: Subscript | Member | Unary
) -> bool:
    if not access.is_write or not may_share(program, access.ctype, node.ctype):
        return False
    if access.location is None:
        return True
    steps = access.location.steps
    while steps and isinstance(steps[-1], Index):
        # An element of an array that is a member itself.
        steps = steps[:-1]
    last = steps[-1:]
    if isinstance(node, Member) and last and isinstance(last[0], Field):
        return last[0] in (Field(node.field), UNION, BITS)
    return not access.location.is_whole_variable


def _is_changed(context: LoopContext, node: Member) -> bool:
    """Tell whether a member, or one that shares its memory, is changed."""
    writes = context.writes
    base: Node = node
    while isinstance(base, Member):
        base = base.base
        if base.ctype.kind is Kind.UNION and (writes.fields or writes.memory):
            return True
    return node.field in writes.fields

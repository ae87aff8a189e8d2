"""Puts a dependence into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.origins import root_of
from ipt.model import Scope, VarRef, strip_casts, walk

if TYPE_CHECKING:
    from ipt.analysis.context import LoopContext
    from ipt.analysis.dependence import Dependence
    from ipt.analysis.locations import Access

__all__ = ["describe"]


def describe(context: LoopContext, found: Dependence) -> bool:
    """Add the finding for a dependence.

    Returns:
        True: a block with one dependence needs no second finding.
    """
    earlier, later = found.earlier, found.later
    is_update = earlier.is_accumulation and later.is_accumulation
    if is_update and context.text(earlier.node) == context.text(later.node):
        _add_accumulation(context, found)
    elif _is_temporary(context, found):
        name = context.text(_array_of(earlier))
        context.add(
            "IPT322",
            f"{name} is filled anew in each iteration, but all iterations share it.",
            earlier.node.span,
            (name,),
            f"Declare {name} inside the loop.",
        )
    elif found.is_understood:
        _add_carried(context, found)
    else:
        _add_unknown(context, found)
    return True


def _add_accumulation(context: LoopContext, found: Dependence) -> None:
    text = context.text(found.later.node)
    way_out = "Write the update in the loop itself, so that it can be atomic."
    if not found.later.calls:
        way_out = (
            "Update its elements with one operator only, such as += or *=, and read "
            "them after the loop, so that the updates can be atomic."
        )
    context.add(
        "IPT315",
        f"different iterations may update the same element {text}.",
        found.later.node.span,
        (text,),
        way_out,
    )


def _add_unknown(context: LoopContext, found: Dependence) -> None:
    write = found.earlier if found.earlier.is_write else found.later
    other = found.later if write is found.earlier else found.earlier
    first, second = context.text(write.node), context.text(other.node)
    if first == second:
        what = f"different iterations may write the same element {first}"
    else:
        what = f"{first} and {second} may be the same element in different iterations"
    context.add(
        "IPT302",
        f"{what}: the subscript is not a sum of multiples of loop counters and "
        "values that stay the same.",
        write.node.span,
        (first,),
        "Write the subscript as such a sum, if there is one.",
    )


def _add_carried(context: LoopContext, found: Dependence) -> None:
    earlier, later = found.earlier, found.later
    first, second = context.text(earlier.node), context.text(later.node)
    where = context.where(earlier.node, later.node)
    distance = _distance(found)
    verb = "carries" if found.is_certain else "may carry"
    if later.is_write and earlier.is_write:
        story = f"{second} is written again, after {first} {distance}"
    elif later.is_write:
        story = f"{second} overwrites what {first} read {distance}"
    else:
        story = f"{second} reads what {first} wrote {distance}"
    name = context.counted.counter.name
    example = ""
    if found.iterations is not None:
        before, after = found.iterations
        example = f"; for example {name} = {after} needs {name} = {before} to be done"
    context.add(
        "IPT301",
        f"the loop {verb} a dependence: {story} ({where}){example}.",
        later.node.span,
        tuple(dict.fromkeys((first, second))),
        _way_out(found),
        found.distance,
    )


def _way_out(found: Dependence) -> str:
    if found.absent_when:
        return (
            f"If {found.absent_when}, this dependence is not there: write "
            f"if ({found.absent_when}) around a copy of the loop."
        )
    return "Look for a loop inside or outside of it, or for another algorithm."


def _distance(found: Dependence) -> str:
    match found.distance:
        case None:
            return "in an earlier iteration"
        case 1:
            return "one iteration earlier"
        case number:
            return f"{number} iterations earlier"


def _array_of(access: Access) -> VarRef:
    return next(node for node in walk(access.node) if isinstance(node, VarRef))


def _is_temporary(context: LoopContext, found: Dependence) -> bool:
    """Tell whether an array is used in this loop only and written first."""
    root = root_of(strip_casts(found.earlier.node))
    if root is None or root.scope is not Scope.LOCAL:
        return False
    first = next(
        (
            each
            for each in context.trace.accesses
            if each.location is not None
            and each.location.root == root
            and not each.location.is_whole_variable
        ),
        None,
    )
    uses = [
        node
        for node in walk(context.function.body)
        if isinstance(node, VarRef) and node.variable == root
    ]
    is_filled = first is not None and first.is_write
    return is_filled and all(context.span.contains(use.span) for use in uses)

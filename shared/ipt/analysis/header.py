"""Whether OpenMP counts the iterations of a loop as the program does.

OpenMP converts the bound to the counter's type, gives each thread a counter
of its own, and evaluates the header once (OpenMP 5.2, section 4.4.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.aliasing import may_share
from ipt.analysis.conversions import (
    folded,
    keeps_every_value,
    limits,
    same_number_type,
    value_type,
)
from ipt.analysis.locations import Base
from ipt.analysis.writes import called_functions
from ipt.model import (
    SIZE,
    Call,
    Cast,
    Declarator,
    Kind,
    Literal,
    Member,
    Subscript,
    VarRef,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from ipt.analysis.aliasing import Aliasing
    from ipt.analysis.canonical import CountedLoop
    from ipt.analysis.context import LoopContext
    from ipt.model import Expression, Node, Variable

__all__ = ["add_header_findings", "is_reached_by_pointer"]

_INT_BITS = 32


def add_header_findings(context: LoopContext, aliasing: Aliasing) -> None:
    """Add findings for a header that OpenMP would take in another way."""
    counted = context.counted
    reason = (
        _converted(counted)
        or _bound_reason(counted)
        or _wrap_reason(counted)
        or _counter_reason(context, aliasing)
    )
    if reason:
        text, way_out = reason
        context.add(
            "IPT305",
            f"OpenMP cannot count the iterations beforehand: {text}.",
            context.span,
            (counted.counter.name,),
            way_out,
        )


def _counter_side(counted: CountedLoop) -> Expression:
    left = strip_casts(counted.test.left)
    is_left = isinstance(left, VarRef) and left.variable == counted.counter
    return counted.test.left if is_left else counted.test.right


def _converted(counted: CountedLoop) -> tuple[str, str] | None:
    """Return the refusal of a test such as `(long)i < n`."""
    side = _counter_side(counted)
    # A conversion that is not written has the span of what it converts.
    is_written = isinstance(side, Cast) and side.span != strip_casts(side).span
    if not is_written:
        return None
    name = counted.counter.name
    return f"its test converts {name}", f"Compare {name} itself."


def _bound_reason(counted: CountedLoop) -> tuple[str, str] | None:
    if _compares_alike(counted):
        return None
    counter, bound = counted.counter, strip_casts(counted.bound)
    text = (
        f"its counter {counter.name} is of type {counter.ctype.spelling}, its bound "
        f"of type {bound.ctype.spelling}, which may hold values that the counter "
        "cannot have"
    )
    return text, "Declare the counter with the type of the bound."


def _compares_alike(counted: CountedLoop) -> bool:
    """Tell whether the bound, converted to the counter's type, ends the same loop."""
    own, common = counted.counter.ctype, _counter_side(counted).ctype
    if same_number_type(own, common):
        return True
    is_kept = keeps_every_value(own, common)
    if is_kept and keeps_every_value(value_type(counted.bound), own):
        return True
    if _is_size(counted):
        return True
    value = folded(counted.bound)
    least, greatest = limits(own)
    if value is None or not least <= value <= greatest:
        return False
    lower = folded(counted.lower)
    counts_up = not counted.is_downward and lower is not None and lower >= 0
    return is_kept or counts_up


def _is_size(counted: CountedLoop) -> bool:
    """Tell whether an `int` counts upward to the size of a container.

    With more elements than the counter can count, the program itself would make
    the counter overflow, which has no meaning (C++17, [expr] paragraph 4).
    """
    own, bound = counted.counter.ctype, strip_casts(counted.bound)
    lower = folded(counted.lower)
    counts_up = not counted.is_downward and lower is not None and lower >= 0
    can_overflow = own.is_signed and own.bits >= _INT_BITS
    is_size = isinstance(bound, Member) and bound.field == SIZE
    return is_size and counts_up and can_overflow


def _wrap_reason(counted: CountedLoop) -> tuple[str, str] | None:
    """Return the refusal of a counter that may pass its bound and start again."""
    own = counted.counter.ctype
    may_wrap = not own.is_signed or own.bits < _INT_BITS
    is_open = counted.op == "!=" and not _reaches(counted)
    if not may_wrap or not (is_open or _oversteps(counted)):
        return None
    name = counted.counter.name
    return (
        f"{name} may pass its bound, and start again at the other end of its type",
        f"Compare with < or >, and declare {name} as int or long.",
    )


def _reaches(counted: CountedLoop) -> bool:
    """Tell whether a loop with `!=` meets its bound before the counter wraps."""
    least, _ = limits(counted.counter.ctype)
    first, last = folded(counted.lower), folded(counted.bound)
    if counted.is_downward:
        first, last = last, first
    if first == least:
        return True
    return first is not None and last is not None and first <= last


def _oversteps(counted: CountedLoop) -> bool:
    """Tell whether a step may lead a narrow counter out of its type."""
    own, step = counted.counter.ctype, counted.step
    if own.bits >= _INT_BITS or step in (1, -1):
        return False
    bound = folded(counted.bound)
    least, greatest = limits(own)
    return step is None or bound is None or not least <= bound + step <= greatest


def _counter_reason(context: LoopContext, aliasing: Aliasing) -> tuple[str, str] | None:
    """Return the refusal of a counter that is also reached in other ways."""
    counter = context.counted.counter
    if any(each.code == "IPT311" for each in context.findings):
        # What is not understood counts as taking every address.
        return None
    way_out = "Declare the counter in the loop's header, and pass its value."
    if counter.is_shared_storage and _is_used_by_calls(context, counter):
        return f"a called function uses its counter {counter.name}", way_out
    is_taken = counter.key in context.program.address_taken
    if context.counted.declares:
        is_reference = is_taken and _binds(context, counter)
    else:
        is_reference = is_taken and context.program.language == "c++"
    if is_reference or is_reached_by_pointer(
        context, aliasing, counter, writes_only=False
    ):
        text = f"a pointer or reference may refer to its counter {counter.name}"
        return text, way_out
    return None


def _binds(context: LoopContext, counter: Variable) -> bool:
    """Tell whether a loop may make a reference to its counter."""
    for node in walk(context.counted.loop):
        parts: tuple[Expression, ...] = ()
        if isinstance(node, Declarator) and node.variable.ctype.kind is Kind.REFERENCE:
            parts = () if node.init is None else (node.init,)
        elif isinstance(node, Call) and not node.is_system:
            parts = node.arguments
        for part in map(strip_casts, parts):
            # A conditional or a comma may stand for the variable, too.
            is_value = isinstance(part, Subscript | Call | Literal)
            if not is_value and any(
                isinstance(each, VarRef) and each.variable == counter
                for each in walk(part)
            ):
                return True
    return False


def _is_used_by_calls(context: LoopContext, counter: Variable) -> bool:
    program = context.program
    bodies: list[Node] = [
        program.by_key[key].body
        for key in called_functions(context.counted.loop, program)
    ]
    return any(
        isinstance(node, VarRef) and node.variable == counter
        for body in bodies
        for node in walk(body)
    )


def is_reached_by_pointer(
    context: LoopContext, aliasing: Aliasing, variable: Variable, *, writes_only: bool
) -> bool:
    """Tell whether an access of the loop through a pointer may meet a variable."""
    program = context.program
    if not program.is_reachable(variable):
        return False
    block = Base(variable, ())
    for access in context.trace.accesses:
        if writes_only and not access.is_write:
            continue
        if not may_share(program, access.ctype, variable.ctype):
            continue
        if access.location is None:
            return True
        base, _, _ = access.location.split
        if base.is_pointer and not aliasing.are_distinct(
            context.function, context.counted.loop, base, block
        ):
            return True
    return False

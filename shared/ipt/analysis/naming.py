"""Whether a variable can stand in a clause of a directive, by its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ipt.model import VarRef, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.context import LoopContext
    from ipt.model import Node, Program, Variable

__all__ = ["has_own_copies", "is_each_threads_own", "unlistable"]

_THREADPRIVATE = re.compile(rb"\bthreadprivate\s*\(([^)]*)\)")


def unlistable(
    context: LoopContext, variable: Variable, others: Sequence[Variable]
) -> str:
    """Return why a clause cannot name a variable, empty if it can.

    Args:
        context: The loop.
        variable: The variable.
        others: All variables that the loop names.
    """
    if not variable.name:
        return "a member of a union without a name is used"
    if any(each.name == variable.name and each != variable for each in others):
        return f"the loop uses two variables called {variable.name}"
    for node in walk(context.counted.loop):
        if _is_qualified(context, node, variable):
            return f"{context.text(node)} cannot stand in a directive"
    return ""


def _is_qualified(context: LoopContext, node: Node, variable: Variable) -> bool:
    if not isinstance(node, VarRef) or node.variable != variable:
        return False
    return "::" in context.text(node)


def has_own_copies(context: LoopContext, variable: Variable) -> bool:
    """Tell whether each thread has a variable for itself."""
    return is_each_threads_own(context.program, variable)


def is_each_threads_own(program: Program, variable: Variable) -> bool:
    """Tell whether a variable is thread-local or named in a threadprivate directive."""
    if variable.is_thread_local:
        return True
    if not variable.is_shared_storage:
        return False
    return any(
        variable.name.encode() in re.findall(rb"[\w$]+", listed)
        for text in (*program.sources, *program.headers)
        for listed in _THREADPRIVATE.findall(text.bare)
    )

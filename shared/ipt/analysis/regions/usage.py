"""Which variables the parts of a region name, set, and copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.canonical import CountedLoop, counted_loop
from ipt.model import (
    Declaration,
    Declarator,
    DoWhile,
    Expression,
    For,
    If,
    Scope,
    VarRef,
    While,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ipt.analysis.frames import Key
    from ipt.analysis.regions.draft import Draft
    from ipt.model import Node, Statement, Variable

__all__ = [
    "copied_names",
    "counter_of",
    "declared_by_threads",
    "header_of",
    "names",
    "variables_of",
]


def header_of(
    node: Statement,
) -> tuple[Statement | None, Expression | None, Expression | None]:
    """Return what a followed statement sets first, tests, and does as a step."""
    match node:
        case For():
            return node.init, node.condition, node.step
        case While() | DoWhile() | If():
            return None, node.condition, None
        case _:
            return None, None, None


def variables_of(nodes: Iterable[Node]) -> list[Variable]:
    """Return the variables that some nodes name, each once, in that order.

    `this` is shared without being said, and no clause can name it.
    """
    found: dict[Variable, None] = {}
    for node in nodes:
        for each in walk(node):
            if isinstance(each, VarRef | Declarator) and not each.variable.is_this:
                found[each.variable] = None
    return list(found)


def names(draft: Draft, variable: Variable) -> bool:
    """Tell whether a draft itself, not a part inside it, names a variable."""
    nodes: Sequence[Node | None] = draft.statements
    if draft.is_followed:
        nodes = header_of(draft.statement)
    return variable in variables_of([each for each in nodes if each is not None])


def declared_by_threads(drafts: Iterable[Draft]) -> set[Key]:
    """Return the variables that each thread declares for itself.

    Args:
        drafts: All drafts of a region.
    """
    found: set[Key] = set()
    for draft in drafts:
        node: Statement | None = draft.statement
        if draft.is_followed and isinstance(node, For):
            node = node.init
        if isinstance(node, Declaration):
            found |= {
                each.variable.key
                for each in node.declarators
                if each.variable.scope is Scope.LOCAL
            }
    return found


def counter_of(draft: Draft) -> Key | None:
    """Return the counter of a worksharing loop."""
    if draft.kind != "for" or not isinstance(draft.statement, For):
        return None
    counted = counted_loop(draft.statement)
    return counted.counter.key if isinstance(counted, CountedLoop) else None


def copied_names(draft: Draft) -> set[str]:
    """Return the variables that a worksharing loop copies in or out.

    They must be shared in the region (OpenMP 5.2, sections 5.4.4, 5.4.5, 5.5.8).
    """
    verdict = draft.verdict
    if verdict is None:
        return set()
    found = {*verdict.lastprivate, *verdict.firstprivate}
    found |= {each.split(":")[0] for each in verdict.linear}
    found |= {each.name.split("[")[0] for each in verdict.reductions}
    return found | {each.name for each in verdict.updates}

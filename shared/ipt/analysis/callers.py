"""Who calls a function."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ipt.model import Call, walk

if TYPE_CHECKING:
    from ipt.model import Function, Program

__all__ = ["call_sites"]


def call_sites(program: Program) -> dict[str, list[tuple[Function, Call]]]:
    """Return who calls each function, and where, by the key of the function."""
    found: dict[str, list[tuple[Function, Call]]] = defaultdict(list)
    for function in program.bodies:
        for node in walk(function.body):
            if isinstance(node, Call):
                found[node.key].append((function, node))
    return found

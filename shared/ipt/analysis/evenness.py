"""Whether an inner loop has about as many iterations each time it is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.canonical import constant_value
from ipt.model import Binary, strip_casts

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipt.analysis.canonical import CountedLoop
    from ipt.model import Expression

__all__ = ["is_even"]


def is_even(loop: CountedLoop, depends: Callable[[Expression], bool]) -> bool:
    """Tell whether the trip counts of an inner loop differ by one at most.

    So they do in `for (j = 1 + i % 2; j < n; j += 2)`.

    Args:
        loop: The inner loop.
        depends: Tells whether an expression may have another value in another
            iteration of the outer loop.
    """
    lower, bound = _spread(loop.lower, depends), _spread(loop.bound, depends)
    if lower is None or bound is None:
        return False
    return lower + bound <= (0 if loop.step is None else abs(loop.step))


def _spread(node: Expression, depends: Callable[[Expression], bool]) -> int | None:
    """Return by how much a value differs between iterations, None if by any number."""
    node = strip_casts(node)
    if not depends(node):
        return 0
    if not isinstance(node, Binary):
        return None
    if node.op in ("+", "-"):
        left, right = _spread(node.left, depends), _spread(node.right, depends)
        return None if left is None or right is None else left + right
    limit = constant_value(node.right)
    if not limit or limit < 0:
        return None
    return {"%": limit - 1, "&": limit}.get(node.op)

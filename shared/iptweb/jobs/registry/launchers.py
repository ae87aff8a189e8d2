"""Launchers: what starts a parallel program, as a template with numbers to fill in."""

import re
from typing import Final

__all__ = ["fill_launcher"]

# `{processors}` is the older name of `{ranks}`.
_PLACEHOLDER: Final = re.compile(r"\{(ranks|processors|nodes)\}")


def fill_launcher(template: str, *, ranks: int, nodes: int = 1) -> str:
    """Return a launcher with its numbers, such as `mpirun -np 4`."""
    numbers = {"ranks": ranks, "processors": ranks, "nodes": nodes}
    return _PLACEHOLDER.sub(lambda found: str(numbers[found[1]]), template)

"""Whether a region costs less than starting the threads for each loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.model import DoWhile, For, While

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.regions.verdict import RegionPart

__all__ = ["Worth", "worth_of"]

# Measured with libgomp of GCC 12 and libomp of LLVM 19 on two cores: a start with
# its end takes 2.2 to 2.5 times as long as a barrier.  A loop around is taken
# to run this often.
_START, _WAIT = 9, 4
_TIMES = 10


@dataclass(frozen=True, slots=True)
class Worth:
    """What a region saves.

    Attributes:
        starts: How often threads would be started by a directive a loop.
        waits: How often threads wait for each other in the region.
        lost: What one thread would do alone that is worth sharing out, empty if
            there is nothing; that always weighs more than starting threads.
    """

    starts: int
    waits: int
    lost: str = ""

    @property
    def is_gain(self) -> bool:
        """Whether the region is likely to be faster."""
        if self.lost:
            return False
        return self.starts * _START > self.waits * _WAIT + _START

    @property
    def advice(self) -> str:
        """The reason, as a sentence without a full stop."""
        if self.starts == 0:
            return "no loop in it is worth sharing out"
        if self.lost:
            return f"one thread would do {self.lost}, which is worth sharing out"
        if not self.is_gain:
            return "threads would wait for each other as often as they are started now"
        return "threads are started once, and not for each loop"


def worth_of(parts: Sequence[RegionPart]) -> Worth:
    """Return what a region of some parts saves, each loop taken to run often."""
    starts = waits = 0
    for part in parts:
        inner = worth_of(part.parts)
        times = _TIMES if isinstance(part.statement, For | While | DoWhile) else 1
        starts += times * inner.starts
        waits += times * inner.waits + part.barrier
        waits += part.kind != "every" and not part.nowait
        starts += part.verdict is not None and part.verdict.is_recommended
    return Worth(starts, waits)

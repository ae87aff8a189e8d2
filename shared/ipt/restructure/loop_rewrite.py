"""What the rewrites of one loop have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipt.findings import Finding
    from ipt.model import For
    from ipt.restructure.study import Study

__all__ = ["LoopRewrite"]


@dataclass(frozen=True, slots=True, eq=False)
class LoopRewrite:
    """The part of a `Rewrite` that follows from its loop.

    Attributes:
        study: The loop.
    """

    study: Study

    @property
    def loop(self) -> For:
        """The loop that is rewritten."""
        return self.study.loop

    @property
    def counter(self) -> str:
        """The counter of the loop, which most rewrites keep."""
        return self.study.counted.counter.name

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Most rewrites cost nothing that their text does not show."""
        return ()

"""One job's container while it runs: what is known of it, what it has to keep to."""

import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agave_local.services.jobs.containers.box import FORCED, TIMED_OUT
from agave_local.services.jobs.containers.engine import Seen
from agave_local.services.jobs.order import Exit, Order
from agave_local.services.jobs.processes import descendants, identify, is_alive
from agave_local.services.jobs.supervise import GRACE_SECONDS, measure

# The container ends its program in its time by itself; this is for one that does not.
_LATE_SECONDS = 2.0
# A look at a large folder may take long; so much of the time is for other things.
_SHARE = 20


@dataclass(frozen=True)
class Pace:
    """How often containers are looked at, and how long they have.

    Attributes:
        look: seconds between two looks at what costs next to nothing.
        ask: seconds between two questions to the engine, for all containers at once.
        ask_often: the same while the machine itself does not tell of their ends.
        measure: seconds between two measurements of a job.
        grace: seconds between asking and forcing to end.
        patience: seconds for which a silent engine is asked about a job that must be
            over by now.
    """

    look: float = 0.05
    ask: float = 2.0
    ask_often: float = 0.5
    measure: float = 1.0
    grace: float = GRACE_SECONDS
    patience: float = 300.0


@dataclass
class Watched:
    """A job's container; all but `wanted` is for the thread that watches.

    Attributes:
        control: the job's private folder.
        order: what runs.
        container: its id.
        wanted: why it has to end; empty while it need not.
        force_at: when it is forced to.
        is_told: whether it was asked to.
        is_known: whether the engine has told of it since this process watches it.
        until: when its time is over.
        first: its process 1 on this machine; None where that can't be seen.
        doubts: how often the engine has said otherwise than this machine.
    """

    control: Path
    order: Order
    container: str
    wanted: str = ""
    force_at: float = math.inf
    is_told: bool = False
    is_known: bool = False
    until: float = math.inf
    first: dict[str, Any] | None = None
    doubts: int = 0
    _measure_at: float = field(default=0.0)

    def meet(self, seen: Seen, now: float) -> None:
        """Take what the engine tells of it for the first time."""
        self.is_known = True
        self.until = now + self.order.seconds - seen.seconds
        self.first = identify(seen.pid) if seen.pid else None

    def seems_over(self) -> bool:
        """Tell whether this machine shows that its process 1 has ended."""
        return self.first is not None and not is_alive(self.first)

    def is_late(self, now: float, grace: float) -> bool:
        """Tell whether it has not even ended a while after its time."""
        return now > self.until + grace + _LATE_SECONDS

    def excess(self, now: float, pace: Pace) -> str:
        """Return which of its limits it has passed that no wall holds; empty for none.

        Args:
            now: seconds that only grow.
            pace: how often to look.
        """
        if now < self._measure_at:
            return ""
        began = time.monotonic()
        found = self._excess()
        took = time.monotonic() - began
        self._measure_at = now + max(pace.measure, _SHARE * took)
        return found

    def to_exit(self, seen: Seen) -> Exit:
        """Return how it ended, as far as this tells."""
        if self.wanted:
            return Exit(self.wanted, seen.code)
        if seen.code in (TIMED_OUT, FORCED) and seen.seconds >= self.order.seconds:
            # The first is no word of the program's own.
            return Exit("time", None if seen.code == TIMED_OUT else seen.code)
        return Exit("exited", seen.code)

    def _excess(self) -> str:
        if self.first is not None and (
            len(descendants(int(self.first["pid"]))) > self.order.processes
        ):
            return "processes"
        if measure(Path(self.order.work)) > self.order.total_bytes:
            return "bytes"
        return ""

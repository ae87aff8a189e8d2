"""How much one execution may take."""

import re
from dataclasses import dataclass, replace

MAX_RUN_TIME_S = 600.0
_CONTAINER_MEMORY = 2 << 30
_CONTAINER_PROCESSES = 1024
_SIZE = re.compile(r"(\d{1,18})([bkmg]?)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Limits:
    """Bounds of every execution; its log and its frames have the contract's own.

    Attributes:
        run_time: seconds after which it is ended by force.
        memory: bytes, where its actor does not say; None for no limit.
        processes: at once; None for no limit.
        file_size: bytes of one file that it writes; None for no limit.
    """

    run_time: float = MAX_RUN_TIME_S
    memory: int | None = None
    processes: int | None = None
    file_size: int | None = None

    def memory_for(self, wanted: int | None) -> int | None:
        """Return the bytes of one execution; None for no limit.

        Args:
            wanted: by its actor; 0 for no limit.
        """
        return self.memory if wanted is None else wanted or None

    def for_containers(self) -> "Limits":
        """Return what containers get: nothing of theirs is without a limit.

        A process may start what outlives it, such as a terminal, which would inherit
        the limits; a container takes everything with it.
        """
        return replace(
            self,
            memory=self.memory or _CONTAINER_MEMORY,
            processes=self.processes or _CONTAINER_PROCESSES,
        )


def read_size(written: str) -> int:
    """Return docker's notation of a size in bytes.

    Raises:
        ValueError: where it is none.
    """
    match = _SIZE.fullmatch(written)
    if match is None:
        raise ValueError("A size is a number and one of b, k, m and g.")
    return int(match[1]) * int(1024 ** "bkmg".index(match[2].lower() or "b"))

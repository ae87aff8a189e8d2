"""Which terminals live where, as far as the hosts say.

Silence is not death: a terminal that no host tells of may live on one that did not
answer.  Whoever ends or gives up records asks `Census.is_gone`, never `living` alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .base import Launched

__all__ = ["Census", "newest"]


@dataclass(frozen=True)
class Census:
    """What all hosts said at one time.

    Attributes:
        living: Everything that lives, sorted by name and then by start; a terminal that
            two hosts have is there twice.
        silent: Each host that could not be asked, and why.
        free: Room for so many more on the hosts that answered, None for no limit.
        answered: Each host that could be asked.
        absent: Hosts that nobody can ask for now, but that may have terminals.
    """

    living: tuple[Launched, ...]
    silent: Mapping[str, str]
    free: int | None = None
    answered: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()

    def of(self, name: str) -> tuple[Launched, ...]:
        """Return what lives under a name, the newest first."""
        found = [launched for launched in self.living if launched.name == name]
        return tuple(sorted(found, key=age_key, reverse=True))

    def find(self, launch: str) -> Launched | None:
        """Return what lives of one launch."""
        return next((one for one in self.living if one.launch == launch), None)

    def is_gone(self, name: str, host: str) -> bool:
        """Return whether a terminal is known to live nowhere.

        Args:
            name: The record's name.
            host: Where the record says that it runs; where it says nothing, or names
                one that is none of ours any more, every host must have answered.
        """
        if any(launched.name == name for launched in self.living):
            return False
        if host in self.answered:
            return True
        return not self.silent and host not in self.absent


def newest(found: list[Launched]) -> Launched | None:
    """Return the one that was started last: the last word counts."""
    return max(found, key=age_key, default=None)


def age_key(launched: Launched) -> tuple[float, str]:
    """Return what terminals are ordered by, the same for everybody who looks."""
    return launched.started, launched.launch

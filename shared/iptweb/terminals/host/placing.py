"""Which of several hosts takes a new terminal."""

import hashlib
import math
from collections.abc import Mapping

from .asking import Member
from .base import Launched

__all__ = ["by_room", "is_too_much", "room"]


def room(member: Member, count: int) -> float:
    """Return how many more terminals a host takes."""
    if member.drain:
        return 0
    return max(0, member.capacity - count) if member.capacity else math.inf


def by_room(
    name: str, members: Mapping[str, Member], counts: Mapping[str, int]
) -> list[Member]:
    """Return the hosts that have room, the one with most of it first.

    Args:
        name: Of the terminal.
        members: All hosts, by name.
        counts: How many terminals live on each host that answered.
    """
    open_ones = [members[host] for host in counts if room(members[host], counts[host])]

    def key(member: Member) -> tuple[float, int, bytes]:
        count = counts[member.name]
        # Many who start at once see the same counts: the last part spreads them.
        spread = hashlib.sha256(f"{member.name}\0{name}".encode()).digest()
        return -room(member, count), count, spread

    return sorted(open_ones, key=key)


def is_too_much(member: Member, launched: Launched) -> bool:
    """Return whether a new terminal is over its host's limit.

    Several may have been started for the last place at the same time.  All that count
    afterwards come to the same order, so the newest give way and nobody else.
    """
    if not member.capacity:
        return False
    living = sorted(member.host.living(), key=lambda one: (one.started, one.name))
    ahead = [one.name for one in living[: member.capacity]]
    return len(living) > member.capacity and launched.name not in ahead

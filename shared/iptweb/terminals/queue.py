"""The line of those who wait for a place, because all hosts are full.

Each keeps their own place, in their own record; the line is all such records, the
longest waiting first.  Who stopped asking is passed over and keeps the place.
"""

from collections.abc import Iterable

from .record import TerminalRecord
from .states import Status

__all__ = ["in_order", "position_of"]

Place = tuple[str, str]


def position_of(
    record: TerminalRecord, others: Iterable[TerminalRecord], now: float
) -> int:
    """Return which one in line a record is, or would be: 1 for the next.

    Args:
        record: It may be in line or not.
        others: All records with a place, its own may be one of them.
        now: Seconds since the epoch.
    """
    has_place = record.keeps_place(now)
    own = place_of(record)
    before = (
        other
        for other in others
        if other.name != record.name
        and holds_up(other, now)
        and (not has_place or place_of(other) < own)
    )
    return 1 + sum(1 for _ in before)


def in_order(records: Iterable[TerminalRecord], now: float) -> list[TerminalRecord]:
    """Return those who wait, as they are to be served: who asks comes first."""
    waiting = [record for record in records if record.is_waiting]
    return sorted(waiting, key=lambda r: (not r.is_asked_for(now), place_of(r)))


def place_of(record: TerminalRecord) -> Place:
    """Return what places are ordered by, the same for everybody who looks."""
    return record.queued, record.name


def holds_up(record: TerminalRecord, now: float) -> bool:
    """Return whether those behind have to wait for this one."""
    if record.is_waiting:
        return record.is_asked_for(now)
    # It is first and being started: the place that became free is its own.
    is_starting = record.status is Status.SUBMITTED and not record.is_overdue(now)
    return is_starting and record.queued != ""

"""Schedules that keep the value of the last iteration."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipt.analysis import LoopVerdict

__all__ = ["schedule_argument"]

_FETCHED = ("dynamic", "guided", "runtime")


def schedule_argument(schedule: str, verdict: LoopVerdict) -> str:
    """Return the argument of a `schedule` clause.

    Where the last iteration's value is kept, threads must fetch iterations in
    increasing order.  LLVM's runtime library (19.1) lets threads take from
    each other otherwise, which OpenMP 5.0 allows (section 2.9.2), and then
    often does not know which one ran the last iteration.

    Args:
        schedule: Such as `dynamic,16`; empty for none.
        verdict: On the loop.
    """
    is_fetched = schedule.split(",", maxsplit=1)[0] in _FETCHED
    if is_fetched and (verdict.lastprivate or verdict.linear):
        return f"monotonic:{schedule}"
    return schedule

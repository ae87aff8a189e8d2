"""The hosts of an instance: which there are, what is on them, which of them drain."""

from collections.abc import Mapping, Sequence
from typing import Final

from iptweb.errors import NotFound
from iptweb.settings import Settings
from iptweb.terminals.drains import THIS_MACHINE, Drain
from iptweb.terminals.record import TerminalRecord
from iptweb.terminals.states import Status

from .answers import AdminHost

__all__ = ["find_host", "to_hosts"]

_UP: Final = (Status.SUBMITTED, Status.READY)


def find_host(settings: Settings, name: str) -> str:
    """Return the name of a host of the settings.

    Raises:
        NotFound: There is none of that name.
    """
    names = [host.name for host in settings.terminals.hosts] or [THIS_MACHINE]
    if name not in names:
        raise NotFound(f"There is no such host; there is {', '.join(names)}.")
    return name


def to_hosts(
    settings: Settings, drains: Mapping[str, Drain], records: Sequence[TerminalRecord]
) -> list[AdminHost]:
    """Return each host; none of them is asked, so the numbers are the records'.

    Args:
        settings: Of the instance.
        drains: What administrators drain, by host.
        records: All terminals, as they are to be read now.
    """
    up = [record.host for record in records if record.status in _UP and record.host]
    terminals = settings.terminals
    if not terminals.hosts:
        here = drains.get(THIS_MACHINE)
        capacity, drain = terminals.capacity, terminals.drain
        return [_to_host(THIS_MACHINE, capacity, len(up), here, by_settings=drain)]
    return [
        _to_host(
            host.name,
            host.capacity,
            up.count(host.name),
            drains.get(host.name),
            by_settings=host.drain,
        )
        for host in terminals.hosts
    ]


def _to_host(
    name: str, capacity: int, count: int, drain: Drain | None, *, by_settings: bool
) -> AdminHost:
    return {
        "name": name,
        "capacity": capacity or None,
        "terminals": count,
        "drained": by_settings or drain is not None,
        "drained_by": drain.by if drain else "",
        "drained_since": drain.since if drain else "",
        "drained_in_settings": by_settings,
    }

"""Hosts that administrators drain: no new terminals on them, running ones stay.

One document for each host that drains, all of one name: to drain is to add one, to end
that is to delete it, so two administrators never overwrite each other.  Whoever
chooses a host reads them first; the settings may drain a host, too, and only a
deployment changes these.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from iptweb.agave import Agave, MetadataItem
from iptweb.documents import delete_quietly, find_all
from iptweb.settings import Settings

from .record import to_time

__all__ = ["THIS_MACHINE", "Drain", "Drains", "drain_hosts"]

# What this machine is called where there are no execution hosts, whatever runs the
# terminals on it; an execution host's name never has a space.
THIS_MACHINE: Final = "this-machine"


@dataclass(frozen=True)
class Drain:
    """A host that drains.

    Attributes:
        host: Its name.
        by: Which administrator drains it.
        since: Since when.
    """

    host: str
    by: str
    since: str


class Drains:
    """The hosts of one instance that administrators drain.

    Args:
        agave: The tenant, with the service's token.
        owner: Name of the service account; documents of others don't count.
        instance: Name of the instance.
        clock: Seconds since the epoch.
    """

    def __init__(
        self, agave: Agave, owner: str, instance: str, clock: Callable[[], float]
    ) -> None:
        self._agave = agave
        self._owner = owner
        self._name = f"ipt-{instance}-drain"
        self._clock = clock

    def read(self) -> dict[str, Drain]:
        """Return what drains, by host; of several documents the oldest counts."""
        found: dict[str, Drain] = {}
        for item in self._documents():
            drain = read_drain(item)
            if drain is not None:
                found.setdefault(drain.host, drain)
        return found

    def begin(self, host: str, by: str) -> Drain:
        """Drain a host; one that drains already stays as it is."""
        known = self.read().get(host)
        if known is not None:
            return known
        drain = Drain(host, by, to_time(self._clock()))
        self._agave.add_metadata(self._name, dataclasses.asdict(drain))
        return drain

    def end(self, host: str) -> None:
        """Let a host take terminals again; one that does already is fine."""
        for item in self._documents():
            drain = read_drain(item)
            if drain is not None and drain.host == host:
                delete_quietly(self._agave, item.uuid)

    def _documents(self) -> list[MetadataItem]:
        found = find_all(self._agave, self._owner, {"name": self._name})
        own = [item for item in found if item.name == self._name]
        return sorted(own, key=lambda item: (item.created, item.uuid))


def read_drain(item: MetadataItem) -> Drain | None:
    """Return what a document says; None where it is none of ours."""
    value = item.value if isinstance(item.value, Mapping) else {}
    host, by, since = (str(value.get(name) or "") for name in ("host", "by", "since"))
    return Drain(host, by, since) if host else None


def drain_hosts(settings: Settings, drains: Mapping[str, Drain]) -> Settings:
    """Return the settings as a pool is to be made of them now."""
    if not drains:
        return settings
    terminals = settings.terminals
    hosts = tuple(
        dataclasses.replace(host, drain=host.drain or host.name in drains)
        for host in terminals.hosts
    )
    here = terminals.drain or (not hosts and THIS_MACHINE in drains)
    changed = dataclasses.replace(terminals, hosts=hosts, drain=here)
    return dataclasses.replace(settings, terminals=changed)

"""Where the records are: one document of the service account for each user."""

from collections.abc import Callable

from iptweb.agave import Agave
from iptweb.documents import find_single

from .record import TerminalRecord

__all__ = ["Stored", "TerminalStore"]


class Stored:
    """A record with its document; `uuid` is empty where there is none yet."""

    def __init__(self, uuid: str, record: TerminalRecord) -> None:
        self.uuid = uuid
        self.record = record


class TerminalStore:
    """Finds and writes the records of one instance.

    Args:
        agave: The tenant, with the service's token.
        owner: Name of the service account.
        instance: Name of the instance.
        clock: Seconds since the epoch.
    """

    def __init__(
        self, agave: Agave, owner: str, instance: str, clock: Callable[[], float]
    ) -> None:
        self._agave = agave
        self._owner = owner
        self._instance = instance
        self._clock = clock

    def read(self, user: str) -> Stored:
        """Return a user's record; a fresh one, not yet stored, if there is none."""
        name = TerminalRecord.name_of(user, self._instance)
        found = find_single(self._agave, name, self._owner)
        if found is None:
            fresh = TerminalRecord.new(user, self._instance, self._clock())
            return Stored("", fresh)
        record = TerminalRecord.from_value(found.value, user, self._instance)
        return Stored(found.uuid, record)

    def ensure(self, user: str) -> Stored:
        """Return a user's record and make it if there is none."""
        stored = self.read(user)
        if stored.uuid:
            return stored
        record = stored.record
        made = self._agave.add_metadata(record.name, record.to_value())
        self._agave.share_metadata(made.uuid, user, "READ")
        # Somebody else may have made one at the same time: the older one counts.
        return self.read(user)

    def write(self, stored: Stored, record: TerminalRecord) -> Stored:
        """Replace a record."""
        self._agave.update_metadata(stored.uuid, record.name, record.to_value())
        return Stored(stored.uuid, record)

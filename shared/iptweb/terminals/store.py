"""Where the records are: one document of the service account for each user."""

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from iptweb.agave import Agave, MetadataItem
from iptweb.documents import find_own, find_single
from iptweb.errors import AgaveRefused, BadRequest, RecordMoved
from iptweb.users import is_user_name

from .record import TerminalRecord
from .states import Status

__all__ = ["Stored", "TerminalStore"]

PAGE: Final = 100
# A wall against an endless list, far beyond what an instance has.
MOST_PAGES: Final = 200


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
        """Return a user's record and make it if there is none.

        Raises:
            RecordMoved: Others made one at the same moment, and theirs counts.
        """
        stored = self.read(user)
        if not stored.uuid:
            record = stored.record
            self._agave.add_metadata(record.name, record.to_value())
            # Somebody else may have made one at the same time: the older one counts.
            stored = self.read(user)
        record = stored.record
        if record.status is Status.PENDING and not record.is_waiting:
            # Nothing happened with it yet: whoever made it may have died before this.
            with unless_moved():
                self._agave.share_metadata(stored.uuid, user, "READ")
        return stored

    def write(self, stored: Stored, record: TerminalRecord) -> Stored:
        """Replace a record.

        Raises:
            RecordMoved: Its document was one of two, and the other one counts.
        """
        with unless_moved():
            self._agave.update_metadata(stored.uuid, record.name, record.to_value())
        return Stored(stored.uuid, record)

    def replace(self, stored: Stored, record: TerminalRecord) -> Stored:
        """Replace a record that was read some time ago.

        Where others have brought it further meanwhile, theirs stays and is returned.
        """
        current = self.read(record.user)
        now, then = current.record, stored.record
        if not current.uuid or (now.status, now.launch) != (then.status, then.launch):
            return current
        return self.write(current, record)

    def everybody(self) -> list[TerminalRecord]:
        """Return all records of the instance that can be read, sorted by name."""
        return self._find({})

    def in_line(self) -> list[TerminalRecord]:
        """Return all records that have a place in line."""
        found = self._find({"value.queued": {"$gt": ""}})
        return [record for record in found if record.queued]

    def is_known(self, name: str) -> bool:
        """Return whether any document of ours has that name, of whatever instance."""
        return bool(find_own(self._agave, name, self._owner))

    def _find(self, more: Mapping[str, Any]) -> list[TerminalRecord]:
        oldest: dict[str, MetadataItem] = {}
        for item in self._pages(more):
            known = oldest.get(item.name)
            if known is None or (item.created, item.uuid) < (known.created, known.uuid):
                oldest[item.name] = item
        read = (self._read_item(oldest[name]) for name in sorted(oldest))
        return [record for record in read if record is not None]

    def _pages(self, more: Mapping[str, Any]) -> Iterator[MetadataItem]:
        pattern = f"-{re.escape(self._instance)}-IPT$"
        query = {"owner": self._owner, "name": {"$regex": pattern}, **more}
        for number in range(MOST_PAGES):
            page = self._agave.find_metadata(query, limit=PAGE, offset=number * PAGE)
            yield from (item for item in page if item.owner == self._owner)
            if len(page) < PAGE:
                return

    def _read_item(self, item: MetadataItem) -> TerminalRecord | None:
        user = item.value.get("user") if isinstance(item.value, Mapping) else None
        if not is_user_name(user):
            return None
        try:
            return TerminalRecord.from_value(item.value, str(user), self._instance)
        except BadRequest:
            # `bob-my-dev-IPT` is of the instance `my-dev`, not of `dev`.
            return None


@contextlib.contextmanager
def unless_moved() -> Iterator[None]:
    """Tell a document that is gone from other refusals.

    Raises:
        RecordMoved: It is gone.
    """
    try:
        yield
    except AgaveRefused as error:
        if error.upstream_status != HTTPStatus.NOT_FOUND:
            raise
        raise RecordMoved(
            "Your terminal was changed by another request at the same moment. "
            "Try again."
        ) from error

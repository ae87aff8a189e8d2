"""What happened to the files: a record for each path, and its history.

A file has a record from the moment that somebody touches it through the API; a job or
a terminal may write files that have none. A record follows its file when that is
renamed or moved, and goes with it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agave_local.clock import Clock, Ids, to_iso
from agave_local.events import Event, Events
from agave_local.records.conditions import beginning, equal, identified
from agave_local.records.store import Document, Store
from agave_local.services.files.paths import Parts, to_path

RECORDS, HISTORY = "file_record", "file_event"
RAW = "raw"
_BATCH = 500
_DOWNLOAD = "DOWNLOAD"


@dataclass(frozen=True)
class Site:
    """A path of a system, whether or not something is there.

    Attributes:
        system_id: of the system.
        parts: names from its rootDir.
    """

    system_id: str
    parts: Parts

    @property
    def path(self) -> str:
        """The path from rootDir."""
        return to_path(self.parts)

    @property
    def key(self) -> str:
        """The id of its record."""
        return f"{self.system_id}:{self.path}"

    @property
    def below(self) -> str:
        """What the ids of records further down begin with."""
        return f"{self.key.rstrip('/')}/"


@dataclass(frozen=True)
class Note:
    """One thing that happened.

    Attributes:
        status: such as `STAGING_COMPLETED`.
        description: a sentence for people.
        values: further ones for templates of notifications.
    """

    status: str
    description: str
    values: Mapping[str, str] = field(default_factory=dict)


class Ledger:
    """The records of the files and their histories.

    Args:
        store: keeps kinds `file_record`, by system and path, and `file_event`, whose
            `parent` is the record's UUID.
        clock: dates what happens.
        ids: makes UUIDs.
        events: are told of everything.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids, events: Events) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._events = events

    def note(
        self, site: Site, who: str, owner: str, *notes: Note, **fields: Any
    ) -> Document:
        """Write down what happened at a path; the last note is its status.

        Args:
            site: the path; gets a record where it has none.
            who: did it.
            owner: of the file, for a new record.
            notes: in order.
            fields: of the record to change, such as `nativeFormat`.
        """
        now = self._clock.now()
        with self._store.transaction():
            record = self.find(site) or self._new(site, owner, now)
            record = {**record, **fields, "lastUpdated": to_iso(now)}
            for note in notes:
                if note.status != _DOWNLOAD:
                    record["status"] = note.status
                self._add(record, note, who, now)
            self._store.put(RECORDS, site.key, record)
            for note in notes:
                self._events.publish(_to_event(record, note, who))
        return record

    def find(self, site: Site) -> Document | None:
        """Return the record of a path, or None."""
        return self._store.get(RECORDS, site.key)

    def by_uuid(self, uuid: str) -> Document | None:
        """Return the record that has a UUID, or None."""
        found = self._store.select(RECORDS, equal("name", uuid), limit=1)
        return found[0] if found else None

    def uuids(self, sites: Iterable[Site]) -> dict[Parts, str]:
        """Return the UUIDs of those paths that have a record."""
        by_key = {site.key: site.parts for site in sites}
        keys = list(by_key)
        found: dict[Parts, str] = {}
        for start in range(0, len(keys), _BATCH):
            batch = identified(keys[start : start + _BATCH])
            for record in self._store.select(RECORDS, batch):
                key = f"{record['parent']}:{record['path']}"
                found[by_key[key]] = record["uuid"]
        return found

    def history(
        self, record: Document, limit: int | None, offset: int
    ) -> Iterator[Any]:
        """Return what happened to a file, the oldest first."""
        events = self._store.select(
            HISTORY, equal("parent", record["uuid"]), limit=limit, offset=offset
        )
        for event in events:
            yield {field: event[field] for field in _SHOWN}

    def move(self, old: Site, new: Site, owner: str) -> None:
        """Let the records of a path, and of all below, follow their files."""
        with self._store.transaction():
            self.forget(new)
            for record in self._at_and_below(old):
                path = new.path.rstrip("/") + record["path"][len(old.path) :]
                where = {"parent": new.system_id, "path": path, "owner": owner}
                moved = {**record, **where}
                self._store.delete(RECORDS, f"{old.system_id}:{record['path']}")
                self._store.insert(RECORDS, f"{new.system_id}:{path}", moved)

    def forget(self, site: Site) -> None:
        """Remove the records of a path and of all below, with their histories."""
        with self._store.transaction():
            for record in self._at_and_below(site):
                self._store.discard(HISTORY, equal("parent", record["uuid"]))
            self._store.delete(RECORDS, site.key)
            self._store.discard(RECORDS, beginning(site.below))

    def _at_and_below(self, site: Site) -> list[Document]:
        here = identified([site.key]) | beginning(site.below)
        return self._store.select(RECORDS, here)

    def _new(self, site: Site, owner: str, now: float) -> Document:
        uuid = self._ids.uuid(Ids.FILE)
        return {
            # The index on names finds a record by its UUID.
            "name": uuid,
            "uuid": uuid,
            "owner": owner,
            "parent": site.system_id,
            "path": site.path,
            "nativeFormat": RAW,
            "created": to_iso(now),
        }

    def _add(self, record: Document, note: Note, who: str, now: float) -> None:
        event = {
            "parent": record["uuid"],
            "status": note.status,
            "description": note.description,
            "created": to_iso(now),
            "createdBy": who,
        }
        if note.status == _DOWNLOAD and self._repeats(event):
            return
        self._store.insert(HISTORY, self._ids.uuid(Ids.FILE), event)

    def _repeats(self, event: Document) -> bool:
        """Tell whether the newest event is the same; many downloads are one line."""
        newest = self._store.select(
            HISTORY, equal("parent", event["parent"]), newest=True, limit=1
        )
        return bool(newest) and all(
            newest[0][field] == event[field] for field in ("status", "createdBy")
        )


_SHOWN = ("status", "created", "createdBy", "description")


def _to_event(record: Document, note: Note, who: str) -> Event:
    path = str(record["path"])
    values = {
        "UUID": record["uuid"],
        "EVENT": note.status,
        "STATUS": note.status,
        "NAME": path.rsplit("/", 1)[-1],
        "PATH": path,
        "SYSTEM": record["parent"],
        "OWNER": record["owner"],
        "SOURCE": str(record.get("source", "")),
        **note.values,
    }
    body = {
        "uuid": record["uuid"],
        "status": note.status,
        "message": note.description,
        "systemId": record["parent"],
        "path": path,
        "owner": record["owner"],
        "nativeFormat": record["nativeFormat"],
        "lastUpdated": record["lastUpdated"],
        "createdBy": who,
    }
    return Event(record["uuid"], note.status, record["owner"], values, body)

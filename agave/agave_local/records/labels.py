"""Labels of records: who may know of them, their tags; found fast by the database.

A service keeps permissions and tags within its records. A list of what somebody may
see would have to open each of them; so each label is written beside as well.
"""

from collections.abc import Callable, Iterable

from agave_local.call import Identity
from agave_local.records.conditions import (
    ALWAYS,
    Condition,
    accompanied,
    among,
    equal,
    parent_of,
)
from agave_local.records.store import Document, Store

EVERYBODY = "*"
_READY = "labels"


class Labels:
    """The labels of one sort on the records of one kind.

    Args:
        store: keeps kind `<kind>.<sort>`, and in kind `labels` what is complete.
        kind: of the records.
        sort: such as `reader`.
        read: reads the labels out of a record.
    """

    def __init__(
        self,
        store: Store,
        kind: str,
        sort: str,
        read: Callable[[Document], Iterable[str]],
    ) -> None:
        self._store = store
        self._kind = f"{kind}.{sort}"
        self._read = read
        # Data of an earlier version has none written yet.
        if store.get(_READY, self._kind) is None:
            with store.transaction():
                for record in store.find(kind):
                    self.note(record)
                store.put(_READY, self._kind, {"name": self._kind})

    def note(self, record: Document) -> None:
        """Write the labels of a record down; call it wherever they may change."""
        identifier: str = record["id"]
        with self._store.transaction():
            old = self._store.find(self._kind, parent=identifier)
            noted = {label["owner"] for label in old}
            wanted = set(self._read(record))
            for label in sorted(noted - wanted):
                self._store.delete(self._kind, f"{identifier}/{label}")
            for label in sorted(wanted - noted):
                self._store.put(
                    self._kind,
                    f"{identifier}/{label}",
                    {"owner": label, "parent": identifier},
                )

    def forget(self, identifier: str) -> None:
        """Forget the labels of a record."""
        self._store.discard(self._kind, equal("parent", identifier))

    def any_of(self, *labels: str) -> Condition:
        """Return the condition that a record has one of some labels."""
        return parent_of(self._kind, among("owner", labels))

    def visible_to(self, identity: Identity) -> Condition:
        """Return the condition that a caller owns a record or is one of its readers."""
        if identity.is_admin:
            return ALWAYS
        known = self.any_of(identity.username, EVERYBODY)
        return equal("owner", identity.username) | known

    def has(self, label: str) -> Condition:
        """Return the condition that a record has a label that many may have."""
        return accompanied(self._kind, label)

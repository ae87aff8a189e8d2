"""Which system is meant where nobody names one: one's own choice, or everybody's."""

from dataclasses import dataclass

from agave_local.records.conditions import equal
from agave_local.records.store import Document, Store

_KIND = "system_defaults"
_EVERYBODY = "*"
_TYPES = ("STORAGE", "EXECUTION")


@dataclass(frozen=True)
class Choice:
    """The systems that are somebody's defaults.

    Attributes:
        own: ids of the defaults of one caller, whoever chose them.
        everybodys: ids of those that everybody has who chose none.
    """

    own: frozenset[str]
    everybodys: frozenset[str]


class Defaults:
    """The default systems of each type.

    Args:
        store: keeps kind `system_defaults`.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, username: str | None, kind: str) -> str | None:
        """Return the id of somebody's own choice, or everybody's where None."""
        record = self._store.get(_KIND, _key(username, kind))
        return None if record is None else str(record["name"])

    def of(self, username: str) -> Choice:
        """Return the defaults that somebody has."""
        everybodys = {kind: self.find(None, kind) for kind in _TYPES}
        own = {self.find(username, kind) or everybodys[kind] for kind in _TYPES}
        return Choice(
            frozenset(filter(None, own)), frozenset(filter(None, everybodys.values()))
        )

    def set(self, username: str | None, system: Document, *, default: bool) -> None:
        """Make a system a default of its type; or no longer, where it was."""
        kind, system_id = system["type"], system["id"]
        if default:
            self._store.put(_KIND, _key(username, kind), {"name": system_id})
        elif self.find(username, kind) == system_id:
            self._store.delete(_KIND, _key(username, kind))

    def forget(self, system_id: str) -> None:
        """Make a system nobody's default."""
        self._store.discard(_KIND, equal("name", system_id))


def _key(username: str | None, kind: str) -> str:
    return f"{_EVERYBODY if username is None else username}/{kind}"

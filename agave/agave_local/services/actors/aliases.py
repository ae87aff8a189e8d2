"""Names for actors that stay when the actor is replaced (spec: Abaco, A.10)."""

from agave_local.errors import BadRequest, NotFound
from agave_local.records.store import Document, DuplicateDocument, Store
from agave_local.services.actors.identifiers import is_identifier
from agave_local.services.actors.permissions import Level

_KIND = "actors.alias"
_RESERVED = ["executions", "nonces", "logs", "messages", "adapters", "admin"]
_FORBIDDEN = "\\ \":/?#[]@!$&'()*+,;="
_LONGEST = 200


class Aliases:
    """All aliases, each with its permissions.

    Args:
        store: keeps kind `actors.alias`.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, alias: str, actor_id: str, owner: str) -> Document:
        """Add an alias of an actor.

        Raises:
            BadRequest: where the name is taken or cannot be one.
        """
        _check(alias)
        record = {
            "alias": alias,
            "actorId": actor_id,
            "owner": owner,
            "permissions": {owner: Level.UPDATE.name},
        }
        try:
            self._store.insert(_KIND, alias, record)
        except DuplicateDocument as error:
            raise BadRequest(f"Alias {alias} already exists.") from error
        return record

    def find(self, alias: str) -> Document | None:
        """Return an alias, or None."""
        return self._store.get(_KIND, alias)

    def get(self, alias: str) -> Document:
        """Return an alias.

        Raises:
            NotFound: where there is none of that name.
        """
        record = self.find(alias)
        if record is None:
            raise NotFound(f"No alias found: {alias}.")
        return record

    def every(self) -> list[Document]:
        """Return the aliases of the whole tenant."""
        return self._store.find(_KIND)

    def names_of(self, actor_id: str) -> set[str]:
        """Return the aliases of an actor."""
        return {a["alias"] for a in self._store.find(_KIND, actorId=actor_id)}

    def point(self, alias: str, actor_id: str) -> Document:
        """Give an alias to another actor."""
        record = self._store.update(
            _KIND, alias, lambda found: found | {"actorId": actor_id}
        )
        return self.get(alias) if record is None else record

    def grant(self, alias: str, username: str, level: Level) -> dict[str, str]:
        """Set a user's level; return everybody's."""

        def change(record: Document) -> Document:
            record["permissions"][username] = level.name
            return record

        record = self._store.update(_KIND, alias, change) or self.get(alias)
        permissions: dict[str, str] = record["permissions"]
        return permissions

    def remove(self, alias: str) -> None:
        """Forget an alias."""
        self._store.delete(_KIND, alias)


def _check(alias: str) -> None:
    if is_identifier(alias):
        raise BadRequest("Invalid alias description. Alias cannot be an Abaco hash id.")
    if alias in _RESERVED:
        raise BadRequest(
            f"{alias} is a reserved word. The following reserved words "
            f"cannot be used for an alias: {_RESERVED}."
        )
    for character in alias:
        if character in _FORBIDDEN:
            listed = ", ".join(f"'{each}'" for each in _FORBIDDEN)
            raise BadRequest(
                f"'{character}' is a forbidden character. The following characters "
                f"cannot be used for an alias: [{listed}]."
            )
    if not 0 < len(alias) <= _LONGEST or not alias.isprintable():
        raise BadRequest(
            f"Invalid alias description. An alias has 1 to {_LONGEST} "
            "printable characters."
        )

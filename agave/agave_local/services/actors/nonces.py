"""Nonces: keys to one actor or one alias, for callers without a token (A.10)."""

from agave_local.call import Identity
from agave_local.clock import Clock
from agave_local.errors import BadRequest
from agave_local.records.store import Document, Store
from agave_local.services.actors.identifiers import ActorIds
from agave_local.services.actors.permissions import Level

UNLIMITED = -1
NO_NONCE = "Nonce not found."
_KIND = "actors.nonce"


class Nonces:
    """All nonces, each bound to what it was made on.

    Args:
        store: keeps kind `actors.nonce`; `parent` is the actor's id or the alias.
        clock: stamps them.
        ids: names them.
        code: of the tenant.
    """

    def __init__(self, store: Store, clock: Clock, ids: ActorIds, code: str) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._code = code

    def add(
        self,
        parent: dict[str, str],
        owner: Identity,
        level: Level,
        uses: int,
        description: str,
    ) -> Document:
        """Add a nonce that speaks for its owner.

        Args:
            parent: `{"actorId": …}` or `{"alias": …}`.
            owner: its maker.
            level: that it has.
            uses: how often; -1 for ever.
            description: for people.

        Raises:
            BadRequest: for a number of uses that makes no sense.
        """
        if uses == 0 or uses < UNLIMITED:
            raise BadRequest(
                "The max uses parameter must be a positive integer or -1 "
                "(to denote unlimited uses)."
            )
        (identifier,) = parent.values()
        nonce = {
            "id": f"{self._code}_{self._ids.secret()}",
            "parent": identifier,
            **parent,
            "owner": owner.username,
            "roles": sorted(owner.roles),
            "level": level.name,
            "description": description,
            "maxUses": uses,
            "currentUses": 0,
            "remainingUses": uses,
            "created": self._clock.now(),
            "used": None,
        }
        self._store.insert(_KIND, str(nonce["id"]), nonce)
        return nonce

    def of(self, identifier: str) -> list[Document]:
        """Return the nonces of an actor or an alias."""
        return self._store.find(_KIND, parent=identifier)

    def get(self, identifier: str, nonce_id: str) -> Document:
        """Return a nonce.

        Raises:
            BadRequest: where the actor or alias has none of that id.
        """
        nonce = self._store.get(_KIND, nonce_id)
        if nonce is None or nonce["parent"] != identifier:
            raise BadRequest(NO_NONCE)
        return nonce

    def find(self, nonce_id: str) -> Document | None:
        """Return a nonce of whatever, or None."""
        return self._store.get(_KIND, nonce_id)

    def use(self, identifier: str, nonce_id: str, level: Level) -> Identity:
        """Use a nonce once; return whom it speaks for.

        Raises:
            BadRequest: where it is unknown, too weak (then it is not used up) or
                used up.
        """
        with self._store.transaction():
            nonce = self._store.get(_KIND, nonce_id)
            if nonce is None or nonce["parent"] != identifier:
                raise BadRequest("Nonce does not exist.")
            if Level[nonce["level"]] < level:
                raise BadRequest("Nonce does not have sufficient permissions level.")
            if nonce["remainingUses"] == 0:
                raise BadRequest("No remaining uses left for this nonce.")
            nonce["currentUses"] += 1
            nonce["used"] = self._clock.now()
            if nonce["maxUses"] != UNLIMITED:
                nonce["remainingUses"] -= 1
            self._store.put(_KIND, nonce_id, nonce)
        return Identity(nonce["owner"], frozenset(nonce["roles"]))

    def remove(self, identifier: str, nonce_id: str) -> None:
        """Forget a nonce.

        Raises:
            BadRequest: where the actor or alias has none of that id.
        """
        self.get(identifier, nonce_id)
        self._store.delete(_KIND, nonce_id)

    def remove_all(self, identifier: str) -> None:
        """Forget the nonces of an actor or alias that is deleted."""
        for nonce in self.of(identifier):
            self._store.delete(_KIND, nonce["id"])

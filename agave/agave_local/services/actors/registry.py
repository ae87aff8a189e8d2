"""The records of actors."""

from collections.abc import Callable, Mapping
from typing import Any

from agave_local.clock import Clock
from agave_local.records.conditions import among, equal, keyed
from agave_local.records.store import Document, Store
from agave_local.services.actors.errors import no_actor
from agave_local.services.actors.identifiers import ActorIds
from agave_local.services.actors.permissions import WORLD, Level, may

SUBMITTED, READY, ERROR, SHUTTING_DOWN = "SUBMITTED", "READY", "ERROR", "SHUTTING_DOWN"
ACTOR_KIND, _PAST = "actors.actor", "actors.past"
SPAWNER = "Spawner got an exception from call to start_worker. Exception:"


class Registry:
    """All actors, each with its permissions and its state.

    Args:
        store: keeps kinds `actors.actor` and `actors.past`.
        clock: stamps them.
        ids: names them.
        told: of each actor that became ready or cannot run, inside that change.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: ActorIds,
        told: Callable[[Document], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._told = told

    def add(
        self, described: Mapping[str, Any], owner: str, *, trusted: bool
    ) -> Document:
        """Add an actor; its creator may do everything with it.

        Args:
            described: checked description.
            owner: its creator.
            trusted: whether they may have processes of the tenant run.
        """
        now = self._clock.now()
        actor = {
            **_kept(described),
            "id": self._ids.new(),
            "owner": owner,
            "trusted": trusted,
            "created": now,
            "updated": now,
            "revision": 1,
            "state": {},
            "status": SUBMITTED,
            "statusMessage": "",
            "permissions": {owner: Level.UPDATE.name},
        }
        self._store.insert(ACTOR_KIND, actor["id"], actor)
        return actor

    def find(self, actor_id: str) -> Document | None:
        """Return an actor, or None."""
        return self._store.get(ACTOR_KIND, actor_id)

    def readable_by(self, username: str) -> list[Document]:
        """Return the actors that a user may read, administrators included."""
        named = keyed("permissions", (username, WORLD))
        return [
            actor
            for actor in self._store.select(ACTOR_KIND, named)
            if may(actor["permissions"], username, Level.READ)
        ]

    def every(self, **equal: str) -> list[Document]:
        """Return all actors with these values of fields."""
        return self._store.find(ACTOR_KIND, **equal)

    def unsettled(self, image: str, reason: str | None) -> list[Document]:
        """Return the actors that news of their image may change.

        Args:
            image: its name.
            reason: why it cannot run; None where it can.
        """
        which = equal("image", image)
        if reason is None:
            which &= among("status", (SUBMITTED, ERROR))
        return self._store.select(ACTOR_KIND, which)

    def revise(
        self,
        actor_id: str,
        described: Mapping[str, Any],
        username: str,
        *,
        trusted: bool,
        **also: Any,
    ) -> Document:
        """Replace an actor's description; who does so may do everything from now on.

        Another image, or `force`, makes a new revision that waits for its worker.

        Args:
            actor_id: of the actor.
            described: checked description.
            username: who does so.
            trusted: whether they may have processes of the tenant run.
            also: further fields of the record.

        Raises:
            NotFound: where the actor is gone.
        """

        def change(actor: Document) -> Document:
            again = described["force"] or described["image"] != actor["image"]
            actor |= _kept(described) | also
            actor["updated"] = self._clock.now()
            actor["trusted"] = trusted
            actor["permissions"][username] = Level.UPDATE.name
            if again:
                actor["status"] = SUBMITTED
                actor["revision"] += 1
            return actor

        actor = self._store.update(ACTOR_KIND, actor_id, change)
        if actor is None:
            raise no_actor(actor_id)
        return actor

    def change(self, actor_id: str, **fields: Any) -> Document | None:
        """Set fields of an actor; None where it is gone."""
        return self._store.update(ACTOR_KIND, actor_id, lambda actor: actor | fields)

    def grant(self, actor_id: str, username: str, level: Level) -> dict[str, str]:
        """Set a user's level; return everybody's.

        Raises:
            NotFound: where the actor is gone.
        """

        def change(actor: Document) -> Document:
            actor["permissions"][username] = level.name
            return actor

        actor = self._store.update(ACTOR_KIND, actor_id, change)
        if actor is None:
            raise no_actor(actor_id)
        permissions: dict[str, str] = actor["permissions"]
        return permissions

    def judge(self, actor: Document, reason: str | None) -> Document | None:
        """Record whether a worker could be started for an actor."""
        status, message = (READY, " ") if reason is None else (ERROR, SPAWNER + reason)
        if (actor["status"], actor["statusMessage"]) == (status, message):
            return actor

        def change(current: Document) -> Document:
            is_same = current["image"] == actor["image"]
            if is_same and current["status"] != SHUTTING_DOWN:
                current |= {"status": status, "statusMessage": message}
                self._told(current)
            return current

        return self._store.update(ACTOR_KIND, actor["id"], change)

    def condemn(self, actor_id: str, reason: str) -> Document | None:
        """Record that an actor's executions fail again and again."""

        def change(actor: Document) -> Document:
            if actor["status"] == READY:
                actor |= {"status": ERROR, "statusMessage": reason}
                self._told(actor)
            return actor

        return self._store.update(ACTOR_KIND, actor_id, change)

    def remove(self, actor_id: str) -> None:
        """Forget an actor; what its executions are summed up under remains."""
        with self._store.transaction():
            actor = self.find(actor_id)
            if actor is not None:
                past = {name: actor[name] for name in ("id", "image", "owner")}
                self._store.put(_PAST, actor_id, past)
                self._store.delete(ACTOR_KIND, actor_id)

    def past(self) -> list[Document]:
        """Return what is known of the actors that were deleted."""
        return self._store.find(_PAST)

    def count(self) -> tuple[int, int]:
        """Count the actors there are, and all that there ever were."""
        existing = self._store.tally(ACTOR_KIND)
        return existing, existing + self._store.tally(_PAST)


def _kept(described: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in described.items() if name != "force"}

"""Links: which actor gets whose events, and never in a circle (spec: Abaco, A.4).

An actor has at most one link, so what follows from one is a chain, not a tree.
"""

from contextlib import AbstractContextManager

from agave_local.call import Identity
from agave_local.errors import BadRequest
from agave_local.records.store import Document, Store
from agave_local.services.actors.access import allows
from agave_local.services.actors.aliases import Aliases
from agave_local.services.actors.permissions import Level
from agave_local.services.actors.registry import Registry

# The space at the end is Abaco's.
_NO_TARGET = (
    "Invalid link parameter; unable to retrieve linked actor data. The link must be "
    "a valid actor id or alias for which you have EXECUTE permission. "
)
_TO_ITSELF = "Invalid link parameter. An actor cannot link to itself."
_CYCLE = "Error: this update would result in a cycle of linked actors."


class Links:
    """Judges links, by id or by alias.

    Args:
        store: of the tenant.
        registry: of actors.
        aliases: under which actors may be linked to.
    """

    def __init__(self, store: Store, registry: Registry, aliases: Aliases) -> None:
        self._store = store
        self._registry = registry
        self._aliases = aliases

    def hold(self) -> AbstractContextManager[None]:
        """Keep all links as they are, while one is judged and then made."""
        return self._store.transaction()

    def check(
        self, link: str, identity: Identity, actor: Document | None = None
    ) -> None:
        """Let an actor link to another.

        Args:
            link: id or alias; nothing where empty.
            identity: who asks for it; they must be able to send it messages.
            actor: that is changed; None for a new one.

        Raises:
            BadRequest: for a link to nothing, to a stranger's, or in a circle.
        """
        if not link:
            return
        target = self.target(link)
        if target is None or not allows(identity, target, Level.EXECUTE):
            raise BadRequest(_NO_TARGET)
        if actor is None:
            return
        if target["id"] == actor["id"]:
            raise BadRequest(_TO_ITSELF)
        if self._leads_to(target, actor["id"], alias=None):
            raise BadRequest(_CYCLE)

    def check_alias(self, alias: str, actor: Document) -> None:
        """Let an alias, which others may link to, mean an actor from now on.

        Raises:
            BadRequest: where links through it would go in a circle.
        """
        if self._leads_to(actor, actor["id"], alias=alias):
            raise BadRequest(_CYCLE)

    def target(self, link: str) -> Document | None:
        """Return the actor that a link means now, or None."""
        alias = self._aliases.find(link)
        return self._registry.find(link if alias is None else alias["actorId"])

    def _leads_to(self, actor: Document, goal: str, *, alias: str | None) -> bool:
        """Tell whether links lead from an actor to a goal.

        Args:
            actor: where to begin.
            goal: id of an actor.
            alias: that is going to mean the goal.
        """
        seen: set[str] = set()
        following: Document | None = actor
        while following is not None and following["id"] not in seen:
            seen.add(following["id"])
            link = following["link"]
            if not link:
                return False
            if link == alias:
                return True
            following = self.target(link)
            if following is not None and following["id"] == goal:
                return True
        return False

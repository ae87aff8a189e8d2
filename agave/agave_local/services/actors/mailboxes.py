"""The mailboxes of all actors, and what each actor wants of its workers."""

import threading
from collections.abc import Callable

from agave_local.clock import Clock
from agave_local.records.store import Document
from agave_local.services.actors.identifiers import ActorIds
from agave_local.services.actors.mailbox import Mailbox
from agave_local.services.actors.workers import WORKERS, Crew, Plan

SYNC_HINT = "sync"


class Mailboxes:
    """One mailbox for each actor that was asked for; those that are gone share one.

    Args:
        ids: names workers.
        clock: stamps them.
        scales: whether workers come and go with the messages.
        exists: tells whether there is an actor of an id.
    """

    def __init__(
        self,
        ids: ActorIds,
        clock: Clock,
        *,
        scales: bool,
        exists: Callable[[str], bool],
    ) -> None:
        self._ids = ids
        self._clock = clock
        self._scales = scales
        self._exists = exists
        self._of_nobody = Mailbox(Crew("", ids.new, clock))
        self._of_nobody.close()
        self._lock = threading.Lock()
        self._mailboxes: dict[str, Mailbox] = {}

    def of(self, actor_id: str) -> Mailbox:
        """Return the mailbox of an actor."""
        with self._lock:
            mailbox = self._mailboxes.get(actor_id)
            if mailbox is None:
                if not self._exists(actor_id):
                    return self._of_nobody
                crew = Crew(actor_id, self._ids.new, self._clock)
                mailbox = self._mailboxes[actor_id] = Mailbox(crew)
            return mailbox

    def each(self) -> list[tuple[str, Mailbox]]:
        """Return all mailboxes with their actors' ids."""
        with self._lock:
            return list(self._mailboxes.items())

    def forget(self, actor_id: str) -> None:
        """Forget the mailbox of an actor that is gone."""
        with self._lock:
            self._mailboxes.pop(actor_id, None)

    def clear(self) -> None:
        """Forget all mailboxes."""
        with self._lock:
            self._mailboxes.clear()

    def plan(self, actor: Document) -> Plan:
        """Return what an actor wants of its workers."""
        return Plan(
            actor["image"],
            actor["revision"],
            limit=_limit(actor),
            # Those that share a state are served by one worker, as long as they live.
            scales=self._scales and actor["stateless"],
            keeps_one=SYNC_HINT in actor["hints"],
            alone=not actor["stateless"],
        )


def _limit(actor: Document) -> int:
    """Return how many workers an actor may have: one where they share a state."""
    if not actor["stateless"]:
        return 1
    return int(actor["maxWorkers"] or WORKERS)

"""Events of actors, for linked actors and webhooks (spec: Abaco, A.10).

change ─▶ `on_status`, `on_end` ─▶ outboxes, all in one transaction
       ─▶ a message to the linked actor, a POST to the webhook

An event that cannot be delivered is logged and forgotten, as Abaco does.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from agave_local.call import Identity
from agave_local.clock import Clock, to_iso
from agave_local.outgoing.policy import NotDelivered, Outgoing
from agave_local.records.store import Document, Store
from agave_local.services.actors.access import allows
from agave_local.services.actors.executions import Executions, Message
from agave_local.services.actors.identifiers import ActorIds
from agave_local.services.actors.outbox import Outbox
from agave_local.services.actors.permissions import Level
from agave_local.services.actors.registry import ERROR, READY

if TYPE_CHECKING:
    from agave_local.services.actors.engine import Engine
    from agave_local.services.actors.links import Links

EXECUTOR = "Abaco Event"
ACTOR_READY, ACTOR_ERROR = "ACTOR_READY", "ACTOR_ERROR"
EXECUTION_COMPLETE = "EXECUTION_COMPLETE"
WEBHOOK_S = 10.0
_JSON = "application/json"
_LINKED, _HOOK = "actors.linked", "actors.webhook"
_WEBHOOKS_AT_ONCE = 4
_MOST_OF_OWNER = 1_000
_MOST_WAITING = 1_000
_log = logging.getLogger(__name__)

FindActor = Callable[[str], Document | None]
FindIdentity = Callable[[str], Identity | None]


class ActorEvents:
    """Records events together with what they tell of, and delivers them.

    Args:
        store: keeps kinds `actors.linked` and `actors.webhook`.
        clock: stamps them.
        links: finds linked actors.
        find_actor: finds the actor of an execution.
        find_identity: tells who made a link.
        outgoing: reaches webhooks.
        code: of the tenant.
        api_server: address of the tenant.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        links: "Links",
        find_actor: FindActor,
        find_identity: FindIdentity,
        outgoing: Outgoing,
        code: str,
        api_server: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._links = links
        self._find_actor = find_actor
        self._find_identity = find_identity
        self._outgoing = outgoing
        self._code = code
        self._api_server = api_server
        self._send: Callable[[Document], None] | None = None
        self._linked = Outbox(
            store, _LINKED, self._tell_actor, threads=1, most=_MOST_OF_OWNER
        )
        self._hooks = Outbox(
            store,
            _HOOK,
            self._call_webhook,
            threads=_WEBHOOKS_AT_ONCE,
            most=_MOST_OF_OWNER,
        )

    def start(self, engine: "Engine", executions: Executions, ids: ActorIds) -> None:
        """Begin to deliver, first of all what an earlier process left.

        Args:
            engine: has messages to linked actors run.
            executions: takes them.
            ids: names them.
        """

        def send(document: Document) -> None:
            execution_id = self._accept(document, engine, executions, ids)
            if execution_id is not None:
                engine.admit(document["target"], execution_id, EXECUTOR)

        self._send = send
        self._linked.start()
        self._hooks.start()

    def stop(self) -> None:
        """Finish what is under way; the rest is kept for the next start."""
        self._linked.stop()
        self._hooks.stop()

    def wake(self) -> None:
        """Look whether anything was left behind, as where a disk was full."""
        self._linked.wake()
        self._hooks.wake()

    def on_status(self, actor: Document) -> None:
        """Record that an actor became ready, or cannot run."""
        if actor["status"] == READY:
            self._record(actor, ACTOR_READY, {})
        elif actor["status"] == ERROR:
            data = {"status_message": actor["statusMessage"]}
            self._record(actor, ACTOR_ERROR, data)

    def on_end(self, execution: Document) -> None:
        """Record that an execution which had begun has ended."""
        actor = self._find_actor(execution["parent"])
        if actor is not None and execution.get("started") is not None:
            data = {
                "execution_id": execution["id"],
                "status": execution["status"],
                "exit_code": execution["exitCode"],
            }
            self._record(actor, EXECUTION_COMPLETE, data)

    def _record(
        self, actor: Document, event_type: str, data: Mapping[str, Any]
    ) -> None:
        target = self._links.target(actor["link"]) if actor.get("link") else None
        webhook = actor.get("webhook") or ""
        if target is None and not webhook:
            return
        now = self._clock.now()
        body = {
            "tenant_id": self._code,
            "event_type": event_type,
            "event_time_utc": to_iso(now),
            "event_time_display": f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %X UTC}",
            "actor_id": actor["id"],
            "actor_dbid": f"{self._code}_{actor['id']}",
            "_abaco_link": "" if target is None else f"{self._code}_{target['id']}",
            "_abaco_webhook": webhook,
            **data,
        }
        document = {"parent": actor["id"], "owner": actor["owner"], "body": body}
        if target is not None:
            linker = actor.get("linker") or actor["owner"]
            linked = {"target": target["id"], "linker": linker}
            self._linked.insert({**document, **linked, "id": secrets.token_hex(16)})
        if webhook:
            hook = {"url": webhook, "id": secrets.token_hex(16)}
            self._hooks.insert({**document, **hook})

    def _tell_actor(self, document: Document) -> None:
        if self._send is not None:
            self._send(document)

    def _accept(
        self,
        document: Document,
        engine: "Engine",
        executions: Executions,
        ids: ActorIds,
    ) -> str | None:
        """Make an event a message, in one step: neither lost nor sent twice."""
        with self._store.transaction():
            self._store.delete(_LINKED, document["id"])
            target = self._find_actor(document["target"])
            if target is None or not self._may_send(document["linker"], target):
                _log.info("an event had no actor to go to any more")
                return None
            if engine.waiting(target["id"], EXECUTOR) >= _MOST_WAITING:
                _log.warning("too many events wait for an actor; one was dropped")
                return None
            execution_id = ids.new()
            message = Message(str(document["body"]), _JSON, EXECUTOR)
            executions.accept(execution_id, target["id"], message)
            return execution_id

    def _may_send(self, linker: str, target: Document) -> bool:
        """Tell whether who made the link could still send messages by hand."""
        identity = self._find_identity(linker) or Identity(linker, frozenset())
        return allows(identity, target, Level.EXECUTE)

    def _call_webhook(self, document: Document) -> None:
        body = {
            **document["body"],
            "_abaco_Content_Type": _JSON,
            "_abaco_username": EXECUTOR,
            "_abaco_api_server": self._api_server,
        }
        try:
            status = self._outgoing.post_json(
                document["url"], body, None, WEBHOOK_S, own_mailboxes=False
            )
        except NotDelivered as error:
            _log.info("a webhook was not called: %s", error)
        else:
            _log.debug("a webhook answered %d", status)

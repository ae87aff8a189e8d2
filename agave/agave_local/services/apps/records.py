"""The records of apps, and what else is written whenever one changes."""

from collections.abc import Callable

from agave_local.call import Identity
from agave_local.clock import Clock, Ids, to_iso
from agave_local.errors import NotFound
from agave_local.events import Event, Events
from agave_local.records.conditions import ALWAYS, Condition, equal
from agave_local.records.labels import EVERYBODY, Labels
from agave_local.records.store import Document, Store
from agave_local.services.apps.history import History
from agave_local.services.apps.permissions import readers_of

_KIND = "app"
_TOLD = ("id", "uuid", "name", "version", "owner", "revision", "isPublic", "available")
_EVENTS = {"CREATED": "CREATED", "PUBLISHED": "CREATED", "CLONED": "CREATED"}


class Records:
    """The records of apps.

    Args:
        store: keeps kinds `app`, `app_history`, and the labels of apps: `app.reader`,
            `app.tag` and `app.term`.
        clock: dates changes.
        ids: makes UUIDs.
        events: told of every change.

    Attributes:
        history: what happened to each app.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids, events: Events) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._events = events
        self.history = History(store, clock, ids)
        self._readers = Labels(store, _KIND, "reader", readers_of)
        self._tags = Labels(store, _KIND, "tag", lambda app: app.get("tags", ()))
        self._terms = Labels(store, _KIND, "term", lambda app: app.get("ontology", ()))

    def find(self, app_id: str) -> Document | None:
        """Return an app, or None."""
        return self._store.get(_KIND, app_id)

    def get(self, app_id: str) -> Document:
        """Return an app.

        Raises:
            NotFound: where there is none.
        """
        app = self.find(app_id)
        if app is None:
            raise unknown(app_id)
        return app

    def visible(
        self,
        identity: Identity,
        condition: Condition = ALWAYS,
        *,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Document]:
        """Return a page of the apps that a caller may read, the oldest first.

        Args:
            identity: the caller.
            condition: that the apps satisfy as well.
            limit: how many at most; all where None.
            offset: how many to leave out at the beginning.
        """
        condition = self._readers.visible_to(identity) & condition
        return self._store.select(_KIND, condition, limit=limit, offset=offset)

    def public(self) -> Condition:
        """Return the condition that an app is published."""
        # Few are; the label finds them, where the field would be looked for in all.
        return self._readers.any_of(EVERYBODY) & equal("isPublic", value=True)

    def tagged(self, tag: str) -> Condition:
        """Return the condition that an app has a tag."""
        return self._tags.has(tag)

    def classed(self, term: str) -> Condition:
        """Return the condition that an app has a term of an ontology."""
        return self._terms.has(term)

    def add(
        self,
        identity: Identity,
        identifier: str,
        description: Document,
        status: str = "CREATED",
    ) -> Document:
        """Add an app that is the caller's own.

        Args:
            identity: the caller.
            identifier: of the app.
            description: that is checked.
            status: what happened, for its history.
        """
        app = {
            "available": True,
            "isPublic": False,
            **description,
            "id": identifier,
            "uuid": self._ids.uuid(Ids.APP),
            "owner": identity.username,
            "pems": {},
            "lastModified": to_iso(self._clock.now()),
        }
        app.setdefault("revision", 1)
        self._put(app, status, identity)
        return app

    def change(
        self,
        identity: Identity,
        app_id: str,
        status: str,
        change: Callable[[Document], Document],
    ) -> Document:
        """Replace an app by what `change` makes of it, in one atomic step.

        Args:
            identity: who does it.
            app_id: of the app.
            status: what happens, for its history.
            change: makes the new record; its `lastModified` is set.

        Raises:
            NotFound: where there is none.
        """
        with self._store.transaction():
            app = change(self.get(app_id))
            app["lastModified"] = to_iso(self._clock.now())
            self._put(app, status, identity)
        return app

    def delete(self, app: Document) -> None:
        """Forget an app."""
        with self._store.transaction():
            # Those who are told may still look it up.
            self._tell(app, "DELETED")
            self._store.delete(_KIND, app["id"])
            for labels in (self._readers, self._tags, self._terms):
                labels.forget(app["id"])
            self.history.forget(app["id"])

    def _put(self, app: Document, status: str, identity: Identity) -> None:
        with self._store.transaction():
            self._store.put(_KIND, app["id"], app)
            for labels in (self._readers, self._tags, self._terms):
                labels.note(app)
            self.history.note(app["id"], status, identity.username)
            self._tell(app, _EVENTS.get(status, "UPDATED"))

    def _tell(self, app: Document, event: str) -> None:
        values = {"APP_ID": app["id"], "APP_NAME": app["name"]}
        body = {"app": {field: app.get(field) for field in _TOLD}}
        self._events.publish(Event(app["uuid"], event, app["owner"], values, body))


def unknown(app_id: str) -> NotFound:
    """Return the refusal of an app that is not there, or not for the caller."""
    return NotFound(f"There is no app {app_id}.")

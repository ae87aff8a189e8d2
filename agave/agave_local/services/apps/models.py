"""Apps: what a job runs, and who may run it."""

from collections.abc import Mapping
from typing import Any

from agave_local.call import Identity
from agave_local.clock import Clock, Ids
from agave_local.errors import BadRequest, Forbidden
from agave_local.events import Events
from agave_local.permissions import Permission, to_name
from agave_local.records.conditions import ALWAYS, Condition
from agave_local.records.store import Document, Store
from agave_local.services.apps.description import read_description
from agave_local.services.apps.permissions import permissions_of
from agave_local.services.apps.records import Records, unknown
from agave_local.services.systems.access import is_trusted
from agave_local.services.systems.models import Systems
from agave_local.services.systems.roles import Role

# What a copy may be made to have that its original has not.
_CLONED = ("name", "version", "executionSystem", "deploymentPath")
_COPIED_BY_TENANT = ("id", "uuid", "owner", "pems", "lastModified")


class Apps:
    """The apps of the tenant.

    Args:
        store: keeps kind `app`, by id, and what `Records` writes beside.
        clock: dates changes.
        ids: makes UUIDs.
        systems: where apps run.
        base_url: of the tenant, for links.
        events: told of every change.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        systems: Systems,
        base_url: str,
        *,
        events: Events | None = None,
    ) -> None:
        self._store = store
        self._systems = systems
        self._base_url = base_url
        self._records = Records(store, clock, ids, events or Events())

    def add(self, identity: Identity, body: Document) -> Document:
        """Register an app, or change one that the caller may write.

        Raises:
            BadRequest: naming the field that is wrong.
            Forbidden: for another's app, or a system the caller may not use.
        """
        description = read_description(body)
        self._check_systems(identity, description)
        identifier = f"{description['name']}-{description['version']}"
        with self._store.transaction():
            if self._records.find(identifier) is None:
                return self._records.add(identity, identifier, description)
            self._require_changeable(identity, identifier)
            return self._describe(identity, identifier, description)

    def update(self, identity: Identity, app_id: str, body: Document) -> Document:
        """Describe an app anew.

        Raises:
            BadRequest: for another name or version, or naming the field.
            Forbidden: for somebody who may not write it.
            NotFound: where there is none.
        """
        app = self._require_changeable(identity, app_id)
        body = {"name": app["name"], "version": app["version"], **body}
        description = read_description(body)
        if (description["name"], description["version"]) != (
            app["name"],
            app["version"],
        ):
            raise BadRequest(f"The name and version of {app_id} cannot change.")
        self._check_systems(identity, description)
        return self._describe(identity, app_id, description)

    def delete(self, identity: Identity, app_id: str) -> Document:
        """Forget an app; jobs that it ran stay.

        Returns:
            What it was.

        Raises:
            Forbidden: for somebody who may not write it.
            NotFound: where there is none.
        """
        app = self.require(identity, app_id, Permission.WRITE)
        self._records.delete(app)
        return app

    def get(self, app_id: str) -> Document:
        """Return an app, whoever asks.

        Raises:
            NotFound: where there is none.
        """
        return self._records.get(app_id)

    def require(
        self, identity: Identity, app_id: str, permission: Permission | str
    ) -> Document:
        """Return an app for which the caller has a permission.

        Args:
            identity: the caller.
            app_id: of the app.
            permission: `READ`, `WRITE` or `EXECUTE`.

        Raises:
            Forbidden: for somebody without it, or to run a disabled app.
            NotFound: where there is none, or none that the caller may know of.
        """
        wanted = Permission[permission] if isinstance(permission, str) else permission
        app = self.get(app_id)
        has = permissions_of(app, identity)
        if not has:
            raise unknown(app_id)
        if wanted not in has:
            raise Forbidden(f"You have no {wanted.name} permission on {app_id}.")
        if wanted is Permission.EXECUTE and not app["available"]:
            raise Forbidden(f"The app {app_id} is disabled.")
        return app

    def visible(
        self,
        identity: Identity,
        condition: Condition = ALWAYS,
        *,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Document]:
        """Return a page of the apps that a caller may read, the oldest first."""
        return self._records.visible(identity, condition, limit=limit, offset=offset)

    def public(self) -> Condition:
        """Return the condition that an app is published."""
        return self._records.public()

    def tagged(self, tag: str) -> Condition:
        """Return the condition that an app has a tag."""
        return self._records.tagged(tag)

    def classed(self, term: str) -> Condition:
        """Return the condition that an app has a term of an ontology."""
        return self._records.classed(term)

    def history(
        self, identity: Identity, app_id: str, limit: int, offset: int
    ) -> list[dict[str, Any]]:
        """Return a page of what happened to an app, the oldest first.

        Raises:
            Forbidden: for somebody who may not read it.
            NotFound: where there is none.
        """
        self.require(identity, app_id, Permission.READ)
        return self._records.history.of(app_id, limit, offset)

    def give(
        self,
        identity: Identity,
        app_id: str,
        username: str,
        permission: Permission,
    ) -> None:
        """Give somebody exactly a permission; NONE takes all away.

        Raises:
            BadRequest: for the owner, who has them all.
            Forbidden: for a caller who may not write the app.
            NotFound: where there is none.
        """
        app = self.require(identity, app_id, Permission.WRITE)
        if username == app["owner"]:
            raise BadRequest("The owner has every permission already.")

        def change(old: Document) -> Document:
            pems = {name: has for name, has in old["pems"].items() if name != username}
            if permission:
                pems[username] = to_name(permission)
            return {**old, "pems": pems}

        status = "PERMISSION_GRANT" if permission else "PERMISSION_REVOKE"
        self._records.change(identity, app_id, status, change)

    def take_all(self, identity: Identity, app_id: str) -> None:
        """Take every permission away, but the owner's.

        Raises:
            Forbidden: for a caller who may not write the app.
            NotFound: where there is none.
        """
        self.require(identity, app_id, Permission.WRITE)
        self._records.change(
            identity, app_id, "PERMISSION_REVOKE", lambda old: {**old, "pems": {}}
        )

    def set_available(
        self, identity: Identity, app_id: str, *, available: bool
    ) -> Document:
        """Enable or disable an app.

        Raises:
            Forbidden: for a caller who may not write the app.
            NotFound: where there is none.
        """
        self.require(identity, app_id, Permission.WRITE)
        status = "ENABLED" if available else "DISABLED"
        return self._records.change(
            identity, app_id, status, lambda old: {**old, "available": available}
        )

    def publish(self, identity: Identity, app_id: str) -> Document:
        """Make a copy that everybody may run, with the id `<id>u<n>`.

        Raises:
            Forbidden: for a caller who may not speak for the whole tenant, and is no
                publisher on a public system where the app runs.
            NotFound: where there is none.
        """
        app = self.require(identity, app_id, Permission.WRITE)
        self._check_publisher(identity, app)
        with self._store.transaction():
            number = 1
            while self._records.find(f"{app_id}u{number}") is not None:
                number += 1
            copied = {
                field: value
                for field, value in app.items()
                if field not in _COPIED_BY_TENANT
            }
            copied |= {"isPublic": True, "revision": number}
            # It stays its writer's, whoever publishes it.
            owner = Identity(app["owner"])
            return self._records.add(owner, f"{app_id}u{number}", copied, "PUBLISHED")

    def clone(
        self, identity: Identity, app_id: str, wanted: Mapping[str, Any]
    ) -> Document:
        """Make a private copy under another name or version.

        Args:
            identity: the caller.
            app_id: of the original.
            wanted: what the copy has that its original has not: `name`, `version`,
                `executionSystem`, `storageSystem`, `deploymentPath`.

        Raises:
            BadRequest: for a name and version that are taken or cannot be.
            Forbidden: for a system that the caller may not use.
            NotFound: where there is none.
        """
        app = self.require(identity, app_id, Permission.READ)
        changes = {field: wanted[field] for field in _CLONED if wanted.get(field)}
        if wanted.get("storageSystem"):
            changes["deploymentSystem"] = wanted["storageSystem"]
        description = read_description({**app, "available": True, **changes})
        if changes.keys() & {"executionSystem", "deploymentSystem"}:
            self._check_systems(identity, description)
        identifier = f"{description['name']}-{description['version']}"
        with self._store.transaction():
            if self._records.find(identifier) is not None:
                raise BadRequest(f"There is an app {identifier} already.")
            return self._records.add(identity, identifier, description, "CLONED")

    def link(self, app_id: str) -> str:
        """Return the address of an app."""
        return f"{self._base_url}/apps/v2/{app_id}"

    def _describe(
        self, identity: Identity, app_id: str, description: Document
    ) -> Document:
        kept = ("id", "uuid", "owner", "isPublic", "pems")

        def change(old: Document) -> Document:
            return {
                "available": old["available"],
                **description,
                **{field: old[field] for field in kept},
                "revision": old["revision"] + 1,
            }

        return self._records.change(identity, app_id, "UPDATED", change)

    def _require_changeable(self, identity: Identity, app_id: str) -> Document:
        """Return an app that a caller may describe anew.

        What somebody has published for everybody only a publisher makes something else.
        """
        app = self.require(identity, app_id, Permission.WRITE)
        if app["isPublic"]:
            self._check_publisher(identity, app)
        return app

    def _check_publisher(self, identity: Identity, app: Document) -> None:
        if is_trusted(identity):
            return
        system = self._systems.get(app["executionSystem"])
        # Of a system of one's own everybody is a publisher, so it has to be public.
        role = self._systems.role(identity, system["id"])
        if not system["public"] or role < Role.PUBLISHER:
            raise Forbidden(
                "Only a service account, an administrator or a PUBLISHER on the public "
                "system where it runs publishes an app."
            )

    def _check_systems(self, identity: Identity, description: Document) -> None:
        execution = self._systems.require(
            identity, description["executionSystem"], Role.USER
        )
        if execution["type"] != "EXECUTION":
            raise BadRequest(f"executionSystem: {execution['id']} only stores files.")
        if description.get("deploymentSystem"):
            self._systems.require(identity, description["deploymentSystem"], Role.GUEST)

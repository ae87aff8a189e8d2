"""Apps: what a job runs, and who may run it."""

from typing import Any

from agave_local.call import SERVICE_ROLE, Identity
from agave_local.clock import Clock, Ids, to_iso
from agave_local.errors import BadRequest, Forbidden, NotFound
from agave_local.permissions import WORLD, Permission, read_permission, to_name
from agave_local.services.apps.description import read_description
from agave_local.services.systems.models import Systems
from agave_local.services.systems.roles import Role
from agave_local.store import Document, Store

_KIND = "app"


class Apps:
    """The apps of the tenant.

    Args:
        store: keeps kind `app`, by id.
        clock: dates changes.
        ids: makes UUIDs.
        systems: where apps run.
        base_url: of the tenant, for links.
    """

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, systems: Systems, base_url: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._systems = systems
        self._base_url = base_url

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
            old = self._store.get(_KIND, identifier)
            if old is None:
                app = self._new(identity, identifier, description)
            else:
                self.require(identity, identifier, Permission.WRITE)
                app = self._changed(old, description)
            self._store.put(_KIND, identifier, app)
        return app

    def update(self, identity: Identity, app_id: str, body: Document) -> Document:
        """Describe an app anew.

        Raises:
            BadRequest: for another name or version, or naming the field.
            Forbidden: for somebody who may not write it.
            NotFound: where there is none.
        """
        app = self.require(identity, app_id, Permission.WRITE)
        body = {"name": app["name"], "version": app["version"], **body}
        description = read_description(body)
        if (description["name"], description["version"]) != (
            app["name"],
            app["version"],
        ):
            raise BadRequest(f"The name and version of {app_id} cannot change.")
        self._check_systems(identity, description)
        return self._replace(app_id, lambda old: self._changed(old, description))

    def delete(self, identity: Identity, app_id: str) -> None:
        """Forget an app; jobs that it ran stay.

        Raises:
            Forbidden: for somebody who may not write it.
            NotFound: where there is none.
        """
        self.require(identity, app_id, Permission.WRITE)
        self._store.delete(_KIND, app_id)

    def get(self, app_id: str) -> Document:
        """Return an app, whoever asks.

        Raises:
            NotFound: where there is none.
        """
        app = self._store.get(_KIND, app_id)
        if app is None:
            raise _not_found(app_id)
        return app

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
            raise _not_found(app_id)
        if wanted not in has:
            raise Forbidden(f"You have no {wanted.name} permission on {app_id}.")
        if wanted is Permission.EXECUTE and not app["available"]:
            raise Forbidden(f"The app {app_id} is disabled.")
        return app

    def visible(self, identity: Identity) -> list[Document]:
        """Return the apps that a caller may read, in order of creation."""
        return [
            app
            for app in self._store.find(_KIND)
            if Permission.READ in permissions_of(app, identity)
        ]

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

        self._replace(app_id, change)

    def take_all(self, identity: Identity, app_id: str) -> None:
        """Take every permission away, but the owner's.

        Raises:
            Forbidden: for a caller who may not write the app.
            NotFound: where there is none.
        """
        self.require(identity, app_id, Permission.WRITE)
        self._replace(app_id, lambda old: {**old, "pems": {}})

    def set_available(
        self, identity: Identity, app_id: str, *, available: bool
    ) -> Document:
        """Enable or disable an app.

        Raises:
            Forbidden: for a caller who may not write the app.
            NotFound: where there is none.
        """
        self.require(identity, app_id, Permission.WRITE)
        return self._replace(app_id, lambda old: {**old, "available": available})

    def publish(self, identity: Identity, app_id: str) -> Document:
        """Make a copy that everybody may run, with the id `<id>u<n>`.

        Raises:
            Forbidden: for a caller who may not speak for the whole tenant.
            NotFound: where there is none.
        """
        app = self.require(identity, app_id, Permission.WRITE)
        if not (identity.is_admin or SERVICE_ROLE in identity.roles):
            raise Forbidden("Only a service account or an administrator may do this.")
        with self._store.transaction():
            number = 1
            while self._store.get(_KIND, f"{app_id}u{number}") is not None:
                number += 1
            copy = {
                **app,
                "id": f"{app_id}u{number}",
                "uuid": self._ids.uuid(Ids.APP),
                "isPublic": True,
                "revision": number,
                "pems": {},
                "lastModified": to_iso(self._clock.now()),
            }
            self._store.insert(_KIND, copy["id"], copy)
        return copy

    def clone(
        self, identity: Identity, app_id: str, name: str, version: str
    ) -> Document:
        """Make a private copy under another name or version.

        Raises:
            BadRequest: for a name and version that are taken or cannot be.
            NotFound: where there is none.
        """
        app = self.require(identity, app_id, Permission.READ)
        description = read_description({**app, "name": name, "version": version})
        identifier = f"{description['name']}-{description['version']}"
        with self._store.transaction():
            if self._store.get(_KIND, identifier) is not None:
                raise BadRequest(f"There is an app {identifier} already.")
            copy = self._new(identity, identifier, description)
            self._store.insert(_KIND, identifier, copy)
        return copy

    def link(self, app_id: str) -> str:
        """Return the address of an app."""
        return f"{self._base_url}/apps/v2/{app_id}"

    def _check_systems(self, identity: Identity, description: Document) -> None:
        execution = self._systems.require(
            identity, description["executionSystem"], Role.USER
        )
        if execution["type"] != "EXECUTION":
            raise BadRequest(f"executionSystem: {execution['id']} only stores files.")
        if description.get("deploymentSystem"):
            self._systems.require(identity, description["deploymentSystem"], Role.GUEST)

    def _replace(self, app_id: str, change: Any) -> Document:
        app = self._store.update(_KIND, app_id, change)
        if app is None:
            raise _not_found(app_id)
        return app

    def _new(
        self, identity: Identity, identifier: str, description: Document
    ) -> Document:
        return {
            **description,
            "id": identifier,
            "uuid": self._ids.uuid(Ids.APP),
            "owner": identity.username,
            "isPublic": False,
            "available": True,
            "revision": 1,
            "pems": {},
            "lastModified": to_iso(self._clock.now()),
        }

    def _changed(self, old: Document, description: Document) -> Document:
        kept = ("id", "uuid", "owner", "isPublic", "available", "pems")
        return {
            **description,
            **{field: old[field] for field in kept},
            "revision": old["revision"] + 1,
            "lastModified": to_iso(self._clock.now()),
        }


def permissions_of(app: Document, identity: Identity) -> Permission:
    """Return what a caller may do with an app."""
    if identity.username == app["owner"] or identity.is_admin:
        return Permission.ALL
    has = Permission.NONE
    if app["isPublic"]:
        has |= Permission.READ_EXECUTE
    for name in (identity.username, *WORLD):
        has |= read_permission(app["pems"].get(name, "NONE"))
    return has


def _not_found(app_id: str) -> NotFound:
    return NotFound(f"There is no app {app_id}.")

"""Storage and execution systems: descriptions, roles and who may use them."""

from collections.abc import Iterable

from agave_local.call import Identity
from agave_local.clock import Clock, Ids
from agave_local.errors import BadRequest, Forbidden, NotFound
from agave_local.events import Events
from agave_local.records.cipher import Cipher
from agave_local.records.conditions import ALWAYS, Condition
from agave_local.records.store import Document, Store
from agave_local.services.systems.access import (
    check_enabled,
    check_local,
    check_published,
    check_trusted,
    check_usable,
    role_of,
)
from agave_local.services.systems.auth import Auth
from agave_local.services.systems.defaults import Choice, Defaults
from agave_local.services.systems.description import read_description
from agave_local.services.systems.records import Records, unknown
from agave_local.services.systems.roles import Role
from agave_local.services.systems.vault import Vault

_FORMER = "former_system"


class Systems:
    """The systems of the tenant.

    Args:
        store: keeps kinds `system`, `former_system`, `system.reader`,
            `system_credential` and `system_defaults`.
        clock: dates changes.
        ids: makes UUIDs.
        base_url: of the tenant, for links.
        events: told of every change.
        cipher: encrypts secrets; one whose key ends with the process if not given.

    Attributes:
        vault: the secrets.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        base_url: str,
        *,
        events: Events | None = None,
        cipher: Cipher | None = None,
    ) -> None:
        self._store = store
        self._base_url = base_url
        self._records = Records(store, clock, ids, events or Events())
        self._defaults = Defaults(store)
        self.vault = Vault(store, clock, cipher or Cipher(None))

    def add(self, identity: Identity, body: Document) -> Document:
        """Register a system, or change one that the caller administers.

        Raises:
            BadRequest: naming the field that is wrong.
            Forbidden: for another's system, or one on the tenant's own machine
                where the caller is neither service account nor administrator.
        """
        description, secrets = read_description(body)
        check_local(identity, description)
        identifier = description["id"]
        with self._store.transaction():
            old = self._records.find(identifier)
            if old is None:
                self._check_former(identity, identifier)
                system = self._records.add(identity, description)
            else:
                self.require(identity, identifier, Role.ADMIN)
                check_published(identity, old, description)
                system = self._records.describe(old, description)
            for part, hidden in secrets.items():
                auth = Auth(system[part]["auth"], hidden)
                self.vault.keep(identifier, part, auth)
        return system

    def update(self, identity: Identity, system_id: str, body: Document) -> Document:
        """Describe a system anew.

        Raises:
            BadRequest: for another id, or naming the field that is wrong.
            Forbidden: for somebody who does not administer it.
            NotFound: where there is none.
        """
        # One step, so that nobody adds a system of their own in place of one that is
        # deleted meanwhile.
        with self._store.transaction():
            self.require(identity, system_id, Role.ADMIN)
            if body.get("id", system_id) != system_id:
                raise BadRequest(f"The id of a system cannot change: {system_id}.")
            return self.add(identity, {**body, "id": system_id})

    def clone(self, identity: Identity, system_id: str, identifier: object) -> Document:
        """Make a private copy under another id, without the secrets.

        Raises:
            BadRequest: for an id that is taken or cannot be.
            Forbidden: for less than the role of user, or a system on the tenant's own
                machine where the caller is neither service account nor administrator.
            NotFound: where there is none.
        """
        system = self.require(identity, system_id, Role.USER)
        description, _ = read_description({**system, "id": identifier})
        check_local(identity, description)
        with self._store.transaction():
            if self._records.find(description["id"]) is not None:
                raise BadRequest(f"There is a system {description['id']} already.")
            self._check_former(identity, description["id"])
            return self._records.add(identity, description)

    def delete(self, identity: Identity, system_id: str) -> None:
        """Forget a system; its files stay where they are.

        Raises:
            Forbidden: for somebody who does not administer it.
            NotFound: where there is none.
        """
        system = self.require(identity, system_id, Role.ADMIN)
        with self._store.transaction():
            self._records.delete(system)
            if system["storage"]["protocol"] == "LOCAL":
                self._store.put(_FORMER, system_id, {"owner": system["owner"]})
            self.vault.forget(system_id)
            self._defaults.forget(system_id)

    def _check_former(self, identity: Identity, system_id: str) -> None:
        """Keep the files of a deleted system, which stay, from whoever likes its id."""
        former = self._store.get(_FORMER, system_id)
        if former is None or identity.is_admin:
            return
        if former["owner"] != identity.username:
            raise Forbidden(
                f"{system_id} was the system of somebody else, whose files are still "
                "there; choose another id, or ask an administrator."
            )

    def get(self, system_id: str) -> Document:
        """Return a system, whoever asks.

        Raises:
            NotFound: where there is none.
        """
        return self._records.get(system_id)

    def role(self, identity: Identity, system_id: str) -> Role:
        """Return what a caller is on a system.

        Raises:
            NotFound: where there is none.
        """
        return role_of(self.get(system_id), identity)

    def require(self, identity: Identity, system_id: str, role: Role) -> Document:
        """Return a system on which the caller has at least a role.

        Raises:
            Forbidden: for a lesser role, or a disabled system.
            NotFound: where there is none, or none that the caller may know of.
        """
        system = self.get(system_id)
        has = role_of(system, identity)
        if has is Role.NONE:
            raise unknown(system_id)
        if has < role:
            raise Forbidden(
                f"You have the role {has.name} on {system_id}; "
                f"this needs {role.name} or more."
            )
        if Role.USER <= role < Role.ADMIN:
            check_enabled(system)
        return system

    def use(self, identity: Identity, system_id: str, role: Role) -> Document:
        """Return a system whose files or processors are about to be used.

        Raises:
            Conflict: where the system is described as not being up.
            Forbidden: for a lesser role, or a disabled system.
            NotFound: where there is none, or none that the caller may know of.
        """
        system = self.require(identity, system_id, role)
        check_usable(system)
        return system

    def visible(
        self,
        identity: Identity,
        condition: Condition = ALWAYS,
        *,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Document]:
        """Return a page of the systems that a caller may know of, the oldest first."""
        return self._records.visible(identity, condition, limit=limit, offset=offset)

    def roles(self, system_id: str) -> dict[str, Role]:
        """Return the roles given on a system, its owner's first.

        Raises:
            NotFound: where there is none.
        """
        system = self.get(system_id)
        given = {name: Role[role] for name, role in system["roles"].items()}
        return {system["owner"]: Role.OWNER, **given}

    def give_role(
        self, identity: Identity, system_id: str, username: str, role: Role
    ) -> None:
        """Give somebody a role on a system; NONE takes it away.

        Raises:
            BadRequest: for the owner, whose role is fixed, or the role of owner.
            Forbidden: for a caller who does not administer it.
            NotFound: where there is none.
        """
        system = self.require(identity, system_id, Role.ADMIN)
        if username == system["owner"] or role is Role.OWNER:
            raise BadRequest("The role of owner can neither be given nor taken.")

        def change(record: Document) -> Document:
            roles = {
                name: old for name, old in record["roles"].items() if name != username
            }
            if role is not Role.NONE:
                roles[username] = role.name
            return {**record, "roles": roles}

        self._records.change(system_id, change)

    def take_roles(self, identity: Identity, system_id: str) -> None:
        """Take every role on a system away, but its owner's.

        Raises:
            Forbidden: for a caller who does not administer it.
            NotFound: where there is none.
        """
        self.require(identity, system_id, Role.ADMIN)
        self._records.set(system_id, roles={})

    def set_auth(
        self, identity: Identity, system_id: str, auth: Auth, parts: Iterable[str]
    ) -> None:
        """Replace how a system is signed in at where nobody says otherwise.

        Args:
            identity: who administers it.
            system_id: of the system.
            auth: the new sign-in.
            parts: of the description: `storage`, `login`.

        Raises:
            Forbidden: for a caller who does not administer it.
            NotFound: where there is none.
        """
        self.require(identity, system_id, Role.ADMIN)
        with self._store.transaction():
            for part in parts:
                old = self.get(system_id)[part]
                self._records.set(system_id, **{part: {**old, "auth": auth.shown}})
                self.vault.keep(system_id, part, auth)

    def set_available(
        self, identity: Identity, system_id: str, *, available: bool
    ) -> Document:
        """Enable or disable a system.

        Raises:
            Forbidden: for a caller who does not administer it.
            NotFound: where there is none.
        """
        self.require(identity, system_id, Role.ADMIN)
        return self._records.set(system_id, available=available)

    def set_status(self, identity: Identity, system_id: str, status: str) -> Document:
        """Say whether a system is up, as a monitor of it has found.

        Raises:
            Forbidden: for a caller who does not administer it.
            NotFound: where there is none.
        """
        self.require(identity, system_id, Role.ADMIN)
        return self._records.set(system_id, status=status)

    def set_public(
        self, identity: Identity, system_id: str, *, public: bool
    ) -> Document:
        """Open a system to everybody, or close it again.

        Raises:
            Forbidden: for a caller who may not speak for the whole tenant.
            NotFound: where there is none.
        """
        system = self.require(identity, system_id, Role.ADMIN)
        check_trusted(identity)
        with self._store.transaction():
            if not public:
                self._defaults.set(None, system, default=False)
            return self._records.set(system_id, public=public)

    def set_default(
        self, identity: Identity, system_id: str, *, default: bool, everybody: bool
    ) -> Document:
        """Make a system the default of its type, for the caller or for everybody.

        Raises:
            BadRequest: for a private system as everybody's default.
            Forbidden: for a caller who may not speak for the whole tenant.
            NotFound: where there is none.
        """
        system = self.require(identity, system_id, Role.USER)
        if everybody:
            check_trusted(identity)
            if not system["public"]:
                raise BadRequest(f"Publish {system_id} before making it the default.")
        who = None if everybody else identity.username
        self._defaults.set(who, system, default=default)
        return system

    def default(self, identity: Identity, kind: str = "STORAGE") -> Document:
        """Return the caller's default system of a type.

        Raises:
            NotFound: where there is none.
        """
        for who in (identity.username, None):
            system_id = self._defaults.find(who, kind)
            if system_id is not None and self.role(identity, system_id) > Role.NONE:
                return self.get(system_id)
        raise NotFound(f"You have no default {kind.lower()} system.")

    def defaults_of(self, identity: Identity) -> Choice:
        """Return the ids of the caller's default systems."""
        return self._defaults.of(identity.username)

    def link(self, system_id: str) -> str:
        """Return the address of a system."""
        return f"{self._base_url}/systems/v2/{system_id}"

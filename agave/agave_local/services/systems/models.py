"""Storage and execution systems: descriptions, roles and who may use them."""

from typing import Any

from agave_local.call import SERVICE_ROLE, Identity
from agave_local.clock import Clock, Ids, to_iso
from agave_local.errors import BadRequest, Forbidden, NotFound
from agave_local.services.systems.description import read_description, take_secrets
from agave_local.services.systems.roles import Role
from agave_local.store import Document, Store

_KIND = "system"
# The database is the only place that holds them; no view reads this kind.
_SECRETS = "system_secrets"
_DEFAULTS = "system_defaults"
_EVERYBODY = "*"


class Systems:
    """The systems of the tenant.

    Args:
        store: keeps kinds `system`, `system_secrets` and `system_defaults`.
        clock: dates changes.
        ids: makes UUIDs.
        base_url: of the tenant, for links.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids, base_url: str) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._base_url = base_url

    def add(self, identity: Identity, body: Document) -> Document:
        """Register a system, or change one that the caller administers.

        Raises:
            BadRequest: naming the field that is wrong.
            Forbidden: for another's system, or one on the tenant's own machine
                where the caller is neither service account nor administrator.
        """
        description = read_description(body)
        if "LOCAL" in _protocols(description) and not _is_trusted(identity):
            raise Forbidden(
                "Only a service account or an administrator registers systems on "
                "the tenant's own machine (protocol LOCAL)."
            )
        description, secrets = take_secrets(description)
        identifier = description["id"]
        with self._store.transaction():
            old = self._store.get(_KIND, identifier)
            if old is None:
                system = self._new(identity, description)
            else:
                self.require(identity, identifier, Role.ADMIN)
                system = self._changed(old, description)
            self._store.put(_KIND, identifier, system)
            if secrets:
                self._store.put(_SECRETS, identifier, secrets)
        return system

    def update(self, identity: Identity, system_id: str, body: Document) -> Document:
        """Describe a system anew.

        Raises:
            BadRequest: for another id, or naming the field that is wrong.
            Forbidden: for somebody who does not administer it.
            NotFound: where there is none.
        """
        self.require(identity, system_id, Role.ADMIN)
        if body.get("id", system_id) != system_id:
            raise BadRequest(f"The id of a system cannot change: {system_id}.")
        return self.add(identity, {**body, "id": system_id})

    def delete(self, identity: Identity, system_id: str) -> None:
        """Forget a system; its files stay where they are.

        Raises:
            Forbidden: for somebody who does not administer it.
            NotFound: where there is none.
        """
        self.require(identity, system_id, Role.ADMIN)
        with self._store.transaction():
            self._store.delete(_KIND, system_id)
            self._store.delete(_SECRETS, system_id)
            self._store.delete_where(_DEFAULTS, name=system_id)

    def get(self, system_id: str) -> Document:
        """Return a system, whoever asks.

        Raises:
            NotFound: where there is none.
        """
        system = self._store.get(_KIND, system_id)
        if system is None:
            raise _not_found(system_id)
        return system

    def role(self, identity: Identity, system_id: str) -> Role:
        """Return what a caller is on a system.

        Raises:
            NotFound: where there is none.
        """
        return _role(self.get(system_id), identity)

    def require(self, identity: Identity, system_id: str, role: Role) -> Document:
        """Return a system on which the caller has at least a role.

        Raises:
            Forbidden: for a lesser role, or a disabled system.
            NotFound: where there is none, or none that the caller may know of.
        """
        system = self.get(system_id)
        has = _role(system, identity)
        if has is Role.NONE:
            raise _not_found(system_id)
        if has < role:
            raise Forbidden(
                f"You have the role {has.name} on {system_id}; "
                f"this needs {role.name} or more."
            )
        if not system["available"] and Role.USER <= role < Role.ADMIN:
            raise Forbidden(f"The system {system_id} is disabled.")
        return system

    def visible(self, identity: Identity) -> list[Document]:
        """Return the systems that a caller may know of, in order of creation."""
        return [
            system
            for system in self._store.find(_KIND)
            if _role(system, identity) > Role.NONE
        ]

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

        self._store.update(_KIND, system_id, change)

    def take_roles(self, identity: Identity, system_id: str) -> None:
        """Take every role on a system away, but its owner's.

        Raises:
            Forbidden: for a caller who does not administer it.
            NotFound: where there is none.
        """
        self.require(identity, system_id, Role.ADMIN)
        self._store.update(_KIND, system_id, lambda record: {**record, "roles": {}})

    def set_available(
        self, identity: Identity, system_id: str, *, available: bool
    ) -> Document:
        """Enable or disable a system.

        Raises:
            Forbidden: for a caller who does not administer it.
            NotFound: where there is none.
        """
        self.require(identity, system_id, Role.ADMIN)
        return self._set(system_id, available=available)

    def set_public(
        self, identity: Identity, system_id: str, *, public: bool
    ) -> Document:
        """Open a system to everybody, or close it again.

        Raises:
            Forbidden: for a caller who may not speak for the whole tenant.
            NotFound: where there is none.
        """
        self.require(identity, system_id, Role.ADMIN)
        _check_trusted(identity)
        if not public:
            self._store.delete(_DEFAULTS, f"{_EVERYBODY}/{self.get(system_id)['type']}")
        return self._set(system_id, public=public)

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
            _check_trusted(identity)
            if not system["public"]:
                raise BadRequest(f"Publish {system_id} before making it the default.")
        key = f"{_EVERYBODY if everybody else identity.username}/{system['type']}"
        if default:
            self._store.put(_DEFAULTS, key, {"name": system_id})
        elif self._default(key) == system_id:
            self._store.delete(_DEFAULTS, key)
        return system

    def default(self, identity: Identity, kind: str = "STORAGE") -> Document:
        """Return the caller's default system of a type.

        Raises:
            NotFound: where there is none.
        """
        for who in (identity.username, _EVERYBODY):
            system_id = self._default(f"{who}/{kind}")
            if system_id is not None and self.role(identity, system_id) > Role.NONE:
                return self.get(system_id)
        raise NotFound(f"You have no default {kind.lower()} system.")

    def is_default(self, identity: Identity, system: Document) -> tuple[bool, bool]:
        """Tell whether a system is the caller's default, and everybody's."""
        mine = self._default(f"{identity.username}/{system['type']}")
        everybodys = self._default(f"{_EVERYBODY}/{system['type']}")
        return (mine or everybodys) == system["id"], everybodys == system["id"]

    def link(self, system_id: str) -> str:
        """Return the address of a system."""
        return f"{self._base_url}/systems/v2/{system_id}"

    def _default(self, key: str) -> str | None:
        record = self._store.get(_DEFAULTS, key)
        return None if record is None else str(record["name"])

    def _set(self, system_id: str, **fields: Any) -> Document:
        stamp = to_iso(self._clock.now())
        system = self._store.update(
            _KIND,
            system_id,
            lambda record: {**record, **fields, "lastModified": stamp},
        )
        if system is None:
            raise _not_found(system_id)
        return system

    def _new(self, identity: Identity, description: Document) -> Document:
        return {
            **description,
            "uuid": self._ids.uuid(Ids.SYSTEM),
            "owner": identity.username,
            "public": False,
            "available": True,
            "revision": 1,
            "roles": {},
            "lastModified": to_iso(self._clock.now()),
        }

    def _changed(self, old: Document, description: Document) -> Document:
        kept = ("uuid", "owner", "public", "roles")
        return {
            **description,
            **{field: old[field] for field in kept},
            "available": description.get("available", old["available"]),
            "revision": old["revision"] + 1,
            "lastModified": to_iso(self._clock.now()),
        }


def _role(system: Document, identity: Identity) -> Role:
    """Everybody is a user of a public system; the tenant's administrators run all."""
    if identity.username == system["owner"]:
        return Role.OWNER
    given = Role[system["roles"].get(identity.username, "NONE")]
    if identity.is_admin:
        return max(given, Role.ADMIN)
    return max(given, Role.USER) if system["public"] else given


def _protocols(description: Document) -> set[str]:
    return {
        str(description[part].get("protocol"))
        for part in ("storage", "login")
        if isinstance(description.get(part), dict)
    }


def _is_trusted(identity: Identity) -> bool:
    return identity.is_admin or SERVICE_ROLE in identity.roles


def _check_trusted(identity: Identity) -> None:
    if not _is_trusted(identity):
        raise Forbidden("Only a service account or an administrator may do this.")


def _not_found(system_id: str) -> NotFound:
    return NotFound(f"There is no system {system_id}.")

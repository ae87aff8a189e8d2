"""Roles of accounts: those that the tenant knows, and those made by administrators."""

from collections.abc import Iterable

from agave_local.call import ADMIN_ROLE, SERVICE_ROLE, Identity
from agave_local.clock import Clock, to_iso
from agave_local.errors import BadRequest, Conflict, NotFound
from agave_local.records.conditions import holds
from agave_local.records.store import Document, DuplicateDocument, Store
from agave_local.services.admin.names import check_role_name
from agave_local.services.profiles.models import EVERYONE, Profiles

_KIND = "role"
# What these let their bearers do is written where it is done.
BUILT_IN = (
    EVERYONE,
    ADMIN_ROLE,
    SERVICE_ROLE,
    "Internal/abaco-privileged",
    "Internal/abaco-user",
    "Internal/abaco-limited",
)


class Roles:
    """The roles of the tenant, and who has them.

    Args:
        store: keeps kind `role`: those that administrators made.
        clock: dates them.
        profiles: the accounts, which hold their roles.
    """

    def __init__(self, store: Store, clock: Clock, profiles: Profiles) -> None:
        self._store = store
        self._clock = clock
        self._profiles = profiles

    def all(self) -> list[str]:
        """Return the names of all roles, the tenant's own first."""
        return [*BUILT_IN, *(role["name"] for role in self._store.find(_KIND))]

    def check(self, role: str) -> str:
        """Return a role that there is.

        Raises:
            NotFound: where there is none.
        """
        if role not in BUILT_IN and self._store.get(_KIND, role) is None:
            raise NotFound(f"There is no role {role}.")
        return role

    def add(self, role: object) -> str:
        """Make a role, which means what those make of it who ask for it.

        Raises:
            BadRequest: for a name that cannot be.
            Conflict: for one that is taken.
        """
        name = check_role_name(role)
        if name in BUILT_IN:
            raise Conflict(f"There is a role {name} already.")
        made = {"name": name, "created": to_iso(self._clock.now())}
        try:
            self._store.insert(_KIND, name, made)
        except DuplicateDocument as error:
            raise Conflict(f"There is a role {name} already.") from error
        return name

    def delete(self, role: str) -> None:
        """Forget a role, and take it from everybody.

        Raises:
            Conflict: for one of the tenant's own.
            NotFound: where there is none.
        """
        if self.check(role) in BUILT_IN:
            raise Conflict(f"{role} is the tenant's own role; it stays.")
        with self._store.transaction():
            for account in self._bearers(role):
                self._profiles.change_roles(
                    account["username"], lambda roles: roles - {role}
                )
            self._store.delete(_KIND, role)

    def accounts(self, role: str) -> list[str]:
        """Return the names of the accounts that have a role.

        Raises:
            NotFound: where there is no such role.
        """
        return [account["username"] for account in self._bearers(self.check(role))]

    def give(self, username: str, role: str) -> Document:
        """Give an account a role, and return its profile.

        Raises:
            NotFound: where there is no such account or role.
        """
        self.check(role)
        return self._profiles.change_roles(username, lambda roles: roles | {role})

    def take(self, identity: Identity, username: str, role: str) -> Document:
        """Take a role from an account, and return its profile.

        Raises:
            BadRequest: for the role of everybody, or the caller's own administration.
            NotFound: for an account or role that there is not, or not given.
        """
        self.check(role)
        profile = self._profiles.get(username)
        if role not in profile["roles"]:
            raise NotFound(f"{username} does not have the role {role}.")
        self._check_kept(identity, username, {*profile["roles"]} - {role})
        return self._profiles.change_roles(username, lambda roles: roles - {role})

    def replace(
        self, identity: Identity, username: str, roles: Iterable[str]
    ) -> Document:
        """Give an account exactly some roles, besides everybody's.

        Raises:
            BadRequest: for the caller's own administration, which must stay.
            NotFound: where there is no such account, or one of the roles.
        """
        wanted = {self.check(role) for role in roles} | {EVERYONE}
        self._check_kept(identity, username, wanted)
        return self._profiles.change_roles(username, lambda _: wanted)

    def _check_kept(
        self, identity: Identity, username: str, roles: Iterable[str]
    ) -> None:
        kept = set(roles)
        if EVERYONE not in kept:
            raise BadRequest(f"Every account has the role {EVERYONE}.")
        # So there is always somebody left who can give it back.
        if username == identity.username and ADMIN_ROLE not in kept:
            raise BadRequest("Nobody takes the own administration away.")

    def _bearers(self, role: str) -> list[Document]:
        return self._profiles.all(holds("roles", role))

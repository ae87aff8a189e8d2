"""Accounts of the tenant: who there is, with which roles, and their passwords."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from agave_local.call import Identity
from agave_local.clock import Clock, Ids, to_iso
from agave_local.errors import BadRequest, Conflict, NotFound, Unauthorized
from agave_local.permissions import WORLD
from agave_local.records.conditions import ALWAYS, Condition
from agave_local.records.store import Document, DuplicateDocument, Store
from agave_local.services.oauth.kinds import ACCESS, CODE, REFRESH
from agave_local.services.profiles.backoff import Backoff
from agave_local.services.profiles.passwords import (
    PASSWORD_COST,
    check_password,
    hash_password,
    is_password,
    no_password,
)

EVERYONE = "Internal/everyone"
ACTIVE, INACTIVE = "Active", "Inactive"
_KIND = "profile"
# A name is never given twice: what its first bearer left would be the second's.
_DELETED = "profile_deleted"
_USERNAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,31}")
_REFUSED = "The user name or the password is not right."


class Profiles:
    """The accounts, and the check of their passwords.

    Args:
        store: keeps kinds `profile` and `profile_deleted`, by user name.
        clock: dates profiles and spaces out failed sign-ins.
        ids: makes the UUIDs.
        cost: scrypt's `n`, a power of two.
    """

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, cost: int = PASSWORD_COST
    ) -> None:
        self._cost = cost
        self._store = store
        self._clock = clock
        self._ids = ids
        self._backoff = Backoff(clock)
        # Checked for unknown names, so that they cost the same time.
        self._nobody = no_password(cost)

    def add(
        self,
        username: str,
        password: str,
        *,
        roles: Iterable[str] = (),
        full_name: str = "",
        email: str = "",
        details: Mapping[str, str] | None = None,
    ) -> Document:
        """Create an account.

        Args:
            username: lower-case letters, digits, `.`, `_`, `-`; at most 32.
            password: of any length but zero.
            roles: besides `Internal/everyone`.
            full_name: of the person; the user name where empty.
            email: of the person.
            details: other fields of the profile, which `person.py` checked.

        Raises:
            BadRequest: for a user name or password that cannot be.
            Conflict: where there is such an account, or was one.
        """
        check_username(username)
        if username in WORLD:
            raise BadRequest(f"{username} stands for everybody in permissions.")
        if self._store.get(_DELETED, username) is not None:
            raise Conflict(
                f"The account {username} was deleted, and what it left is still there; "
                "choose another name."
            )
        first, _, last = (full_name or username).partition(" ")
        profile: Document = {
            "username": username,
            "email": email or f"{username}@localhost",
            "first_name": first,
            "last_name": last,
            "full_name": full_name or username,
            "phone": "",
            "mobile_phone": "",
            "status": ACTIVE,
            "create_time": to_iso(self._clock.now()),
            **(details or {}),
            "uuid": self._ids.uuid(Ids.PROFILE),
            "roles": sorted({EVERYONE, *roles}),
            "password": hash_password(check_password(password), self._cost),
        }
        try:
            with self._store.transaction():
                before = self._store.count(_KIND) + self._store.count(_DELETED)
                profile["uid"] = 20001 + before
                self._store.insert(_KIND, username, profile)
        except DuplicateDocument as error:
            raise Conflict(f"There is an account {username} already.") from error
        return profile

    def get(self, username: str) -> Document:
        """Return an account.

        Raises:
            NotFound: where there is none.
        """
        profile = self._store.get(_KIND, username)
        if profile is None:
            raise _unknown(username)
        return profile

    def find(self, username: str) -> Document | None:
        """Return an account, or None."""
        return self._store.get(_KIND, username)

    def find_active(self, username: str) -> Document | None:
        """Return an account that may act, or None."""
        profile = self.find(username)
        if profile is None or profile.get("status", ACTIVE) != ACTIVE:
            return None
        return profile

    def all(
        self,
        condition: Condition = ALWAYS,
        *,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Document]:
        """Return a page of the accounts in order of creation."""
        return self._store.select(_KIND, condition, limit=limit, offset=offset)

    def update(self, username: str, changes: Mapping[str, Any]) -> Document:
        """Change fields of an account; who is made inactive is signed out.

        Args:
            username: of the account.
            changes: fields that `person.py` checked, or `status`, or `roles`.

        Raises:
            NotFound: where there is none.
        """
        with self._store.transaction():
            changed = self._store.update(
                _KIND, username, lambda profile: {**profile, **changes}
            )
            if changed is None:
                raise _unknown(username)
            if changed["status"] != ACTIVE:
                self._sign_out(username)
        return changed

    def change_roles(
        self, username: str, change: Callable[[frozenset[str]], Iterable[str]]
    ) -> Document:
        """Replace an account's roles by what `change` makes of them, in one step.

        Raises:
            NotFound: where there is none.
        """
        with self._store.transaction():
            roles = sorted({EVERYONE, *change(self.roles(username))})
            return self.update(username, {"roles": roles})

    def delete(self, username: str) -> Document:
        """Delete an account, end its tokens, and return what it was.

        Raises:
            NotFound: where there is none.
        """
        with self._store.transaction():
            profile = self.get(username)
            self._store.delete(_KIND, username)
            stamp = to_iso(self._clock.now())
            self._store.put(_DELETED, username, {"name": username, "deleted": stamp})
            self._sign_out(username)
        self._backoff.forget(username)
        return profile

    def roles(self, username: str) -> frozenset[str]:
        """Return the roles of an account.

        Raises:
            NotFound: where there is none.
        """
        return frozenset(self.get(username)["roles"])

    def identity(self, username: str) -> Identity:
        """Return an account as a caller.

        Raises:
            NotFound: where there is none.
        """
        return Identity(username, self.roles(username))

    def set_password(self, username: str, password: str) -> None:
        """Give an account another password; whoever signed in with the old one is out.

        Raises:
            BadRequest: for a password that cannot be.
            NotFound: where there is no such account.
        """
        hashed = hash_password(check_password(password), self._cost)
        with self._store.transaction():
            changed = self._store.update(
                _KIND, username, lambda profile: {**profile, "password": hashed}
            )
            self._sign_out(username)
        if changed is None:
            raise _unknown(username)
        self._backoff.forget(username)

    def sign_in(self, username: str, password: str, address: str = "") -> Identity:
        """Verify a user name and password.

        Args:
            username: of the account.
            password: to verify.
            address: of the caller's machine; empty where there is none.

        Raises:
            Unauthorized: the same, in the same time, for an unknown user or one that
                is not active.
            TooMany: for a while after several failures in a row from this address.
        """
        with self._backoff.attempt(username, address) as attempt:
            profile = self.find_active(username)
            hashed = self._nobody if profile is None else profile["password"]
            right = is_password(password, hashed)
            if profile is None or not right:
                raise Unauthorized(_REFUSED)
            attempt.succeed()
            return Identity(username, frozenset(profile["roles"]))

    def _sign_out(self, username: str) -> None:
        for kind in (ACCESS, REFRESH, CODE):
            self._store.delete_where(kind, owner=username)


def _unknown(username: str) -> NotFound:
    return NotFound(f"There is no user {username}.")


def read_username(value: object) -> str:
    """Read whom somebody means, in a permission or a role.

    Whether there is such a user is not told.

    Raises:
        BadRequest: where it could be nobody.
    """
    if not isinstance(value, str):
        raise BadRequest("username is a text and must be given.")
    check_username(value)
    return value


def check_username(username: str) -> None:
    """Refuse what could not be a user name, which is also a folder's name.

    Raises:
        BadRequest: naming the rule.
    """
    if not _USERNAME.fullmatch(username) or ".." in username:
        raise BadRequest(
            "A user name has 1 to 32 lower-case letters, digits, dots, "
            "underscores and hyphens, and begins with a letter or digit."
        )

"""Accounts of the tenant: who there is, with which roles, and their passwords."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from typing import Any

from agave_local.call import Identity
from agave_local.clock import Clock, Ids, to_iso
from agave_local.errors import BadRequest, Conflict, NotFound, Unauthorized
from agave_local.permissions import WORLD
from agave_local.services.oauth.kinds import ACCESS, CODE, REFRESH
from agave_local.services.profiles.backoff import Backoff
from agave_local.store import Document, DuplicateDocument, Store

EVERYONE = "Internal/everyone"
_KIND = "profile"
_USERNAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,31}")
# scrypt with 16 MiB: about 50 ms on one core, far below what a sign-in may take
PASSWORD_COST = 2**14
_LONGEST_PASSWORD = 1024
_REFUSED = "The user name or the password is not right."


class Profiles:
    """The accounts, and the check of their passwords.

    Args:
        store: keeps kind `profile`, by user name.
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
        self._nobody = _hash_password(secrets.token_urlsafe(), cost)

    def add(
        self,
        username: str,
        password: str,
        *,
        roles: Iterable[str] = (),
        full_name: str = "",
        email: str = "",
    ) -> Document:
        """Create an account.

        Args:
            username: lower-case letters, digits, `.`, `_`, `-`; at most 32.
            password: of any length but zero.
            roles: besides `Internal/everyone`.
            full_name: of the person; the user name where empty.
            email: of the person.

        Raises:
            BadRequest: for a user name or password that cannot be.
            Conflict: where there is such an account.
        """
        check_username(username)
        if username in WORLD:
            raise BadRequest(f"{username} stands for everybody in permissions.")
        first, _, last = (full_name or username).partition(" ")
        profile: Document = {
            "username": username,
            "email": email or f"{username}@localhost",
            "first_name": first,
            "last_name": last,
            "full_name": full_name or username,
            "phone": "",
            "mobile_phone": "",
            "status": "Active",
            "create_time": to_iso(self._clock.now()),
            "uuid": self._ids.uuid(Ids.PROFILE),
            "roles": sorted({EVERYONE, *roles}),
            "password": _hash_password(_checked_password(password), self._cost),
        }
        try:
            with self._store.transaction():
                profile["uid"] = 20001 + self._store.count(_KIND)
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
            raise NotFound(f"There is no user {username}.")
        return profile

    def find(self, username: str) -> Document | None:
        """Return an account, or None."""
        return self._store.get(_KIND, username)

    def all(self) -> list[Document]:
        """Return the accounts in order of creation."""
        return self._store.find(_KIND)

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
        hashed = _hash_password(_checked_password(password), self._cost)
        with self._store.transaction():
            changed = self._store.update(
                _KIND, username, lambda profile: {**profile, "password": hashed}
            )
            for kind in (ACCESS, REFRESH, CODE):
                self._store.delete_where(kind, owner=username)
        if changed is None:
            raise NotFound(f"There is no user {username}.")
        self._backoff.forget(username)

    def sign_in(self, username: str, password: str, address: str = "") -> Identity:
        """Verify a user name and password.

        Args:
            username: of the account.
            password: to verify.
            address: of the caller's machine; empty where there is none.

        Raises:
            Unauthorized: the same, in the same time, for an unknown user.
            TooMany: for a while after several failures in a row from this address.
        """
        with self._backoff.attempt(username, address) as attempt:
            profile = self._store.get(_KIND, username)
            hashed = self._nobody if profile is None else profile["password"]
            right = _is_password(password, hashed)
            if profile is None or not right:
                raise Unauthorized(_REFUSED)
            attempt.succeed()
            return Identity(username, frozenset(profile["roles"]))


def to_public(profile: Document) -> dict[str, Any]:
    """Return what others may read of an account, in both naming styles."""
    shown = {
        field: value
        for field, value in profile.items()
        if field not in ("password", "roles")
    }
    return {
        **shown,
        "firstName": shown["first_name"],
        "lastName": shown["last_name"],
        "fullName": shown["full_name"],
        "mobilePhone": shown["mobile_phone"],
        "createTime": shown["create_time"],
        "institution": "",
        "nonce": None,
    }


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


def _checked_password(password: str) -> str:
    if not 0 < len(password) <= _LONGEST_PASSWORD or "\0" in password:
        raise BadRequest("A password has 1 to 1024 characters, none of them NUL.")
    return password


def _hash_password(password: str, cost: int) -> str:
    salt = secrets.token_bytes(16)
    return f"scrypt:{cost}:{_encode(salt)}:{_encode(_scrypt(password, salt, cost))}"


def _is_password(password: str, hashed: str) -> bool:
    _, cost, salt, digest = hashed.split(":")
    return hmac.compare_digest(
        _scrypt(password, base64.b64decode(salt), int(cost)), base64.b64decode(digest)
    )


def _scrypt(password: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt,
        n=cost,
        r=8,
        p=1,
        dklen=32,
    )


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")

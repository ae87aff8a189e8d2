"""Credentials of internal users: how the people behind one account sign in.

An internal user is a name within a system, known to nobody else. Who has no credential
of their own signs in as the system does by default.
"""

import re
from collections.abc import Mapping
from typing import Any

from agave_local.call import Identity
from agave_local.errors import BadRequest, NotFound
from agave_local.records.store import Document
from agave_local.services.systems.auth import read_auth
from agave_local.services.systems.models import Systems
from agave_local.services.systems.roles import Role

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@+-]{0,63}")


class Credentials:
    """The credentials of all systems; only who administers a system comes near.

    Args:
        systems: that they are for.
    """

    def __init__(self, systems: Systems) -> None:
        self._systems = systems

    def find(
        self, identity: Identity, system_id: str, user: str = "", kind: str = ""
    ) -> list[Document]:
        """Return what is known of credentials, without their secrets.

        Args:
            identity: who administers the system.
            system_id: of the system.
            user: an internal user; everybody and the default where empty.
            kind: `STORAGE` or `LOGIN`; both where empty. Where the internal user has
                none of that kind, the default is returned.

        Raises:
            BadRequest: for a kind that there is not.
            Forbidden: for a caller who does not administer the system.
            NotFound: no such system; or nobody's credential, where one is named.
        """
        system = self._systems.require(identity, system_id, Role.ADMIN)
        parts = _parts(system, kind)
        found = self._systems.vault.find(system_id, parts, user)
        if not user:
            return _defaults(system, parts) + found
        if not found and kind:
            found = _defaults(system, parts)
        if not found:
            raise _unknown(system_id, user)
        return found

    def set(
        self,
        identity: Identity,
        system_id: str,
        body: Mapping[str, Any],
        user: str = "",
        kind: str = "",
    ) -> list[Document]:
        """Add or replace a credential; where nobody is named, the system's default.

        Args:
            identity: who administers the system.
            system_id: of the system.
            body: the credential.
            user: an internal user, who may be named in the body as well.
            kind: `STORAGE` or `LOGIN`; both where empty.

        Returns:
            What is known of each now, without its secrets.

        Raises:
            BadRequest: naming the field that is wrong.
            Forbidden: for a caller who does not administer the system.
            NotFound: where there is no such system.
        """
        system = self._systems.require(identity, system_id, Role.ADMIN)
        parts = _parts(system, kind)
        user = _read_user(body, user)
        auth = read_auth(body, "", whole=True)
        if user:
            vault = self._systems.vault
            return [vault.keep(system_id, part, auth, user) for part in parts]
        self._systems.set_auth(identity, system_id, auth, parts)
        return _defaults(self._systems.get(system_id), parts)

    def delete(
        self, identity: Identity, system_id: str, user: str = "", kind: str = ""
    ) -> None:
        """Forget credentials; the system's default stays.

        Raises:
            BadRequest: for a kind that there is not.
            Forbidden: for a caller who does not administer the system.
            NotFound: no such system, or nothing to forget where somebody is named.
        """
        system = self._systems.require(identity, system_id, Role.ADMIN)
        parts = _parts(system, kind)
        if not self._systems.vault.discard(system_id, parts, user) and user:
            raise _unknown(system_id, user)


def _read_user(body: Mapping[str, Any], user: str) -> str:
    named = body.get("internalUsername")
    if named is not None and not isinstance(named, str):
        raise BadRequest("internalUsername is a text.")
    if user and named and named != user:
        raise BadRequest("internalUsername is not the one of the address.")
    user = user or named or ""
    if user and not _NAME.fullmatch(user):
        raise BadRequest(
            "internalUsername has 1 to 64 letters, digits and any of `_.@+-`, "
            "and begins with a letter or digit."
        )
    return user


def _parts(system: Document, kind: str) -> list[str]:
    there = ["storage"] + ["login"] * (system["type"] == "EXECUTION")
    if not kind:
        return there
    if kind.lower() not in there:
        words = " or ".join(part.upper() for part in there)
        raise BadRequest(f"The type of a credential of {system['id']} is {words}.")
    return [kind.lower()]


def _defaults(system: Document, parts: list[str]) -> list[Document]:
    return [
        {"name": "", "part": part, **system[part]["auth"]}
        for part in parts
        if system.get(part, {}).get("auth")
    ]


def _unknown(system_id: str, user: str) -> NotFound:
    return NotFound(f"There is no credential of {user} on {system_id}.")

"""Sessions: the browser holds a random id, we hold the refresh token, encrypted.

The document is found by the id's hash, so that whoever reads the metadata can neither
use a session nor read a token.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from cryptography.fernet import InvalidToken, MultiFernet

from iptweb.agave import Agave
from iptweb.documents import delete_quietly, find_single
from iptweb.errors import Unauthorized
from iptweb.secret import Secret
from iptweb.users import is_user_name

__all__ = ["LIFETIME_S", "Session", "SessionStore", "no_session"]

LIFETIME_S: Final = 14 * 24 * 3600


def no_session() -> Unauthorized:
    """Return the refusal for every session that can't be used, whatever the reason."""
    return Unauthorized("Your session has ended. Sign in again.")


@dataclass(frozen=True)
class Session:
    """A stored session.

    Attributes:
        uuid: Of the document.
        name: Of the document.
        username: Whose it is.
        refresh: Their refresh token.
        created: Seconds since the epoch.
        expires: Seconds since the epoch.
    """

    uuid: str
    name: str
    username: str
    refresh: Secret
    created: float
    expires: float


class SessionStore:
    """Finds and writes the sessions of one instance.

    Args:
        agave: The tenant, with the service's token.
        owner: Name of the service account.
        instance: Name of the instance.
        cipher: Encrypts refresh tokens.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        agave: Agave,
        cipher: MultiFernet,
        *,
        owner: str,
        instance: str,
        clock: Callable[[], float],
    ) -> None:
        self._agave = agave
        self._cipher = cipher
        self._owner = owner
        self._instance = instance
        self._clock = clock

    def add(self, session_id: str, username: str, refresh: Secret) -> None:
        """Store a new session."""
        now = self._clock()
        value = self._value(username, refresh, now, now + LIFETIME_S)
        self._agave.add_metadata(self._name(session_id), value)

    def find(self, session_id: str) -> Session:
        """Return a living session.

        Raises:
            Unauthorized: There is none, it is over, or its document is garbled.
        """
        session = self.find_any(session_id)
        if session is None:
            raise no_session()
        if session.expires <= self._clock():
            delete_quietly(self._agave, session.uuid)
            raise no_session()
        return session

    def find_any(self, session_id: str) -> Session | None:
        """Return a session, over or not; None if there is none that can be read."""
        name = self._name(session_id)
        item = find_single(self._agave, name, self._owner)
        if item is None or not isinstance(item.value, dict):
            return None
        return self._read(item.uuid, name, item.value)

    def replace_token(self, session: Session, refresh: Secret) -> None:
        """Keep the new refresh token of a session."""
        value = self._value(session.username, refresh, session.created, session.expires)
        self._agave.update_metadata(session.uuid, session.name, value)

    def delete(self, session: Session) -> None:
        """Forget a session."""
        delete_quietly(self._agave, session.uuid)

    def _name(self, session_id: str) -> str:
        digest = hashlib.sha256(session_id.encode()).hexdigest()
        return f"ipt-{self._instance}-session-{digest}"

    def _value(
        self, username: str, refresh: Secret, created: float, expires: float
    ) -> dict[str, Any]:
        encrypted = self._cipher.encrypt(refresh.reveal().encode()).decode()
        return {
            "username": username,
            "refresh": encrypted,
            "created": created,
            "expires": expires,
        }

    def _read(self, uuid: str, name: str, value: dict[str, Any]) -> Session | None:
        created, expires = value.get("created"), value.get("expires")
        if not isinstance(created, int | float) or not isinstance(expires, int | float):
            return None
        if not is_user_name(value.get("username")):
            return None
        try:
            refresh = self._cipher.decrypt(str(value.get("refresh", "")).encode())
        except (InvalidToken, ValueError):
            # Encrypted with an earlier key: worth as much as no session.
            return None
        return Session(
            uuid=uuid,
            name=name,
            username=str(value["username"]),
            refresh=Secret(refresh.decode()),
            created=created,
            expires=expires,
        )

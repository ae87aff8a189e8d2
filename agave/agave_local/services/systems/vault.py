"""The secrets that systems are signed in with, encrypted at rest.

Descriptions and credentials say only how somebody signs in. No view reads a secret
back; jobs use them, to sign in where they run (`jobs/shells/opening.py`).
"""

from agave_local.clock import Clock, to_iso
from agave_local.records.cipher import Cipher
from agave_local.records.conditions import Condition, among, equal, negated
from agave_local.records.store import Document, Store
from agave_local.services.systems.auth import Auth

_KIND = "system_credential"
# What an earlier version kept in clear, by the id of the system.
_IN_CLEAR = "system_secrets"
# Nobody's own: how the system is signed in at by default.
DEFAULT = ""


class Vault:
    """The credentials of all systems, by system, internal user and part.

    A part is `storage` or `login`, each of which is signed in at by itself.

    Args:
        store: keeps kind `system_credential`.
        clock: dates them.
        cipher: encrypts them.
    """

    def __init__(self, store: Store, clock: Clock, cipher: Cipher) -> None:
        self._store = store
        self._clock = clock
        self._cipher = cipher
        if store.count(_IN_CLEAR):
            self._seal_old()

    def keep(
        self, system_id: str, part: str, auth: Auth, user: str = DEFAULT
    ) -> Document:
        """Add or replace a credential; return its record."""
        record: Document = {
            "parent": system_id,
            "name": user,
            "part": part,
            **auth.shown,
            "sealed": self._cipher.seal(auth.secrets),
            "created": to_iso(self._clock.now()),
        }
        self._store.put(_KIND, _id(system_id, part, user), record)
        return record

    def open(self, system_id: str, part: str, user: str = DEFAULT) -> Document:
        """Return the secrets by which somebody signs in; the default's if need be."""
        for name in (user, DEFAULT):
            record = self._store.get(_KIND, _id(system_id, part, name))
            if record is not None:
                secrets: Document = self._cipher.open(record["sealed"])
                return secrets
        return {}

    def find(self, system_id: str, parts: list[str], user: str = "") -> list[Document]:
        """Return the credentials of an internal user, or of all of them."""
        return self._store.select(_KIND, _of(system_id, parts, user))

    def discard(self, system_id: str, parts: list[str], user: str = "") -> int:
        """Forget what `find` would return; tell how many."""
        return self._store.discard(_KIND, _of(system_id, parts, user))

    def forget(self, system_id: str) -> None:
        """Forget every secret of a system."""
        self._store.discard(_KIND, equal("parent", system_id))

    def _seal_old(self) -> None:
        with self._store.transaction():
            for system in self._store.find("system"):
                record = self._store.get(_IN_CLEAR, system["id"]) or {}
                for part, secrets in record.items():
                    shown = system.get(part, {}).get("auth") or {}
                    self.keep(system["id"], part, Auth(shown, secrets))
            self._store.delete_where(_IN_CLEAR)


def _id(system_id: str, part: str, user: str) -> str:
    return f"{system_id}/{user}/{part}"


def _of(system_id: str, parts: list[str], user: str) -> Condition:
    name = equal("name", user) if user else negated(equal("name", DEFAULT))
    return equal("parent", system_id) & among("part", parts) & name

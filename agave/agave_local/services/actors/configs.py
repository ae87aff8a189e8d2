"""Values that executions of chosen actors get, secret ones encrypted at rest (A.10)."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from cryptography.fernet import Fernet

from agave_local.errors import BadRequest, NotFound
from agave_local.records.cipher import read_key
from agave_local.records.store import Document, DuplicateDocument, Store
from agave_local.services.actors.permissions import Level

_KIND = "actors.config"


class Configs:
    """All configs, each with its permissions.

    Args:
        store: keeps kind `actors.config`.
        key_file: of the key that encrypts secrets; made where it is missing.
    """

    def __init__(self, store: Store, key_file: Path) -> None:
        self._store = store
        self._key_file = key_file
        self._cipher: Fernet | None = None
        self._lock = threading.Lock()

    def add(
        self, name: str, value: str, actors: str, owner: str, *, secret: bool
    ) -> Document:
        """Add a config.

        Raises:
            BadRequest: where the name is taken.
        """
        config = {
            "name": name,
            "owner": owner,
            "value": self._at_rest(value, secret=secret),
            "isSecret": secret,
            "actors": actors,
            "permissions": {owner: Level.UPDATE.name},
        }
        try:
            self._store.insert(_KIND, name, config)
        except DuplicateDocument as error:
            raise BadRequest(
                f"Config {name} already exists; "
                "please choose another name for your config"
            ) from error
        return config

    def get(self, name: str) -> Document:
        """Return a config, a secret one with its ciphertext.

        Raises:
            NotFound: where there is none of that name.
        """
        config = self._store.get(_KIND, name)
        if config is None:
            raise NotFound(f"No config found: {name}.")
        return config

    def every(self) -> list[Document]:
        """Return the configs of the whole tenant."""
        return self._store.find(_KIND)

    def replace(self, name: str, value: str, actors: str, *, secret: bool) -> Document:
        """Replace a config's value and actors."""
        changed = {
            "value": self._at_rest(value, secret=secret),
            "isSecret": secret,
            "actors": actors,
        }
        config = self._store.update(_KIND, name, lambda found: found | changed)
        return self.get(name) if config is None else config

    def grant(self, name: str, username: str, level: Level) -> dict[str, str]:
        """Set a user's level; return everybody's."""

        def change(config: Document) -> Document:
            config["permissions"][username] = level.name
            return config

        config = self._store.update(_KIND, name, change) or self.get(name)
        permissions: dict[str, str] = config["permissions"]
        return permissions

    def remove(self, name: str) -> None:
        """Forget a config."""
        self._store.delete(_KIND, name)

    def values_for(
        self, identifiers: Iterable[str], may_feed: Callable[[str], bool]
    ) -> dict[str, str]:
        """Return what an actor of that id and those aliases gets, decrypted.

        Args:
            identifiers: of the actor.
            may_feed: tells whether the owner of a config has a say in that actor
                now; an alias may have become a stranger's since it was named.
        """
        wanted = set(identifiers)
        return {
            config["name"]: self._in_clear(config)
            for config in self.every()
            if wanted & set(named_actors(config["actors"])) and may_feed(_owner(config))
        }

    def _at_rest(self, value: str, *, secret: bool) -> str:
        return self._fernet().encrypt(value.encode()).decode() if secret else value

    def _in_clear(self, config: Document) -> str:
        value: str = config["value"]
        return self._fernet().decrypt(value).decode() if config["isSecret"] else value

    def _fernet(self) -> Fernet:
        with self._lock:
            if self._cipher is None:
                self._cipher = Fernet(read_key(self._key_file))
            return self._cipher


def named_actors(written: str) -> list[str]:
    """Return the ids and aliases of a comma-separated list."""
    return [part.strip() for part in written.split(",") if part.strip()]


def _owner(config: Document) -> str:
    # Those who made a config come first in its permissions; older ones say no more.
    owner: str = config.get("owner") or next(iter(config["permissions"]))
    return owner

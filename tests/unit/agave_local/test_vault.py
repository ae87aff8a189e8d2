"""Secrets at rest, and data of an earlier version."""

from pathlib import Path

import pytest

from agave_local.call import SERVICE_ROLE, Identity
from agave_local.clock import Ids
from agave_local.records.cipher import Cipher
from agave_local.records.store import Store
from agave_local.services.systems.models import Systems
from agave_local.services.systems.roles import Role
from agave_local.testing import FakeClock

IPT = Identity("ipt", frozenset({SERVICE_ROLE}))
OLD = {
    "id": "old.system",
    "name": "Old",
    "type": "STORAGE",
    "status": "UP",
    "storage": {
        "host": "h",
        "protocol": "SFTP",
        "rootDir": "/",
        "homeDir": "/",
        "auth": {"type": "PASSWORD"},
    },
    "uuid": "1-242ac113-0001-006",
    "owner": "ipt",
    "public": False,
    "available": True,
    "revision": 1,
    "roles": {"anna": "GUEST"},
    "lastModified": "2026-01-01T00:00:00.000Z",
}


@pytest.fixture(name="key_file")
def _key_file(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "systems.key"


def _systems(store: Store, clock: FakeClock, key_file: Path) -> Systems:
    return Systems(store, clock, Ids(), "http://t", cipher=Cipher(key_file))


def test_older_data(store: Store, clock: FakeClock, key_file: Path) -> None:
    """What an earlier version kept in clear is encrypted, and its readers found."""
    store.insert("system", "old.system", OLD)
    store.insert("system_secrets", "old.system", {"storage": {"password": "hidden"}})
    store.insert("system_secrets", "gone.system", {"storage": {"password": "hidden"}})

    systems = _systems(store, clock, key_file)

    assert systems.vault.open("old.system", "storage") == {"password": "hidden"}
    assert store.count("system_secrets") == 0
    assert "hidden" not in str(store.find("system_credential"))
    (seen,) = systems.visible(Identity("anna"))
    assert seen["id"] == "old.system"
    assert systems.role(Identity("anna"), "old.system") is Role.GUEST


def test_the_key_outlives_the_process(
    store: Store, clock: FakeClock, key_file: Path
) -> None:
    """The next process reads what this one encrypted."""
    body = {**OLD, "id": "new.system"}
    auth = {"type": "PASSWORD", "username": "u", "password": "hidden"}
    body["storage"] = {"host": "h", "protocol": "SFTP", "auth": auth}
    _systems(store, clock, key_file).add(IPT, body)

    again = _systems(store, clock, key_file)

    assert again.vault.open("new.system", "storage")["password"] == "hidden"
    assert again.vault.open("new.system", "login") == {}


def test_key_of_a_process() -> None:
    """Without a file the key ends with the process."""
    cipher = Cipher(None)

    assert cipher.open(cipher.seal({"a": 1})) == {"a": 1}

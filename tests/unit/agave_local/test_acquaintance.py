"""Who is no stranger at the door."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agave_local.call import Identity
from agave_local.services.actors.permissions import Level
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant
from agave_local.transports.acquaintance import Acquaintance


@pytest.fixture(name="tenant")
def _tenant(tmp_path: Path) -> Iterator[Tenant]:
    settings = TenantSettings(tmp_path / "data", "http://x.test", password_cost=16)
    tenant = Tenant(settings)
    tenant.profiles.add("anna", "a long password")
    yield tenant
    tenant.store.close()


def test_who_has_something_good(tenant: Tenant) -> None:
    """A token or a nonce of one of the tenants makes somebody known."""
    door = Acquaintance([tenant])
    token = tenant.oauth.mint("anna")
    nonce = tenant.actors.nonces.add(
        {"actorId": "a"}, Identity("anna"), Level.EXECUTE, 1, ""
    )

    assert door.knows("", {"AUTHORIZATION": f"Bearer {token}"})
    assert door.knows(f"x-nonce={nonce['id']}", {})
    assert not door.knows("x-nonce=LOCAL_none", {})
    assert not door.knows("", {"AUTHORIZATION": "Bearer none"})
    assert not door.knows("", {"AUTHORIZATION": f"Basic {token}"})
    assert not door.knows("a=%ff", {})


def test_nobody_is_known_without_records() -> None:
    """Where the database fails, everybody is a stranger, and the loop goes on."""

    def fail(_: object) -> Any:
        raise sqlite3.OperationalError("disk I/O error")

    broken: Any = SimpleNamespace(gateway=SimpleNamespace(identify=fail))

    assert not Acquaintance([broken]).knows("", {})

"""A files service with one public and one private storage system."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agave_local.call import SERVICE_ROLE, Identity
from agave_local.clock import Ids, SystemClock
from agave_local.records.store import Store
from agave_local.services.files.models import Files
from agave_local.services.systems.models import Systems
from agave_local.services.systems.roles import Role

SERVICE = Identity("ipt", frozenset({SERVICE_ROLE}))


@dataclass
class World:
    """What a test of files has.

    Attributes:
        files: the service.
        systems: with `pub.storage` (public) and `priv.storage` (not).
        store: of both.
        root: folder of the systems' folders.
        make: makes the service anew, with other settings.
    """

    files: Files
    systems: Systems
    store: Store
    root: Path
    make: Callable[..., Files]

    @property
    def anna(self) -> Path:
        """The folder of anna's home."""
        return self.root / "pub.storage" / "anna"


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> World:
    store = Store(tmp_path / "tenant.sqlite")
    clock, ids = SystemClock(), Ids()
    systems = Systems(store, clock, ids, "http://t")

    def make(**options: Any) -> Files:
        root = tmp_path / "storage"
        return Files(store, clock, ids, systems, root, "http://t", **options)

    for name in ("pub.storage", "priv.storage"):
        storage = {"host": "localhost", "protocol": "LOCAL"}
        body = {"id": name, "name": name, "type": "STORAGE", "storage": storage}
        systems.add(SERVICE, body)
    systems.set_public(SERVICE, "pub.storage", public=True)
    systems.give_role(SERVICE, "priv.storage", "guest", Role.GUEST)
    systems.give_role(SERVICE, "priv.storage", "user", Role.USER)
    root = tmp_path / "storage"
    for name in ("pub.storage/anna", "pub.storage/bob", "priv.storage"):
        (root / name).mkdir(parents=True)
    return World(make(), systems, store, root, make)


@pytest.fixture(name="open_descriptors")
def _open_descriptors() -> Callable[[], int]:
    """Return what counts this process's open descriptors."""
    return lambda: len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count

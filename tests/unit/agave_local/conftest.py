"""What unit tests of the tenant share: a store, a clock, callers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agave_local.records.store import Store
from agave_local.testing import FakeClock


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "tenant.sqlite")
    yield store
    store.close()


@pytest.fixture(name="clock")
def _clock() -> FakeClock:
    return FakeClock()

"""Every functional test of the tenant runs twice: in process, and served."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agave_local.testing import (
    FakeClock,
    LocalAgave,
    in_process_agave,
    served_agave,
)

TRANSPORTS = {"in_process": in_process_agave, "served": served_agave}


@pytest.fixture(name="transport", params=list(TRANSPORTS))
def _transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(name="agave")
def _agave(transport: str, tmp_path: Path) -> Iterator[LocalAgave]:
    with TRANSPORTS[transport](tmp_path / "data") as agave:
        yield agave


@pytest.fixture(name="clock")
def _clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(name="agave_at")
def _agave_at(transport: str, tmp_path: Path, clock: FakeClock) -> Iterator[LocalAgave]:
    """Yield a tenant whose time only the test moves."""
    with TRANSPORTS[transport](tmp_path / "data", clock=clock) as agave:
        yield agave

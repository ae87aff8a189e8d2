"""A job whose container is played by the test."""

from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.containers.testing import FakeEngine
from agave_local.services.jobs.order import Order


@pytest.fixture(name="engine")
def _engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    return tmp_path / "jobs"


@pytest.fixture(name="control")
def _control(root: Path) -> Path:
    """Make the folders of a job."""
    control = root / "job-1" / "control"
    control.mkdir(parents=True)
    (control.parent / "work").mkdir()
    return control


@pytest.fixture(name="order")
def _order(control: Path) -> Order:
    values: dict[str, Any] = {
        "work": str(control.parent / "work"),
        "argv": ("/bin/bash", "x.ipcexe"),
        "slug": "x",
        "user": "anna",
        "seconds": 60,
        "memory_bytes": 1 << 28,
    }
    return Order(**values)

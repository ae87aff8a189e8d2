"""A jobs service whose system is another machine, played by the test."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.remote.testing import (
    QUICK,
    SHORT,
    FakeScheduler,
)
from agave_local.services.jobs.testing import EXECUTION
from agave_local.tenant import Tenant


@pytest.fixture(name="scheduler")
def _scheduler(tmp_path: Path) -> FakeScheduler:
    base = tmp_path / "cluster"
    base.mkdir()
    return FakeScheduler(base)


@pytest.fixture(name="system")
def _system(tenant: Tenant, scheduler: FakeScheduler) -> Callable[..., None]:
    """Return what changes the system; it is a Slurm cluster over SSH to begin with."""

    def change(**fields: Any) -> None:
        tenant.store.update("system", EXECUTION, lambda found: {**found, **fields})

    change(
        scheduler="SLURM",
        login={"host": "login.test", "protocol": "SSH", "hostKey": "ssh-ed25519 AAAA"},
        workDir=str(scheduler.base),
    )
    return change


@pytest.fixture(name="make_remote")
def _make_remote(
    make_jobs: Callable[..., Jobs],
    scheduler: FakeScheduler,
    system: Callable[..., None],  # noqa: ARG001 - that it is there
) -> Callable[..., Jobs]:
    """Return what makes a jobs service that has started."""

    def make(**options: Any) -> Jobs:
        jobs = make_jobs(
            **{
                "opener": scheduler.machine,
                "schedulers": {"SLURM": scheduler, "FORK": scheduler},
                "pace": QUICK,
                "patience": SHORT,
                **options,
            }
        )
        jobs.start()
        return jobs

    return make


@pytest.fixture(name="remote")
def _remote(make_remote: Callable[..., Jobs]) -> Jobs:
    return make_remote()

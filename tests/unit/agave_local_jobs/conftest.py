"""A jobs service whose programs are played by the test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.testing import (
    FakeLauncher,
    Stage,
    add_app,
    add_execution,
    add_storage,
)
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant


@pytest.fixture(name="launcher")
def _launcher() -> FakeLauncher:
    return FakeLauncher()


@pytest.fixture(name="tenant")
def _tenant(tmp_path: Path) -> Iterator[Tenant]:
    """Yield a tenant with systems and an app; its own jobs service never starts."""
    tenant = Tenant(TenantSettings(tmp_path / "data", "http://t"))
    add_storage(tenant)
    add_execution(tenant)
    add_app(
        tenant,
        "echo ${who}\n",
        inputs=({"id": "file", "semantics": {"maxCardinality": -1}},),
        parameters=({"id": "who", "value": {}},),
    )
    yield tenant
    tenant.store.close()


@pytest.fixture(name="make_jobs")
def _make_jobs(tenant: Tenant, launcher: FakeLauncher) -> Iterator[Callable[..., Jobs]]:
    """Yield what makes a jobs service on the tenant's records; all are stopped."""
    made: list[Jobs] = []

    def make(**options: Any) -> Jobs:
        jobs = Jobs(
            options.pop("store", tenant.store),
            tenant.clock,
            tenant.ids,
            tenant.systems,
            tenant.apps,
            tenant.files,
            tenant.settings,
            events=tenant.events,
            notifications=tenant.notifications,
            outgoing=tenant.outgoing,
            **{"launcher": launcher, "slots": 1, **options},
        )
        made.append(jobs)
        return jobs

    yield make
    for jobs in made:
        jobs.stop()


@pytest.fixture(name="jobs")
def _jobs(make_jobs: Callable[..., Jobs]) -> Jobs:
    jobs = make_jobs()
    jobs.start()
    return jobs


@pytest.fixture(name="home")
def _home(tenant: Tenant) -> Iterator[Path]:
    home = tenant.settings.data / "storage" / "test.storage" / "anna"
    home.mkdir(parents=True)
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(name="stage")
def _stage(tenant: Tenant, launcher: FakeLauncher) -> Stage:
    return Stage(tenant, launcher)

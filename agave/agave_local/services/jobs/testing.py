"""What tests of jobs share: a tenant with systems and an app, and a way to wait."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agave_local.call import ADMIN_ROLE, SERVICE_ROLE, Identity
from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.order import Exit, Order
from agave_local.services.jobs.states import Status
from agave_local.tenant import Tenant

SERVICE = Identity("ipt", frozenset({SERVICE_ROLE}))
ADMIN = Identity("root", frozenset({ADMIN_ROLE}))
USER = Identity("anna")
STORAGE, EXECUTION, APP = "test.storage", "test.local", "echo-1.0"
WAIT_SECONDS = 30.0


def add_storage(tenant: Tenant, system_id: str = STORAGE) -> None:
    """Register a public storage system that is everybody's default."""
    storage = {"host": "localhost", "protocol": "LOCAL", "rootDir": "/"}
    body = {"id": system_id, "name": system_id, "type": "STORAGE", "storage": storage}
    tenant.systems.add(SERVICE, body)
    tenant.systems.set_public(SERVICE, system_id, public=True)
    tenant.systems.set_default(SERVICE, system_id, default=True, everybody=True)


def add_execution(tenant: Tenant, **more: Any) -> None:
    """Register a public system that runs jobs."""
    body = {
        "id": EXECUTION,
        "name": EXECUTION,
        "type": "EXECUTION",
        "executionType": "CLI",
        "scheduler": "FORK",
        "storage": {"host": "localhost", "protocol": "LOCAL"},
        "login": {"host": "localhost", "protocol": "LOCAL"},
        "queues": [
            {
                "name": "normal",
                "default": True,
                "maxNodes": 1,
                "maxProcessorsPerNode": 4,
                "maxRequestedTime": "01:00:00",
                "maxMemoryPerNode": "8GB",
            }
        ],
    }
    tenant.systems.add(SERVICE, {**body, **more})
    tenant.systems.set_public(SERVICE, EXECUTION, public=True)


def add_app(
    tenant: Tenant,
    wrapper: str,
    *,
    inputs: tuple[dict[str, Any], ...] = (),
    parameters: tuple[dict[str, Any], ...] = (),
) -> None:
    """Register the app that jobs of tests run, for everybody.

    Args:
        tenant: to register it with.
        wrapper: text of its script.
        inputs: that it takes.
        parameters: that it takes.
    """
    folder = tenant.settings.data / "storage" / STORAGE / "apps" / "echo"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "wrapper.sh").write_text(wrapper, encoding="utf-8")
    app = {
        "name": "echo",
        "version": "1.0",
        "executionSystem": EXECUTION,
        "executionType": "CLI",
        "parallelism": "SERIAL",
        "deploymentSystem": STORAGE,
        "deploymentPath": "apps/echo",
        "templatePath": "wrapper.sh",
        "testPath": "test.sh",
        "inputs": list(inputs),
        "parameters": list(parameters),
    }
    tenant.apps.add(SERVICE, app)
    tenant.store.update("app", APP, lambda found: {**found, "isPublic": True})


def wait_for(
    tenant: Tenant, job_id: str, *wanted: Status, seconds: float = WAIT_SECONDS
) -> dict[str, Any]:
    """Wait until a job has one of the states, or any that is the last.

    Raises:
        AssertionError: it takes too long.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        job = tenant.store.get("job", job_id)
        if job is not None and (
            job["status"] in wanted or Status(job["status"]).is_over
        ):
            return job
        time.sleep(0.02)
    raise AssertionError(f"{job_id} is still {tenant.store.get('job', job_id)}")


class FakeLauncher:
    """Plays the programs of jobs.

    Attributes:
        why_not: why nothing can run here.
        orders: of the programs that were started, by job.
        ends: of the programs that are over, by job.
        broken: whether starting fails.
        faults: how often starting fails before it works.
        stubborn: whether a program takes no notice of being asked to end.
    """

    def __init__(self) -> None:
        self.why_not: str | None = None
        self.orders: dict[str, Order] = {}
        self.ends: dict[str, Exit] = {}
        self.broken = False
        self.faults = 0
        self.stubborn = False

    def refusal(self, _owner: str, _busy: Collection[str]) -> str | None:
        """Return why nothing can run here."""
        return self.why_not

    def is_confined(self) -> bool:
        """Tell that nothing is run in sandboxes."""
        return False

    def tidy(self) -> None:
        """Leave everything as it is."""

    def launch(self, control: Path, order: Order) -> None:
        """Note the order."""
        self.faults -= 1
        if self.broken or self.faults >= 0:
            raise OSError(11, "no more processes")
        self.orders.setdefault(control.parent.name, order)

    def look(self, control: Path) -> Exit | None:
        """Return what the test has said."""
        return self.ends.get(control.parent.name)

    def end(self, control: Path) -> None:
        """End the program."""
        if not self.stubborn and control.parent.name in self.orders:
            self.ends.setdefault(control.parent.name, Exit("ended", 143))


@dataclass(frozen=True)
class Stage:
    """What a test of jobs looks at and acts with.

    Attributes:
        tenant: whose records and folders it looks at.
        launcher: that plays the programs.
    """

    tenant: Tenant
    launcher: FakeLauncher

    def submit(self, jobs: Jobs, **more: Any) -> str:
        """Submit a job of anna's; return its id."""
        body = {"name": "job", "appId": APP, "archivePath": "anna/out", **more}
        return str(jobs.submit(USER, body)["id"])

    def order(self, job_id: str) -> Order:
        """Wait until a program is started; return what was ordered.

        Raises:
            KeyError: it takes too long.
        """
        until = time.monotonic() + WAIT_SECONDS
        while job_id not in self.launcher.orders and time.monotonic() < until:
            time.sleep(0.01)
        return self.launcher.orders[job_id]

    def work(self, job_id: str) -> Path:
        """Return a job's work folder."""
        return self.tenant.settings.data.resolve() / "jobs" / job_id / "work"

    def wait_until_gone(self, job_id: str) -> None:
        """Wait until a job's work folder is gone.

        Raises:
            AssertionError: it takes too long.
        """
        until = time.monotonic() + WAIT_SECONDS
        while self.work(job_id).exists():
            if time.monotonic() > until:
                raise AssertionError(job_id)
            time.sleep(0.02)

    def statuses(self, job_id: str) -> list[str]:
        """Return the states that a job has been in."""
        job = self.tenant.store.get("job", job_id) or {"history": []}
        return [event["status"] for event in job["history"]]


def address(name: str) -> str:
    """Return the address of a file in anna's home."""
    return f"agave://{STORAGE}/anna/{name}"

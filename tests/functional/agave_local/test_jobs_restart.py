"""A tenant that is killed in the middle of jobs, and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.order import read_supervisor
from agave_local.services.jobs.processes import is_alive, orphans
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import (
    APP,
    STORAGE,
    USER,
    add_app,
    add_execution,
    add_storage,
    wait_for,
)
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant

pytestmark = pytest.mark.needs("bubblewrap")
# Works on the data folder until it is killed, like a served tenant.
WORKER = """
import sys, time
from pathlib import Path
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant
tenant = Tenant(TenantSettings(Path(sys.argv[1]), "http://t"))
tenant.jobs.start()
print("ready", flush=True)
time.sleep(600)
"""
PARAMETERS = ({"id": "nap", "value": {"type": "number", "default": 0}},)


@pytest.fixture(name="data")
def _data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(name="tenant")
def _tenant(data: Path) -> Iterator[Tenant]:
    """Yield a tenant that accepts jobs but does not work on them."""
    tenant = Tenant(TenantSettings(data, "http://t"))
    add_storage(tenant)
    add_execution(tenant)
    add_app(
        tenant,
        "echo one >> log\nsleep ${nap}\necho two >> log\n",
        parameters=PARAMETERS,
    )
    yield tenant
    tenant.jobs.stop()
    tenant.store.close()


@contextmanager
def _worker(data: Path) -> "Iterator[subprocess.Popen[str]]":
    command = [sys.executable, "-c", WORKER, str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()


def _submit(tenant: Tenant, nap: float = 0) -> str:
    body = {
        "name": "job",
        "appId": APP,
        "archivePath": "anna/out/${JOB_ID}",
        "parameters": {"nap": nap},
    }
    return str(tenant.jobs.submit(USER, body)["id"])


def _log(tenant: Tenant, job_id: str) -> str:
    home = tenant.settings.data / "storage" / STORAGE / "anna"
    return (home / "out" / job_id / "log").read_text()


def test_find_a_running_job(tenant: Tenant, data: Path) -> None:
    """A job runs on while the tenant is dead, and is found again."""
    job_id = _submit(tenant, nap=1.5)
    with _worker(data) as worker:
        wait_for(tenant, job_id, Status.RUNNING)
        control = data / "jobs" / job_id / "control"
        supervisor = _wait_for_supervisor(control)
        os.kill(worker.pid, signal.SIGKILL)

    assert is_alive(supervisor)
    with _worker(data):
        job = wait_for(tenant, job_id)

    assert (job["status"], job["exitCode"]) == (Status.FINISHED, 0)
    assert _log(tenant, job_id) == "one\ntwo\n"


def _wait_for_supervisor(control: Path) -> dict[str, Any]:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        supervisor = read_supervisor(control)
        if supervisor is not None:
            return supervisor
        time.sleep(0.01)
    raise AssertionError("there is no supervisor")


def test_find_a_job_that_has_ended(tenant: Tenant, data: Path) -> None:
    """A job that ended while the tenant was dead is completed."""
    job_id = _submit(tenant, nap=0.3)
    with _worker(data) as worker:
        wait_for(tenant, job_id, Status.RUNNING)
        supervisor = _wait_for_supervisor(data / "jobs" / job_id / "control")
        os.kill(worker.pid, signal.SIGKILL)
    until = time.monotonic() + 10
    while is_alive(supervisor) and time.monotonic() < until:
        time.sleep(0.02)

    with _worker(data):
        job = wait_for(tenant, job_id)

    assert job["status"] == Status.FINISHED
    assert _log(tenant, job_id) == "one\ntwo\n"


def test_kill_at_any_moment(tenant: Tenant, data: Path) -> None:
    """However often the tenant is killed, each job runs once and ends well."""
    job_ids = [_submit(tenant, nap=0.2) for _ in range(4)]
    for number in range(6):
        with _worker(data) as worker:
            time.sleep(0.03 + number * 0.04)
            os.kill(worker.pid, signal.SIGKILL)
    with _worker(data):
        jobs = [wait_for(tenant, job_id) for job_id in job_ids]

    assert [job["status"] for job in jobs] == [Status.FINISHED] * 4
    assert [_log(tenant, job_id) for job_id in job_ids] == ["one\ntwo\n"] * 4


def test_tell_a_lost_job(tenant: Tenant, data: Path) -> None:
    """A job whose supervisor died with the tenant fails and says so."""
    job_id = _submit(tenant, nap=60)
    with _worker(data) as worker:
        wait_for(tenant, job_id, Status.RUNNING)
        supervisor = _wait_for_supervisor(data / "jobs" / job_id / "control")
        os.kill(worker.pid, signal.SIGKILL)
    os.kill(supervisor["pid"], signal.SIGKILL)

    with _worker(data):
        job = wait_for(tenant, job_id)

    assert job["status"] == Status.FAILED
    assert "supervisor is gone" in job["message"]
    until = time.monotonic() + 5
    while orphans(supervisor) and time.monotonic() < until:
        time.sleep(0.02)
    assert orphans(supervisor) == []


def test_shut_down(tenant: Tenant) -> None:
    """A tenant that is shut down ends the jobs that it started, and says so."""
    job_id = _submit(tenant, nap=60)
    tenant.jobs.start()
    wait_for(tenant, job_id, Status.RUNNING)
    control = tenant.settings.data / "jobs" / job_id / "control"
    supervisor = _wait_for_supervisor(control)
    tenant.jobs.stop()

    job = tenant.jobs.get(USER, job_id)
    assert job["status"] == Status.FAILED
    assert "shut down" in job["message"]
    until = time.monotonic() + 5
    while is_alive(supervisor) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_alive(supervisor)

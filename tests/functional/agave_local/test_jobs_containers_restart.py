"""A tenant that is killed in the middle of jobs in containers, and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.containers.box import Scope
from agave_local.services.jobs.containers.engine import JobEngine, Seen
from agave_local.services.jobs.containers.launcher import ContainerLauncher
from agave_local.services.jobs.containers.note import NOTE, Note, read_note
from agave_local.services.jobs.order import Exit, Order
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

pytestmark = pytest.mark.needs("podman", "debootstrap")
# Works on the data folder until it is killed, like a served tenant.
WORKER = """
import sys, time
from pathlib import Path
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant
choices = dict(zip(("jobs", "job_engine", "job_image"), sys.argv[2:]))
tenant = Tenant(TenantSettings(Path(sys.argv[1]), "http://t", **choices))
tenant.jobs.start()
print("ready", flush=True)
time.sleep(600)
"""
PARAMETERS = ({"id": "nap", "value": {"type": "number", "default": 0}},)
WAIT_SECONDS = 20


@pytest.fixture(name="choices")
def _choices(container_engine: str, terminal_image: str) -> tuple[str, str, str]:
    return ("container", container_engine, terminal_image)


@pytest.fixture(name="data")
def _data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(name="tenant")
def _tenant(data: Path, choices: tuple[str, str, str]) -> Iterator[Tenant]:
    """Yield a tenant that accepts jobs but does not work on them."""
    jobs, engine, image = choices
    settings = TenantSettings(
        data, "http://t", jobs=jobs, job_engine=engine, job_image=image
    )
    tenant = Tenant(settings)
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


@pytest.fixture(name="containers")
def _containers(container_engine: str, data: Path) -> Callable[[], list[Seen]]:
    """Return what lists the containers of the tenant's jobs."""
    engine, label = JobEngine(container_engine), Scope(data / "jobs").label
    return lambda: engine.labelled(label)


@contextmanager
def working(
    data: Path, choices: tuple[str, str, str]
) -> "Iterator[subprocess.Popen[str]]":
    """Have a tenant work on a data folder, and kill it."""
    command = [sys.executable, "-c", WORKER, str(data), *choices]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()


def submit(tenant: Tenant, nap: float = 0, **more: Any) -> str:
    """Submit a job that naps between two lines of its log."""
    body = {
        "name": "job",
        "appId": APP,
        "archivePath": "anna/out/${JOB_ID}",
        "parameters": {"nap": nap},
        **more,
    }
    return str(tenant.jobs.submit(USER, body)["id"])


def log_of(tenant: Tenant, job_id: str) -> str:
    """Return the log of a job in its archive."""
    home = tenant.settings.data / "storage" / STORAGE / "anna"
    return (home / "out" / job_id / "log").read_text(encoding="utf-8")


def until(condition: Callable[[], object]) -> None:
    """Wait until something is so.

    Raises:
        AssertionError: it takes too long.
    """
    give_up = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > give_up:
            raise AssertionError("it did not come to that")
        time.sleep(0.02)


def run_and_kill(tenant: Tenant, job_id: str, choices: tuple[str, str, str]) -> None:
    """Have a job started by a tenant that is killed then."""
    data = tenant.settings.data
    with working(data, choices) as worker:
        log = data / "jobs" / job_id / "work" / "log"
        until(log.exists)
        os.kill(worker.pid, signal.SIGKILL)


def test_find_a_running_job(
    tenant: Tenant, data: Path, choices: Any, containers: Any
) -> None:
    """A job runs on while the tenant is dead, is found again, and leaves nothing."""
    job_id = submit(tenant, nap=1.5)
    run_and_kill(tenant, job_id, choices)

    assert [each.status for each in containers()] == ["running"]
    with working(data, choices):
        job = wait_for(tenant, job_id)
        until(lambda: containers() == [])

    assert (job["status"], job["exitCode"]) == (Status.FINISHED, 0)
    assert log_of(tenant, job_id) == "one\ntwo\n"


def test_find_a_job_that_has_ended(
    tenant: Tenant, data: Path, choices: Any, containers: Any
) -> None:
    """A job that ended while the tenant was dead is completed."""
    job_id = submit(tenant, nap=0.3)
    run_and_kill(tenant, job_id, choices)
    until(lambda: [each.status for each in containers()] == ["exited"])

    with working(data, choices):
        job = wait_for(tenant, job_id)

    assert job["status"] == Status.FINISHED
    assert log_of(tenant, job_id) == "one\ntwo\n"


def test_time_goes_on_without_the_tenant(
    tenant: Tenant, data: Path, choices: Any, containers: Any
) -> None:
    """A job whose time is over while nobody watches ends then, and says so."""
    job_id = submit(tenant, nap=60, maxRunTime="00:00:01")
    run_and_kill(tenant, job_id, choices)
    until(lambda: [each.status for each in containers()] == ["exited"])

    with working(data, choices):
        job = wait_for(tenant, job_id)

    assert job["message"] == "The job ran past its time of 00:00:01."


def test_stop_asked_for_before_the_kill(
    tenant: Tenant, data: Path, choices: Any, containers: Any
) -> None:
    """A job that was to be stopped when the tenant died is stopped by the next one."""
    job_id = submit(tenant, nap=60)
    run_and_kill(tenant, job_id, choices)
    tenant.store.update(
        "job", job_id, lambda job: {**job, "stopRequested": Status.STOPPED}
    )

    with working(data, choices):
        job = wait_for(tenant, job_id)
        until(lambda: containers() == [])

    assert job["status"] == Status.STOPPED


def test_kill_at_any_moment(
    tenant: Tenant, data: Path, choices: Any, containers: Any
) -> None:
    """However often the tenant is killed, each job runs once and ends well."""
    job_ids = [submit(tenant, nap=0.2) for _ in range(4)]
    for number in range(6):
        with working(data, choices) as worker:
            time.sleep(0.1 + number * 0.15)
            os.kill(worker.pid, signal.SIGKILL)
    with working(data, choices):
        jobs = [wait_for(tenant, job_id, seconds=60) for job_id in job_ids]
        until(lambda: containers() == [])

    assert [job["status"] for job in jobs] == [Status.FINISHED] * 4
    assert [log_of(tenant, job_id) for job_id in job_ids] == ["one\ntwo\n"] * 4


def test_shut_down(tenant: Tenant, containers: Any) -> None:
    """A tenant that is shut down ends the jobs in containers, and says so."""
    job_id = submit(tenant, nap=60)
    tenant.jobs.start()
    wait_for(tenant, job_id, Status.RUNNING)
    until(containers)
    tenant.jobs.stop()

    job = tenant.jobs.get(USER, job_id)
    assert job["status"] == Status.FAILED
    assert "shut down" in job["message"]
    until(lambda: containers() == [])


@pytest.fixture(name="control")
def _control(data: Path) -> Path:
    """Make the folders of a job."""
    control = data / "jobs" / "job-1" / "control"
    control.mkdir(parents=True)
    (control.parent / "work").mkdir()
    return control


@pytest.fixture(name="launcher")
def _launcher(choices: tuple[str, str, str], data: Path) -> ContainerLauncher:
    _, engine, image = choices
    return ContainerLauncher(JobEngine(engine), image, data / "jobs")


def order_of(control: Path, script: str) -> Order:
    """Return the order of a job that runs a script."""
    return Order(
        work=str(control.parent / "work"),
        argv=("/bin/bash", "-c", script),
        slug="job",
        user="anna",
        seconds=30,
        memory_bytes=1 << 28,
    )


def wait_for_exit(launcher: ContainerLauncher, control: Path) -> Exit:
    """Wait for the end of a job."""
    until(lambda: launcher.look(control) is not None)
    ended = launcher.look(control)
    assert ended is not None
    return ended


class _Killed(BaseException):
    """The tenant is killed at a call of its engine."""


class _KillingEngine(JobEngine):
    """An engine at which the tenant is killed: before a start, or after it."""

    def __init__(self, url: str, *, after: bool) -> None:
        super().__init__(url)
        self._after = after

    def start(self, container: str) -> None:
        """Be killed."""
        if self._after:
            super().start(container)
        raise _Killed


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("noted", [False, True])
def test_killed_around_the_start(
    launcher: ContainerLauncher,
    control: Path,
    choices: Any,
    containers: Any,
    *,
    after: bool,
    noted: bool,
) -> None:
    """A container that was made is started, once, by whoever comes next."""
    _, engine, image = choices
    order = order_of(control, "echo ran >>log; sleep 0.3")
    killed = _KillingEngine(engine, after=after)
    root = control.parent.parent
    with pytest.raises(_Killed):
        ContainerLauncher(killed, image, root).launch(control, order)
    if not noted:
        (control / NOTE).unlink()

    launcher.launch(control, order)
    launcher.launch(control, order)

    assert wait_for_exit(launcher, control) == Exit("exited", 0)
    assert (control.parent / "work" / "log").read_text(encoding="utf-8") == "ran\n"
    launcher.launch(control, order)
    until(lambda: containers() == [])
    assert launcher.look(control) == Exit("exited", 0)


def test_end_what_was_never_started(
    launcher: ContainerLauncher, control: Path, choices: Any, containers: Any
) -> None:
    """A container that a killed tenant has only made goes when its job is ended."""
    _, engine, image = choices
    killed = _KillingEngine(engine, after=False)
    order = order_of(control, "exit 0")
    with pytest.raises(_Killed):
        ContainerLauncher(killed, image, control.parent.parent).launch(control, order)
    (control / NOTE).unlink()
    assert containers() != []

    launcher.end(control)

    assert containers() == []


def test_tidy(
    launcher: ContainerLauncher, control: Path, choices: Any, containers: Any
) -> None:
    """What nobody waits for is removed at the next start, and nothing else."""
    _, engine, image = choices
    root = control.parent.parent
    other = root / "job-2" / "control"
    other.mkdir(parents=True)
    (other.parent / "work").mkdir()
    killed = _KillingEngine(engine, after=True)
    for each in (control, other):
        with pytest.raises(_Killed):
            ContainerLauncher(killed, image, root).launch(
                each, order_of(each, "sleep 60")
            )
    (control / "exit.json").write_text('{"reason": "ended", "code": 143}')

    launcher.tidy()

    until(lambda: len(containers()) == 1)
    assert containers()[0].labels["agave-local.job"] == "job-2"
    launcher.end(other)
    assert wait_for_exit(launcher, other).reason == "ended"
    until(lambda: containers() == [])


def test_gone_while_the_tenant_was(
    launcher: ContainerLauncher, control: Path, choices: Any
) -> None:
    """A job whose container is gone when the tenant comes back is lost, not run."""
    _, engine, _ = choices
    note = f'{{"id": "{"0" * 64}", "engine": "{engine}"}}'
    (control / NOTE).write_text(note)

    launcher.launch(control, order_of(control, "echo ran >log"))

    assert wait_for_exit(launcher, control) == Exit("lost")
    assert not (control.parent / "work" / "log").exists()
    assert read_note(control) == Note("0" * 64, engine)


def test_no_such_program(
    container_engine: str, control: Path, containers: Any, python_image: str
) -> None:
    """A container that cannot be started is no job's; it may be tried again."""
    launcher = ContainerLauncher(
        JobEngine(container_engine), python_image, control.parent.parent
    )

    for _ in range(2):
        with pytest.raises(OSError, match="no container"):
            launcher.launch(control, order_of(control, "exit 0"))

    assert containers() == []
    assert read_note(control) is None


@pytest.fixture(name="python_image")
def _python_image(container_engine: str) -> str:
    """Make an image without a shell."""
    from agave_local.services.actors.runner.testing import (  # noqa: PLC0415 - only here
        make_python_image,
    )

    return make_python_image(container_engine, "shell-less", "")

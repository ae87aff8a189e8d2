"""Ending the containers of jobs that a killed tenant leaves behind."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agave_deploy.local_stack.job_containers import stop_job_containers
from agave_local.services.jobs.containers.box import Scope
from agave_local.services.jobs.containers.engine import JobEngine
from agave_local.services.jobs.containers.launcher import ContainerLauncher
from agave_local.services.jobs.containers.watched import Pace
from agave_local.services.jobs.order import Exit, Order, read_exit

pytestmark = pytest.mark.needs("podman", "debootstrap")
# As if the tenant were dead: nobody looks.
NOBODY = Pace(look=3600.0)


@pytest.fixture(name="engine")
def _engine(container_engine: str) -> JobEngine:
    return JobEngine(container_engine)


@pytest.fixture(name="launch")
def _launch(
    tmp_path: Path, engine: JobEngine, terminal_image: str
) -> Iterator[Callable[[str, str], Path]]:
    """Return what leaves a job in a container; clear away what is left of them."""
    launcher = ContainerLauncher(engine, terminal_image, tmp_path, pace=NOBODY)

    def launch(job_id: str, script: str) -> Path:
        control = tmp_path / job_id / "control"
        control.mkdir(parents=True)
        (control.parent / "work").mkdir()
        order = Order(
            work=str(control.parent / "work"),
            argv=("/bin/bash", "-c", script),
            slug="job",
            user="anna",
            seconds=60,
            memory_bytes=1 << 28,
        )
        launcher.launch(control, order)
        return control

    yield launch
    for seen in engine.labelled(Scope(tmp_path).label):
        engine.remove(seen.id)


def test_stop(
    tmp_path: Path, engine: JobEngine, launch: Callable[[str, str], Path]
) -> None:
    """What runs is ended and said so; what has ended keeps its own end."""
    running, over = launch("job-1", "sleep 60"), launch("job-2", "exit 3")
    label = Scope(tmp_path).label
    until = time.monotonic() + 20
    while [seen.is_running for seen in engine.labelled(label)].count(True) > 1:
        assert time.monotonic() < until
        time.sleep(0.02)
    said: list[str] = []

    assert stop_job_containers(tmp_path, said.append) == ["job-1"]

    assert engine.labelled(label) == []
    assert read_exit(running) == Exit("ended", 137)
    assert read_exit(over) == Exit("exited", 3)
    assert said == []
    assert stop_job_containers(tmp_path, said.append) == []


def test_other_tenants_jobs(
    tmp_path: Path, engine: JobEngine, launch: Callable[[str, str], Path]
) -> None:
    """The jobs of another data folder on the same engine go on."""
    launch("job-1", "sleep 60")
    other = tmp_path / "other"
    (other / "job-9" / "control").mkdir(parents=True)
    note = {"id": "0" * 64, "engine": engine.url}
    (other / "job-9" / "control" / "container.json").write_text(json.dumps(note))

    assert stop_job_containers(other, lambda _line: None) == []

    assert [seen.is_running for seen in engine.labelled(Scope(tmp_path).label)] == [
        True
    ]


@pytest.mark.parametrize("is_over", [False, True])
def test_no_engine(tmp_path: Path, *, is_over: bool) -> None:
    """An engine that is away is told of, where a job may live on there."""
    control = tmp_path / "job-1" / "control"
    control.mkdir(parents=True)
    note = {"id": "c", "engine": f"unix://{tmp_path}/none.sock"}
    (control / "container.json").write_text(json.dumps(note), encoding="utf-8")
    damaged = tmp_path / "job-2" / "control"
    damaged.mkdir(parents=True)
    (damaged / "container.json").write_text("{", encoding="utf-8")
    if is_over:
        (control / "exit.json").write_text("{}", encoding="utf-8")
    said: list[str] = []

    assert stop_job_containers(tmp_path, said.append) == []

    assert len(said) == (not is_over)
    assert all("may live on" in line for line in said)

"""What a job on the tenant's own machine may use, all its processes together."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.group import NO_GROUP
from agave_local.services.jobs.order import Order, read_supervisor
from agave_local.services.jobs.scenes import Scene, scenes, until_true
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.supervise import Bell, Pace, Supervisor
from sandbox import find_missing_limits, find_parents

pytestmark = [
    pytest.mark.needs("bubblewrap"),
    pytest.mark.skipif(
        bool(find_missing_limits()), reason="no control groups can be made here"
    ),
]
OUT_OF_MEMORY = "The job used more memory than it may and was ended."
BUSY = "timeout 1.2 bash -c 'while :; do :; done'"
# Each holds so many bytes in its own memory for a moment.
HOLD = "head -c {0} /dev/zero | tail -c {0} | {{ sleep 0.7; wc -c; }}"


@pytest.fixture(scope="module", name="fork")
def _fork(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Yield a scene whose jobs are processes of the tenant's machine."""
    folder = tmp_path_factory.mktemp("fork")
    here = {"login": {"host": "localhost", "protocol": "LOCAL"}, "scheduler": "FORK"}
    system = {**here, "workDir": str(folder / "work")}
    with scenes(folder / "data", {"fork": system}) as found:
        yield found["fork"]


def groups() -> list[Path]:
    """Return the folders of the control groups that jobs have."""
    return [path for parent in find_parents() for path in parent.glob("job.*")]


def of_job(job_id: str) -> list[Path]:
    """Return the folders of one job's group."""
    return [path for path in groups() if job_id in path.name]


def test_processors(fork: Scene) -> None:
    """Two busy processes of a job of one processor get about one together."""
    job_id = fork.submit(
        f"date +%s.%N; {BUSY} & {BUSY} & wait; date +%s.%N; times; exit 0"
    )

    assert fork.wait(job_id)["status"] == "FINISHED"

    lines = fork.read(job_id, "job.out").decode().splitlines()
    wall = float(lines[1]) - float(lines[0])
    spent = sum(
        int(minutes) * 60 + float(seconds)
        for minutes, seconds in re.findall(r"(\d+)m([\d.]+)s", " ".join(lines[2:]))
    )
    assert 0 < spent < 1.3 * wall


def test_memory_of_all_processes(fork: Scene) -> None:
    """Three processes that are each within the limit are too much together."""
    part = HOLD.format(60 << 20)
    job_id = fork.submit(
        f"set -o pipefail; for n in 1 2 3; do ({part}) & done\n"
        "failed=0; for n in 1 2 3; do wait -n || failed=1; done; exit $failed",
        memoryPerNode="0.125GB",
    )

    job = fork.wait(job_id)

    assert (job["status"], job["message"]) == ("FAILED", OUT_OF_MEMORY)
    until_true(lambda: not of_job(job_id))


def test_memory_of_one_process(fork: Scene) -> None:
    """One that takes more than the job may have is ended, with the same words."""
    part = HOLD.format(200 << 20)
    job_id = fork.submit(f"set -o pipefail; {part}", memoryPerNode="0.125GB")

    job = fork.wait(job_id)

    assert (job["status"], job["message"]) == ("FAILED", OUT_OF_MEMORY)


def test_memory_that_is_enough(fork: Scene) -> None:
    """A job that stays within its memory is let alone, and its group goes with it."""
    part = HOLD.format(60 << 20)
    job_id = fork.submit(f"set -o pipefail; {part}", memoryPerNode="0.125GB")
    fork.wait(job_id, Status.RUNNING)
    until_true(lambda: of_job(job_id) or fork.get(job_id)["status"] != "RUNNING")

    assert fork.wait(job_id)["status"] == "FINISHED"
    assert fork.read(job_id, "job.out") == f"{60 << 20}\n".encode()
    until_true(lambda: not of_job(job_id))


def test_stopped_job_leaves_no_group(fork: Scene) -> None:
    """The group of a job goes when somebody ends the job, too."""
    job_id = fork.submit("setsid sleep 60 & sleep 60")
    until_true(lambda: of_job(job_id))

    fork.stop(job_id)

    assert fork.wait(job_id)["status"] == "STOPPED"
    until_true(lambda: not of_job(job_id))


def test_supervisor_is_killed(fork: Scene) -> None:
    """The job fails and says why, and what was left in its group is ended with it."""
    job_id = fork.submit("setsid sleep 60 & sleep 60")
    control = fork.agave.tenant.settings.data / "jobs" / job_id / "control"
    until_true(lambda: of_job(job_id))
    until_true(lambda: any(_members(path) for path in of_job(job_id)))
    supervisor = read_supervisor(control)
    assert supervisor is not None
    members = {pid for path in of_job(job_id) for pid in _members(path)}

    os.kill(int(supervisor["pid"]), signal.SIGKILL)

    job = fork.wait(job_id)
    assert job["status"] == "FAILED"
    assert "supervisor is gone" in job["message"]
    until_true(lambda: not of_job(job_id))
    until_true(lambda: not any(Path(f"/proc/{pid}").exists() for pid in members))


def _members(group: Path) -> list[int]:
    try:
        return [int(pid) for pid in (group / "cgroup.procs").read_text().split()]
    except OSError:
        return []


class _SilentBell(Bell):
    """A bell that nobody rings."""

    def __init__(self) -> None:
        self.asked = False

    def wait(self, seconds: float) -> None:
        """Wait for the time that is asked for."""
        time.sleep(max(seconds, 0))


@pytest.fixture(name="run_without")
def _run_without(tmp_path: Path) -> Callable[..., Any]:
    """Return what runs a script where no control group can be made."""

    def run(script: str) -> Any:
        for name in ("work", "control"):
            (tmp_path / name).mkdir()
        order = Order(
            work=str(tmp_path / "work"),
            argv=("/bin/bash", "-c", script),
            slug="job",
            user="anna",
            seconds=30,
            memory_bytes=128 << 20,
        )
        supervisor = Supervisor(
            order,
            _SilentBell(),
            Pace(look=0.05, measure=1, grace=0.3),
            groups=lambda _order, _control: NO_GROUP,
        )
        return supervisor.run(tmp_path / "control")

    return run


def test_no_group_but_limits_of_each_process(
    run_without: Callable[..., Any], tmp_path: Path
) -> None:
    """Where no group can be made, each process may have as much as the whole job."""
    ended = run_without(
        f"{HOLD.format(60 << 20)} & {HOLD.format(60 << 20)} & wait\n"
        f"set -o pipefail; {HOLD.format(200 << 20)}"
    )

    out, err = (
        (tmp_path / "work" / f"job.{kind}").read_text() for kind in ("out", "err")
    )
    assert ended.reason == "exited"
    assert ended.code != 0
    assert out.split()[:2] == [str(60 << 20)] * 2
    assert "memory" in err
    assert not (tmp_path / "control" / "group.json").exists()

"""Ending the jobs that a killed tenant leaves behind."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agave_deploy.local_stack.jobs import stop_jobs
from agave_deploy.local_stack.processes import find_process
from agave_local.services.jobs.order import register
from agave_local.services.jobs.processes import identify

SLOW_TO_END = """
import signal, sys, time
def end(*_):
    print(time.monotonic(), flush=True)
    time.sleep(0.4)
    print(time.monotonic(), flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("here", flush=True)
time.sleep(60)
"""


def _record(folder: Path, job: str, identity: dict[str, object] | None) -> None:
    control = folder / job / "control"
    control.mkdir(parents=True)
    assert identity is not None
    assert register(control, identity)


def test_stop_jobs(tmp_path: Path) -> None:
    """The living supervisor, as the tenant records it, is ended, and only that."""
    with (
        subprocess.Popen(["sleep", "60"]) as own,
        subprocess.Popen(["sleep", "60"]) as other,
    ):
        _record(tmp_path, "job-1", identify(own.pid))
        stranger = identify(other.pid)
        assert stranger is not None
        boot = str(stranger["started"]).partition("/")[0]
        _record(tmp_path, "job-2", stranger | {"started": f"{boot}/1"})

        assert stop_jobs(tmp_path) == ["job-1"]
        assert own.wait() != 0
        assert other.poll() is None
        other.kill()


def test_stop_jobs_at_once(tmp_path: Path) -> None:
    """All supervisors are asked before one is waited for; none that obeys is forced."""
    command = [sys.executable, "-c", SLOW_TO_END]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as first,
        subprocess.Popen(command, stdout=subprocess.PIPE) as second,
    ):
        for number, child in enumerate((first, second)):
            assert child.stdout is not None
            child.stdout.readline()
            _record(tmp_path, f"job-{number}", identify(child.pid))

        assert stop_jobs(tmp_path) == ["job-0", "job-1"]
        assert (first.wait(), second.wait()) == (0, 0)
        (asked, ended), (also_asked, also_ended) = map(_moments, (first, second))

    assert asked < also_ended
    assert also_asked < ended


def _moments(child: subprocess.Popen[bytes]) -> tuple[float, float]:
    """Return when a supervisor was asked to end, and when it did."""
    assert child.stdout is not None
    asked, ended = child.stdout.read().split()
    return float(asked), float(ended)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"pid": 7}', '{"pid": "x", "started": "a/1"}']
)
def test_stop_jobs_damaged(tmp_path: Path, text: str) -> None:
    """A file that does not tell for certain who is meant harms nobody."""
    path = tmp_path / "job" / "control" / "supervisor.json"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")

    assert stop_jobs(tmp_path) == []


def test_stop_jobs_without_boot(tmp_path: Path) -> None:
    """A number alone, without the right time of start, ends nobody."""
    with subprocess.Popen(["sleep", "60"]) as child:
        assert find_process(child.pid) is not None
        control = tmp_path / "job" / "control"
        control.mkdir(parents=True)
        text = json.dumps({"pid": child.pid, "started": ""})
        (control / "supervisor.json").write_text(text, "utf-8")

        assert stop_jobs(tmp_path) == []
        assert child.poll() is None
        child.kill()

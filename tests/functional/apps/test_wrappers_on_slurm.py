"""The wrapper scripts as batch scripts of a real Slurm, with its own launcher."""

import time
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.schedulers.testing import SlurmCluster

RANK = """#!/bin/sh
echo "rank $SLURM_PROCID of $SLURM_NTASKS"
exit $((SLURM_PROCID * 3))
"""
SLEEPER = """#!/bin/sh
trap 'echo told >told; kill $child; exit 0' TERM
sleep 30 &
child=$!
touch ready
wait
"""

pytestmark = pytest.mark.needs("slurm")


def _submit(cluster: SlurmCluster, folder: Path) -> str:
    outputs = (f"--output={folder}/job.out", f"--error={folder}/job.err")
    return cluster.run(
        "sbatch",
        "--parsable",
        "--ntasks=2",
        f"--chdir={folder}",
        *outputs,
        f"{folder}/job.ipcexe",
    )


def _wait_for_end(cluster: SlurmCluster, job: str) -> None:
    deadline = time.monotonic() + 60
    ended = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT")
    while cluster.run("squeue", "-h", "-t", "all", "-j", job, "-o", "%T") not in ended:
        assert time.monotonic() < deadline, "the job does not end"
        time.sleep(0.1)


def test_launcher_of_slurm(slurm: SlurmCluster, bench: Any) -> None:
    """A program starts by srun on two ranks, and its exit code is kept."""
    bench.put("rank", RANK)
    bench.fill("ipt-run", {"binary": "rank", "command": "srun -n 2"})

    _wait_for_end(slurm, _submit(slurm, bench.folder))

    out = (bench.folder / "job.out").read_text("utf-8")
    assert sorted(out.splitlines()) == ["rank 0 of 2", "rank 1 of 2"]
    assert (bench.folder / "IPT_EXIT_CODE").read_text("utf-8") == "3\n"
    assert float((bench.folder / "IPT_TIME").read_text("utf-8")) > 0


@pytest.mark.parametrize("command", ["", "srun -n 1"])
def test_cancelled_job(slurm: SlurmCluster, bench: Any, command: str) -> None:
    """A job that Slurm cancels ends its program, and keeps what is known."""
    bench.put("sleeper", SLEEPER)
    bench.fill("ipt-run", {"binary": "sleeper", "command": command})
    job = _submit(slurm, bench.folder)
    bench.wait_for("ready")

    slurm.run("scancel", job)
    _wait_for_end(slurm, job)
    bench.wait_for("IPT_TIME")

    assert (bench.folder / "IPT_EXIT_CODE").read_text("utf-8") == "143\n"
    # Told to end, srun may kill its program before that can do anything.
    assert command or (bench.folder / "told").exists()
    assert float((bench.folder / "IPT_TIME").read_text("utf-8")) > 0
    assert "The job was stopped" in (bench.folder / "job.err").read_text("utf-8")

"""Runs at a real Slurm: started once, seen, ended, and told of in words."""

import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.order import Exit, read_exit
from agave_local.services.jobs.schedulers.base import Run, SchedulerRefused, State
from agave_local.services.jobs.shells.errors import HostSilent
from agave_local.services.jobs.shells.local import LocalShell

pytestmark = pytest.mark.needs("slurm")

MPI = """
#include <mpi.h>
#include <stdio.h>
int main(int count, char **words) {
  int rank, size;
  MPI_Init(&count, &words);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  printf("%s: rank %d of %d\\n", words[1], rank, size);
  return MPI_Finalize();
}
"""
SLOW = "echo ready; exec sleep 100"


def _out(run: Run) -> str:
    return Path(run.work, f"{run.slug}.out").read_text("utf-8")


def _last_word(run: Run) -> Exit | None:
    return read_exit(Path(run.control))


def test_run_from_beginning_to_end(site: Any) -> None:
    """A run begins, says so, ends with its code, and is known to have ended."""
    run = site.run("env; exit 3", env={"NAME": "a b'c"}, processors=2, seconds=90)
    number = site.submit(run)
    sight = site.wait_for_end(number)

    assert _last_word(run) == Exit("exited", 3)
    names = sorted(path.name for path in Path(run.events).iterdir())
    assert names == ["job-1.ended", "job-1.started"]
    lines = _out(run).splitlines()
    assert {"NAME=a b'c", f"SLURM_JOB_ID={number}", "SLURM_NTASKS=2"} <= set(lines)
    assert sight.exit is None
    assert Path(run.control, "job.log").read_text("utf-8") == ""
    assert Path(run.control, "number").read_text("utf-8") == f"{number}\n"


@pytest.mark.needs("openmpi")
def test_mpi(site: Any) -> None:
    """A program with MPI runs by mpirun and by srun."""
    source = site.folder / "ranks.c"
    source.write_text(MPI, encoding="utf-8")
    program = site.folder / "ranks"
    subprocess.run(["mpicc", str(source), "-o", str(program)], check=True)
    run = site.run(
        f"mpirun -np 2 {program} mpirun; srun -n 2 {program} srun",
        processors=2,
        env={"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"},
    )
    site.wait_for_end(site.submit(run))

    assert sorted(_out(run).splitlines()) == [
        f"{how}: rank {rank} of 2" for how in ("mpirun", "srun") for rank in (0, 1)
    ]
    assert _last_word(run) == Exit("exited", 0)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"queue": "debug", "seconds": 61},
            "The queue debug allows at most 1 minute of run time.",
        ),
        (
            {"queue": "nowhere"},
            "The scheduler has no queue nowhere; choose another one.",
        ),
        (
            {"queue": "debug", "nodes": 2, "seconds": 60},
            "The queue debug allows at most 1 node for a job.",
        ),
        ({"nodes": 2}, "The queue normal has 1 node; the job asks for 2."),
        (
            {"processors": 50},
            (
                "The queue normal does not give a job 50 processors on 1 of its nodes; "
                "ask for less."
            ),
        ),
        (
            {"memory_mib": 900_000},
            "The queue normal has no node with so much memory; ask for less.",
        ),
        (
            {"directives": ("--gres=gpu:1",)},
            (
                "The queue normal has not what its description asks for in addition; "
                "the system's operator has to mend it."
            ),
        ),
        (
            {"directives": ("--nonsense",)},
            (
                "The description of the queue normal has a directive that the "
                "scheduler does not know; the system's operator has to mend it."
            ),
        ),
    ],
)
def test_refusals(site: Any, more: dict[str, Any], message: str) -> None:
    """What Slurm refuses is told in words, with what would be allowed."""
    with pytest.raises(SchedulerRefused) as caught:
        site.submit(site.run("true", **more))

    assert (caught.value.message, caught.value.may_pass) == (message, False)


def test_controller_that_is_down(site: Any) -> None:
    """A controller that is down is asked again later, and then has all jobs."""
    run = site.run(SLOW)
    number = site.submit(run)
    site.cluster.stop_controller()
    try:
        with pytest.raises(SchedulerRefused, match="does not answer") as caught:
            site.submit(site.run("true", "job-2"))
        with pytest.raises(HostSilent):
            site.look(number)
        with pytest.raises(HostSilent):
            site.cancel(run, number)
    finally:
        site.cluster.start_controller()

    assert caught.value.may_pass
    assert site.look(number).state in (State.WAITING, State.RUNNING)
    second = site.submit(Run(**{**vars(run), "job_id": "job-2"}))
    assert second == number


def test_controller_that_hangs(site: Any) -> None:
    """A controller that takes a connection and says nothing holds nobody for long."""
    site.cluster.pause_controller()
    began = time.monotonic()
    try:
        with pytest.raises(HostSilent):
            site.look("1")
    finally:
        site.cluster.wake_controller()

    assert time.monotonic() - began < 20


def test_submitting_twice(site: Any) -> None:
    """A run that is submitted by many at the same time is started once."""
    run = site.run("echo once >>count")
    with ThreadPoolExecutor(8) as threads:
        numbers = set(threads.map(lambda _: site.submit(run), "x" * 8))
    (number,) = numbers
    site.wait_for_end(number)

    assert site.submit(run) == number
    assert Path(run.work, "count").read_text("utf-8") == "once\n"
    asked = site.cluster.run(
        "squeue", "-h", "--states=all", "--name=ipt-job-1", f"--jobs={number}"
    )
    assert len(asked.splitlines()) == 1


def test_submitter_killed_before_the_number_is_kept(site: Any) -> None:
    """A run that Slurm has already is found by its name, and not given again."""
    site.cluster.drain()
    try:
        run = site.run("echo once >>count", "killed")
        deadly = site.folder / "sbatch"
        deadly.write_text(
            f'#!/bin/sh\n{shutil.which("sbatch")} "$@" >given\nkill -KILL 0\n',
            encoding="utf-8",
        )
        deadly.chmod(0o755)
        path = f"{site.folder}:{os.environ['PATH']}"
        shell = LocalShell({"PATH": path, **site.cluster.env})
        with pytest.raises(SchedulerRefused, match="did not say whether") as caught:
            site.slurm.submit(shell, run)
        assert caught.value.may_pass
        assert not Path(run.control, "number").exists()

        number = site.submit(run)
        assert Path(run.control, "given").read_text("utf-8") == f"{number}\n"
    finally:
        site.cluster.resume()
    site.wait_for_end(number)
    assert Path(run.work, "count").read_text("utf-8") == "once\n"


def test_run_that_is_given_twice_in_spite_of_all(site: Any) -> None:
    """The second job script ends at once: the first has the claim."""
    run = site.run("echo once >>count", "twice")
    first = site.submit(run)
    site.wait_for_end(first)
    second = site.cluster.run("sbatch", "--parsable", f"{run.control}/job.sh")
    site.wait_for(
        lambda: (
            site.cluster.run("squeue", "-h", "-t", "all", "-j", second, "-o", "%T")
            == "COMPLETED"
        )
    )

    assert Path(run.work, "count").read_text("utf-8") == "once\n"
    assert Path(run.control, "number").read_text("utf-8").strip() == first


def test_queue(site: Any) -> None:
    """A run that waits knows why, how many are before it, and when it may start."""
    first = site.run(SLOW, "first", processors=2, seconds=600)
    site.submit(first)
    site.wait_for_output(first)
    numbers = [
        site.submit(site.run(SLOW, f"next-{turn}", processors=2)) for turn in range(3)
    ]
    site.cluster.run("scontrol", "uhold", numbers[2])
    wanted = [
        (0, "It waits for free processors."),
        (1, "Other jobs come before it."),
        (2, "It is held back by its account; somebody has to release it there."),
    ]
    # Slurm looks for reasons, and estimates starts, now and then only.
    site.wait_for(
        lambda: [(at.ahead, at.reason) for at in map(site.look, numbers)] == wanted
    )
    site.wait_for(lambda: site.look(numbers[0]).expected is not None)

    sights = site.slurm.look(site.shell, numbers)
    assert [at.state for at in sights.values()] == [State.WAITING] * 3
    expected = site.look(numbers[0]).expected
    assert 0 < expected - time.time() < 700


def test_machine_that_is_drained(site: Any) -> None:
    """A run that waits for a machine that takes no jobs says so, and runs later."""
    site.cluster.drain()
    try:
        number = site.submit(site.run("true"))
        expected = "Nodes that it needs are not available for now."
        site.wait_for(lambda: site.look(number).reason == expected)
    finally:
        site.cluster.resume()
    site.wait_for_end(number)


def test_two_hundred_at_once(site: Any) -> None:
    """Of two hundred runs that are submitted at once none is lost, and each ends."""
    runs = [
        site.run("echo x >>count", f"job-{turn}", queue="shared") for turn in range(200)
    ]
    with ThreadPoolExecutor(16) as threads:
        numbers = list(threads.map(site.submit, runs))

    assert len(set(numbers)) == 200
    assert all(sight for sight in site.slurm.look(site.shell, numbers).values())
    site.wait_for(lambda: len(list(Path(runs[0].events).glob("*.ended"))) == 200)
    assert {_last_word(run) for run in runs} == {Exit("exited", 0)}
    counts = [Path(run.work, "count").read_text("utf-8") for run in runs]
    assert counts == ["x\n"] * 200


def test_name_that_looks_like_an_answer(site: Any) -> None:
    """Whoever may submit to the cluster can't end others' runs by a job's name."""
    run = site.run(SLOW)
    number = site.submit(run)
    site.wait_for_output(run)
    name = f"x\n{number}|normal|CANCELLED|N/A|1|None|ipt-x"
    words = ["sbatch", "--job-name", name, "--partition=normal", "--hold"]
    words += ["--chdir=/", "--output=/dev/null", "--wrap=true"]
    env = {"PATH": os.environ["PATH"], **site.cluster.env}
    subprocess.run(words, env=env, check=True, capture_output=True)

    assert site.look(number).state is State.RUNNING

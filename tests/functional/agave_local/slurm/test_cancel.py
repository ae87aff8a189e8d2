"""Runs at a real Slurm that are to end before they would."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.order import Exit, read_exit
from agave_local.services.jobs.schedulers.base import Run, State
from agave_local.services.jobs.schedulers.slurm import Slurm

pytestmark = pytest.mark.needs("slurm")

SLOW = "echo ready; exec sleep 100"


def _out(run: Run) -> str:
    return Path(run.work, f"{run.slug}.out").read_text("utf-8")


def _last_word(run: Run) -> Exit | None:
    return read_exit(Path(run.control))


def test_cancel_while_it_waits(site: Any) -> None:
    """A run that waits is taken out of the queue and never runs."""
    site.cluster.drain()
    try:
        run = site.run("touch begun")
        number = site.submit(run)
        site.cancel(run, number)
        sight = site.wait_for_end(number)
    finally:
        site.cluster.resume()

    assert sight.exit == Exit("ended")
    assert sight.reason == "It was cancelled at the scheduler."
    assert not Path(run.work, "begun").exists()
    assert _last_word(run) is None


def test_cancel_while_it_runs(site: Any) -> None:
    """A run is asked to end and may do so in its own way, with what srun started."""
    run = site.run(
        "trap 'echo bye; exit 4' TERM; srun sleep 100 & echo ready; wait", processors=2
    )
    number = site.submit(run)
    site.wait_for_output(run)
    for _ in range(3):
        site.cancel(run, number)
    site.wait_for_end(number)
    site.cancel(run, number)

    assert _last_word(run) == Exit("ended", 4)
    assert _out(run) == "ready\nbye\n"


def test_cancel_is_forced(site: Any) -> None:
    """A run whose script takes no notice is ended by Slurm."""
    site.slurm = Slurm(force_seconds=1)
    run = site.run("trap '' TERM; echo $PPID; while :; do sleep 0.1; done")
    number = site.submit(run)
    site.wait_for_output(run)
    os.kill(int(_out(run)), signal.SIGSTOP)
    site.cancel(run, number)

    assert site.wait_for_end(number).exit == Exit("ended")


def test_cancel_spares_others(site: Any) -> None:
    """A run of another name that has the number is not touched."""
    run = site.run(SLOW)
    number = site.submit(run)
    site.wait_for_output(run)
    site.cancel(Run(**{**vars(run), "job_id": "job-9"}), number)

    assert site.look(number).state is State.RUNNING


def test_cancel_at_the_scheduler(site: Any) -> None:
    """A run that somebody else cancels is known to have been cancelled there."""
    run = site.run(SLOW)
    number = site.submit(run)
    site.wait_for_output(run)
    site.cluster.run("scancel", number)
    sight = site.wait_for_end(number)

    assert sight.exit == Exit("ended")
    assert _last_word(run) is None
    assert Path(run.events, "job-1.ended").exists()


def test_time_limit(site: Any) -> None:
    """A run whose time is over ends to the second, not when Slurm looks."""
    run = site.run("sleep 100", seconds=2)
    site.wait_for_end(site.submit(run))

    assert _last_word(run) == Exit("time", 143)

"""What tests of schedulers share."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.order import Exit, read_exit
from agave_local.services.jobs.schedulers.base import Run
from agave_local.services.jobs.schedulers.job_script import to_script

_PATIENCE_S = 30.0


class Scripts:
    """Runs job scripts.

    Attributes:
        outer: the environment that the scheduler gives them.
    """

    def __init__(self) -> None:
        self.outer = {"PATH": os.environ["PATH"], "HOME": "/root", "OUTER": "yes"}

    def start(self, run: Run, **how: Any) -> "subprocess.Popen[bytes]":
        """Start the script of a run."""
        script = Path(run.control, "job.sh")
        script.write_text(to_script(run, **how), encoding="utf-8")
        with Path(run.control, "job.log").open("wb") as log:
            return subprocess.Popen(
                ["/bin/bash", str(script)],
                env=self.outer,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def run(self, run: Run, **how: Any) -> Exit | None:
        """Run a script to its end; return what it left as its last word."""
        self.start(run, **how).wait(_PATIENCE_S)
        assert Path(run.control, "job.log").read_text("utf-8") == ""
        assert Path(run.events, f"{run.job_id}.ended").exists()
        return read_exit(Path(run.control))

    def out(self, run: Run, kind: str = "out") -> str:
        """Return what a program has printed."""
        return Path(run.work, f"{run.slug}.{kind}").read_text("utf-8")

    def ask(self, run: Run, job: "subprocess.Popen[bytes]") -> None:
        """Ask a run to end, as the tenant does."""
        Path(run.control, "asked").touch()
        job.send_signal(signal.SIGTERM)

    def wait_for(self, done: Callable[[], bool]) -> None:
        """Wait until something is so."""
        until = time.monotonic() + _PATIENCE_S
        while not done():
            assert time.monotonic() < until
            time.sleep(0.01)

    def wait_for_output(self, run: Run, text: str = "ready") -> None:
        """Wait until a program has printed something."""
        path = Path(run.work, f"{run.slug}.out")
        self.wait_for(lambda: path.exists() and text in path.read_text("utf-8"))

    def is_alive(self, pid: int) -> bool:
        """Tell whether a process lives."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] not in "ZX"


@pytest.fixture(name="scripts")
def _scripts() -> Scripts:
    return Scripts()

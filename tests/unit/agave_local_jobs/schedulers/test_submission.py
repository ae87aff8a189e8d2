"""Submitting once, on machines that are at fault."""

import subprocess
import time
from pathlib import Path

import pytest

from agave_local.services.jobs.schedulers.base import Scheduler, SchedulerRefused
from agave_local.services.jobs.schedulers.processes import RemoteProcesses
from agave_local.services.jobs.schedulers.slurm import Slurm
from agave_local.services.jobs.schedulers.testing import make_run
from agave_local.services.jobs.shells.base import COMMAND_SECONDS, Done
from agave_local.services.jobs.shells.errors import (
    HostDenied,
    HostError,
    HostFull,
    HostSilent,
)
from agave_local.services.jobs.shells.local import LocalShell


class _Answering(LocalShell):
    """A machine whose answer is known.

    Args:
        done: the answer.
    """

    def __init__(self, done: Done) -> None:
        super().__init__()
        self._done = done

    def run(self, script: str, *, stdin: bytes = b"", seconds: float = 1) -> Done:
        del script, stdin, seconds
        return self._done


@pytest.mark.parametrize(
    ("done", "error"),
    [
        (Done(73, b"", b"sh: cannot create lock: No space left on device"), HostFull),
        (Done(73, b"", b"mv: Disk quota exceeded"), HostFull),
        (Done(73, b"", b"mkdir: Permission denied"), HostDenied),
        (Done(75, b"", b""), HostSilent),
    ],
)
def test_machine_at_fault(tmp_path: Path, done: Done, error: type[HostError]) -> None:
    """What is wrong with the machine is told apart, and none of its paths is told."""
    run = make_run(tmp_path, "true")

    with pytest.raises(error) as caught:
        RemoteProcesses().submit(_Answering(done), run)
    assert "lock" not in caught.value.message


@pytest.mark.parametrize(
    "said", [b"7" * (16 << 20), b"<b>7</b>\n", b"7\n\xff\n", b"12;rm\n", b"\n"]
)
@pytest.mark.parametrize("scheduler", [Slurm(), RemoteProcesses()])
def test_number_that_is_none(tmp_path: Path, scheduler: Scheduler, said: bytes) -> None:
    """What a hostile machine says in place of a number is not kept."""
    with pytest.raises(SchedulerRefused, match="did not say"):
        scheduler.submit(_Answering(Done(0, said, b"")), make_run(tmp_path, "true"))


def test_refusal_without_end(tmp_path: Path) -> None:
    """A machine that refuses in very many words holds nobody up."""
    flood = b"a" * (16 << 20)
    began = time.monotonic()
    with pytest.raises(SchedulerRefused) as caught:
        Slurm().submit(_Answering(Done(65, flood, flood)), make_run(tmp_path, "true"))

    assert time.monotonic() - began < 2
    assert len(caught.value.message) < 400


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A control folder in whose place a file is can't be used."""
    run = make_run(tmp_path, "true")
    Path(run.control).rmdir()
    Path(run.control).write_text("in the way", encoding="utf-8")

    with pytest.raises(HostDenied):
        RemoteProcesses().submit(LocalShell(), run)


# A number may be missing (SC2086), not each script calls all (SC2317), and a quote may
# be in a value (SC2089, SC2090).
_MEANT = "SC2086,SC2089,SC2090,SC2317"


class _Recording(LocalShell):
    """This machine, which keeps what it was told to do."""

    def __init__(self, environment: dict[str, str]) -> None:
        super().__init__(environment)
        self.scripts: list[str] = []

    def run(
        self, script: str, *, stdin: bytes = b"", seconds: float = COMMAND_SECONDS
    ) -> Done:
        self.scripts.append(script)
        return super().run(script, stdin=stdin, seconds=seconds)


@pytest.mark.needs("shellcheck")
@pytest.mark.parametrize("scheduler", [Slurm(), RemoteProcesses()])
def test_scripts_are_clean(tmp_path: Path, scheduler: Scheduler) -> None:
    """What a machine is told to do is what shellcheck wants of any POSIX shell."""
    commands = tmp_path / "commands"
    commands.mkdir()
    for name, says in (("sbatch", "echo 1"), ("sleep", "exit 1"), ("squeue", "exit 0")):
        (commands / name).write_text(f"#!/bin/sh\n{says}\n", encoding="utf-8")
        (commands / name).chmod(0o755)
    for name in ("scancel", "sacct"):
        (commands / name).symlink_to("/bin/true")
    shell = _Recording({"PATH": f"{commands}:/usr/bin:/bin"})
    run = make_run(tmp_path / "it's", "true", queue="a'b")
    number = scheduler.submit(shell, run)
    scheduler.look(shell, [number])
    scheduler.cancel(shell, run, number)

    assert len(shell.scripts) >= 3
    for script in shell.scripts:
        done = subprocess.run(
            ["shellcheck", "--shell=sh", f"--exclude={_MEANT}", "-"],
            input=script,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == ""

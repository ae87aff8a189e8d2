"""Runs as processes of a machine without a scheduler, on this machine."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agave_local.services.jobs.order import Exit, read_exit
from agave_local.services.jobs.schedulers.base import Run, SchedulerRefused, State
from agave_local.services.jobs.schedulers.processes import RemoteProcesses
from agave_local.services.jobs.schedulers.testing import make_run
from agave_local.services.jobs.shells.base import Done
from agave_local.services.jobs.shells.errors import HostSilent
from agave_local.services.jobs.shells.local import LocalShell

STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.05; done"
PATIENT = "echo ready; exec sleep 100"


class Machine:
    """This machine, and the runs that a test has started on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shell = LocalShell()
        self.scheduler = RemoteProcesses()
        self.runs: list[tuple[Run, str]] = []

    def start(self, program: str, job_id: str = "job-1") -> tuple[Run, str]:
        """Start a program; return its run and number."""
        run = make_run(self.folder, program, job_id)
        number = self.scheduler.submit(self.shell, run)
        self.runs.append((run, number))
        return run, number

    def state(self, number: str) -> State:
        """Return where a run is."""
        return self.scheduler.look(self.shell, [number])[number].state

    def is_gone(self, number: str) -> bool:
        """Tell whether a run is over."""
        return self.state(number) is State.GONE


@pytest.fixture(name="machine")
def _machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    yield machine
    for run, number in machine.runs:
        machine.scheduler.cancel(machine.shell, run, number)
        _wait_for(lambda number=number: machine.is_gone(number))  # type: ignore[misc]


def _wait_for(done: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not done():
        assert time.monotonic() < until
        time.sleep(0.02)


def _out(run: Run) -> str:
    path = Path(run.work, f"{run.slug}.out")
    return path.read_text("utf-8") if path.exists() else ""


def _pid(number: str) -> int:
    return int(number.partition(":")[0])


def test_run_from_beginning_to_end(machine: Machine) -> None:
    """A run lives on its own, is seen while it does, and says how it ended."""
    run, number = machine.start("echo ready; while [ ! -e go ]; do sleep 0.02; done")

    assert machine.state(number) is State.RUNNING
    Path(run.work, "go").touch()
    _wait_for(lambda: machine.is_gone(number))
    assert read_exit(Path(run.control)) == Exit("exited", 0)


def test_clean_environment(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program gets nothing of whoever submits it but the usual."""
    monkeypatch.setenv("TMPDIR", "/secret")
    machine.shell = LocalShell()
    run, number = machine.start("env; ls -l /proc/$$/fd")
    _wait_for(lambda: machine.is_gone(number))

    out = _out(run)
    assert "TMPDIR" not in out
    assert f"AGAVE_RUN={number}" in out
    # It holds neither the lock nor what the tenant has open.
    assert "/lock" not in out


def test_submitting_twice(machine: Machine) -> None:
    """A run that is submitted again, even at the same time, is started once."""
    run = make_run(machine.folder, "echo once >>count; exec sleep 100")
    with ThreadPoolExecutor(8) as threads:
        numbers = set(
            threads.map(lambda _: machine.scheduler.submit(machine.shell, run), "x" * 8)
        )
    machine.runs.append((run, numbers.pop()))

    assert not numbers
    assert Path(run.work, "count").read_text("utf-8") == "once\n"


def test_submitting_after_the_end(machine: Machine) -> None:
    """A run that is over keeps its number and is not started again."""
    run, number = machine.start("echo once >>count")
    _wait_for(lambda: machine.is_gone(number))

    assert machine.scheduler.submit(machine.shell, run) == number
    assert Path(run.work, "count").read_text("utf-8") == "once\n"


def test_submitter_killed_before_the_number_is_kept(machine: Machine) -> None:
    """The script keeps its number where its submitter could not."""
    run, number = machine.start(PATIENT)
    Path(run.control, "number").unlink()
    _wait_for(lambda: _out(run) == "ready\n")
    # As if the script were about to keep it.
    Path(run.control, "number").write_text(f"{number}\n", encoding="utf-8")

    assert machine.scheduler.submit(machine.shell, run) == number


def test_script_that_died_at_once(machine: Machine) -> None:
    """A script that died with its claim and without a number is told of."""
    run = make_run(machine.folder, "true")
    Path(run.control, "claim").mkdir()
    # So that nobody waits for the script for long.
    shell = LocalShell({"PATH": f"{_fake(machine.folder, 'sleep', 'exit 0')}:/bin"})

    with pytest.raises(SchedulerRefused, match="did not say whether") as caught:
        machine.scheduler.submit(shell, run)
    assert caught.value.may_pass


def _fake(folder: Path, name: str, text: str) -> Path:
    commands = folder / "commands"
    commands.mkdir(exist_ok=True)
    command = commands / name
    command.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    command.chmod(0o755)
    return commands


def test_many_runs_in_one_look(machine: Machine) -> None:
    """One question tells of all runs, of those that nobody knows, too."""
    numbers = [machine.start(PATIENT, f"job-{turn}")[1] for turn in range(3)]
    unknown = "4194000:" + numbers[0].split(":", 1)[1]
    other = f"{_pid(numbers[0])}:{numbers[0].split(':')[1]}:17"
    asked = [*numbers, unknown, other, "no number", ""]
    sights = machine.scheduler.look(machine.shell, asked)

    assert [sights[number].state for number in asked] == [
        *[State.RUNNING] * 3,
        *[State.GONE] * 4,
    ]
    assert machine.scheduler.look(machine.shell, []) == {}


def test_machine_that_was_restarted(machine: Machine) -> None:
    """A run of before the machine's last start is gone, and it is told why."""
    number = f"{os.getpid()}:0000-1111:17"
    sight = machine.scheduler.look(machine.shell, [number])[number]

    assert sight.state is State.GONE
    assert sight.reason == "The machine was restarted while it ran."
    assert sight.exit == Exit("lost")


def test_zombie(machine: Machine) -> None:
    """A process that is over is gone, though its number is not free yet."""
    child = subprocess.Popen(["sleep", "0"])
    stat = Path(f"/proc/{child.pid}/stat")
    _wait_for(lambda: stat.read_text("utf-8").rpartition(")")[2].split()[0] == "Z")
    began = stat.read_text("utf-8").rpartition(")")[2].split()[19]
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()
    number = f"{child.pid}:{boot}:{began}"

    assert machine.is_gone(number)
    child.wait()


def test_script_that_was_killed(machine: Machine) -> None:
    """What a killed script has left behind is ended by who notices."""
    run, number = machine.start("echo $$; sleep 100")
    _wait_for(lambda: _out(run) != "")
    program = int(_out(run))
    os.kill(_pid(number), signal.SIGKILL)
    _wait_for(lambda: machine.is_gone(number))

    sight = machine.scheduler.look(machine.shell, [number])[number]
    assert sight.exit is None
    assert sight.reason.startswith("Somebody has ended it")
    _wait_for(lambda: not _lives(program))


def _lives(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_cancel(machine: Machine) -> None:
    """A run that is cancelled is asked to end; cancelling it again changes nothing."""
    run, number = machine.start(
        "trap 'echo bye; exit 4' TERM; echo ready; while :; do sleep 0.02; done"
    )
    _wait_for(lambda: _out(run) != "")
    for _ in range(3):
        machine.scheduler.cancel(machine.shell, run, number)
    _wait_for(lambda: machine.is_gone(number))
    machine.scheduler.cancel(machine.shell, run, number)

    assert read_exit(Path(run.control)) == Exit("ended", 4)
    assert _out(run) == "ready\nbye\n"


def test_cancel_of_a_script_that_hangs(machine: Machine) -> None:
    """A run that takes no notice is forced to end a little later."""
    machine.scheduler = RemoteProcesses(force_seconds=0)
    run, number = machine.start(STUBBORN)
    _wait_for(lambda: _out(run) != "")
    os.kill(_pid(number), signal.SIGSTOP)
    machine.scheduler.cancel(machine.shell, run, number)

    _wait_for(lambda: machine.is_gone(number))
    assert read_exit(Path(run.control)) == Exit("exited", 137)


def test_cancel_is_forced_from_afar(machine: Machine) -> None:
    """A run that takes no notice is forced by the tenant, should the machine forget."""
    machine.scheduler = RemoteProcesses(force_seconds=1)
    run, number = machine.start(STUBBORN)
    _wait_for(lambda: _out(run) != "")
    os.kill(_pid(number), signal.SIGSTOP)
    Path(run.control, "asked").write_text("17", encoding="utf-8")
    machine.scheduler.cancel(machine.shell, run, number)

    assert machine.is_gone(number)


def test_cancel_spares_others(machine: Machine) -> None:
    """A process that has the number of a run by now is never signalled."""
    other = subprocess.Popen(["sleep", "100"])
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()
    run = make_run(machine.folder, "true")
    for number in (f"{other.pid}:{boot}:17", f"{other.pid}", "-1", f"{other.pid}::x"):
        machine.scheduler.cancel(machine.shell, run, number)

    assert other.poll() is None
    other.kill()
    other.wait()


def test_machine_without_proc(machine: Machine) -> None:
    """Where there is no /proc, ps tells one process from another."""
    machine.scheduler = RemoteProcesses(proc="/nowhere")
    run, number = machine.start(PATIENT)

    assert "::" in number
    assert machine.state(number) is State.RUNNING
    assert machine.is_gone(number.replace("_20", "_19"))
    machine.scheduler.cancel(machine.shell, run, number)
    _wait_for(lambda: machine.is_gone(number))


class _Deaf(LocalShell):
    def run(self, script: str, *, stdin: bytes = b"", seconds: float = 1) -> Done:
        del script, stdin, seconds
        return Done(0, b"1::2 RUNNING\n", b"")


def test_answer_that_is_broken_off(machine: Machine) -> None:
    """Half an answer says nothing of any run."""
    with pytest.raises(HostSilent, match="did not say"):
        machine.scheduler.look(_Deaf(), ["1::2"])


def test_machine_without_bash(machine: Machine) -> None:
    """A machine that can't run the script is told of."""
    commands = machine.folder / "few"
    commands.mkdir()
    for name in ("mkdir", "cat", "mv", "id", "sleep"):
        (commands / name).symlink_to(f"/bin/{name}")
    run = make_run(machine.folder, "true")

    with pytest.raises(SchedulerRefused, match="no bash"):
        machine.scheduler.submit(LocalShell({"PATH": str(commands)}), run)


@pytest.mark.parametrize("job_id", ["", "a b", "-x", "../x", "a\nb", "x" * 200])
def test_ids_that_are_no_names(machine: Machine, job_id: str) -> None:
    """A job's id that can't be the name of a run is refused."""
    run = Run(job_id, "/w", "/c", "/e", ("true",), "x")

    with pytest.raises(SchedulerRefused, match="can't be the name"):
        machine.scheduler.submit(machine.shell, run)

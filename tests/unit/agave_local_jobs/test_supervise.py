"""Supervisors: one for each job, and what they do when a program goes too far."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.confinement import to_command, to_environment
from agave_local.services.jobs.launcher import ForkLauncher
from agave_local.services.jobs.order import (
    Exit,
    Order,
    read_exit,
    read_order,
    read_supervisor,
    register,
    write_exit,
    write_order,
)
from agave_local.services.jobs.processes import (
    descendants,
    identify,
    is_alive,
    name_of,
    orphans,
)
from agave_local.services.jobs.supervise import Pace, Supervisor, main, measure

FAST = Pace(look=0.02, measure=0.02, grace=0.3)
WAIT_SECONDS = 20


class SilentBell:
    """A bell that nobody rings, unless the test does."""

    def __init__(self) -> None:
        self.asked = False

    def wait(self, seconds: float) -> None:
        """Wait for the time that is asked for."""
        time.sleep(max(seconds, 0))


@pytest.fixture(name="control")
def _control(tmp_path: Path) -> Path:
    control = tmp_path / "control"
    control.mkdir()
    (tmp_path / "work").mkdir()
    return control


def _order(control: Path, script: str, **more: Any) -> Order:
    values: dict[str, Any] = {
        "work": str(control.parent / "work"),
        "argv": ("/bin/sh", "-c", script),
        "slug": "job",
        "user": "anna",
        "seconds": 30,
        "memory_bytes": 1 << 30,
        "confined": False,
        **more,
    }
    return Order(**values)


def _run(control: Path, script: str, **more: Any) -> Exit:
    bell: Any = SilentBell()
    return Supervisor(_order(control, script, **more), bell, FAST).run(control)


def _wait_for_exit(launcher: ForkLauncher, control: Path) -> Exit:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        ended = launcher.look(control)
        if ended is not None:
            return ended
        time.sleep(0.02)
    raise AssertionError("the program does not end")


def test_keep_output_and_code(control: Path) -> None:
    """A program's two outputs and its exit code are kept."""
    ended = _run(control, "echo out; echo err >&2; pwd; exit 7")

    work = control.parent / "work"
    assert Exit("exited", 7) == ended
    assert f"out\n{work}\n" == (work / "job.out").read_text()
    assert (work / "job.err").read_text() == "err\n"


def test_tell_a_signal(control: Path) -> None:
    """A program that dies of a signal is told as shells do."""
    assert Exit("exited", 139) == _run(control, "kill -SEGV $$")


def test_end_in_time(control: Path) -> None:
    """A program that takes too long is asked to end."""
    assert Exit("time", 143) == _run(control, "exec sleep 60", seconds=0)


def test_force_the_deaf(control: Path) -> None:
    """A program that does not listen is forced, with all that it started."""
    script = "trap '' TERM; sleep 60 & while :; do sleep 0.05; done"

    assert Exit("time", 137) == _run(control, script, seconds=0)


def test_let_a_program_clean_up(control: Path) -> None:
    """A program that listens has a moment to clean up."""
    script = "trap 'echo bye; exit 3' TERM; while :; do sleep 0.02; done"

    assert Exit("time", 3) == _run(control, script, seconds=1)
    assert (control.parent / "work" / "job.out").read_text() == "bye\n"


def test_end_when_asked(control: Path) -> None:
    """A program ends when its supervisor is asked to."""
    bell: Any = SilentBell()
    bell.asked = True
    order = _order(control, "exec sleep 60")

    assert Exit("ended", 143) == Supervisor(order, bell, FAST).run(control)


def test_limit_the_folder(control: Path) -> None:
    """A program that fills its folder is ended."""
    script = "head -c 3000000 /dev/zero > big; exec sleep 60"

    assert Exit("bytes", 143) == _run(control, script, total_bytes=1 << 20)


def test_limit_the_processes(control: Path) -> None:
    """A program that starts too many others is ended."""
    script = "for i in 1 2 3 4 5; do sleep 60 & done; wait"
    ended = _run(control, script, processes=3)

    assert ended.reason == "processes"


def test_start_nothing(control: Path) -> None:
    """A program that is not there, or whose output can't be kept, is told."""
    assert Exit("start") == _run(control, "", argv=("/no/such/program",))
    assert Exit("start") == _run(control, "true")


def test_write_through_no_link(control: Path) -> None:
    """Output is never written through a link that was staged."""
    work = control.parent / "work"
    (work / "job.out").symlink_to(control / "stolen")

    assert Exit("start") == _run(control, "echo x")
    assert not (control / "stolen").exists()


def test_measure_a_folder(tmp_path: Path) -> None:
    """A folder is measured without following links."""
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").write_bytes(b"x" * 100_000)
    (tmp_path / "l").symlink_to("/usr")

    assert 100_000 <= measure(tmp_path) < 300_000


def test_register_once(control: Path) -> None:
    """There is one supervisor for a job, for ever."""
    assert read_supervisor(control) is None
    assert register(control, {"pid": 1, "started": "a"})
    assert not register(control, {"pid": 2, "started": "b"})
    assert read_supervisor(control) == {"pid": 1, "started": "a"}


def test_orders_and_ends_come_back(control: Path) -> None:
    """What is written is read as the same."""
    order = _order(control, "true")
    write_order(control, order)
    write_exit(control, Exit("time", 143))

    assert order == read_order(control)
    assert Exit("time", 143) == read_exit(control)


def test_know_processes_apart() -> None:
    """A process is known by its number and its start."""
    mine = identify(os.getpid())

    assert mine is not None
    assert is_alive(mine)
    assert not is_alive({**mine, "started": "another time"})
    assert identify(2**22 + 1) is None
    assert name_of(2**22 + 1) == ""


def test_know_orphans() -> None:
    """The living leave no orphans, nor does a process of another run."""
    mine = identify(os.getpid())

    assert mine is not None
    assert orphans(mine) == []
    assert orphans({"pid": 2**22 + 1, "started": "another-run/1"}) == []
    assert orphans({"pid": 2**22 + 1, "started": "by ps"}) == []


def test_know_descendants() -> None:
    """Children and their children are known; a dead one that waits is not alive."""
    script = "sleep 60 & echo $!; wait"
    with subprocess.Popen(
        ["/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        below = int(child.stdout.readline())
        assert [below] == descendants(child.pid)
        assert below in descendants(os.getpid())
        os.kill(below, signal.SIGKILL)
        child.kill()
        until = time.monotonic() + 5
        while identify(child.pid) is not None and time.monotonic() < until:
            time.sleep(0.01)
        assert identify(child.pid) is None


def test_launch_a_supervisor(control: Path) -> None:
    """A supervisor outlives its launcher, is no child, and leaves the end."""
    launcher = ForkLauncher(lambda: "no sandbox", unconfined=True)
    launcher.launch(control, _order(control, "sleep 0.3; exit 4"))

    supervisor = read_supervisor(control)
    assert supervisor is not None
    assert is_alive(supervisor)
    assert supervisor["pid"] not in descendants(os.getpid())
    assert launcher.look(control) is None
    launcher.launch(control, _order(control, "echo again > ../again"))
    assert Exit("exited", 4) == _wait_for_exit(launcher, control)
    assert not (control.parent / "again").exists()


def test_end_a_supervised_program(control: Path) -> None:
    """A program is ended through its supervisor; once it has ended nothing is."""
    launcher = ForkLauncher(lambda: "no sandbox", unconfined=True)
    launcher.launch(control, _order(control, "exec sleep 60"))

    launcher.end(control)
    assert Exit("ended", 143) == _wait_for_exit(launcher, control)
    launcher.end(control)


def test_lose_a_supervisor(control: Path) -> None:
    """A supervisor that was killed leaves a job that is lost, and no process."""
    launcher = ForkLauncher(lambda: "no sandbox", unconfined=True)
    launcher.launch(control, _order(control, "echo $$ > pid; exec sleep 60"))
    supervisor = read_supervisor(control)
    assert supervisor is not None
    pid = control.parent / "work" / "pid"
    until = time.monotonic() + 10
    while not (pid.exists() and pid.read_text()) and time.monotonic() < until:
        time.sleep(0.01)

    os.kill(supervisor["pid"], signal.SIGKILL)
    assert Exit("lost") == _wait_for_exit(launcher, control)
    until = time.monotonic() + 10
    while identify(int(pid.read_text())) is not None and time.monotonic() < until:
        time.sleep(0.01)
    assert identify(int(pid.read_text())) is None
    assert orphans(supervisor) == []


def test_fail_to_launch(control: Path) -> None:
    """A supervisor that can't be started is an error at once."""
    launcher = ForkLauncher(lambda: None, python="/bin/false")

    with pytest.raises(OSError, match="did not start"):
        launcher.launch(control, _order(control, "true"))
    assert launcher.look(control) == Exit("lost")


def test_refuse_without_a_sandbox() -> None:
    """Without sandboxes nothing runs, unless somebody said that it may."""
    missing = ForkLauncher(lambda: "bwrap is missing")
    assert "bwrap is missing" in str(missing.refusal("anna", {"anna"}))
    alone = ForkLauncher(lambda: "x", unconfined=True)
    assert alone.refusal("anna", {"anna"}) is None
    assert "one user at a time" in str(alone.refusal("anna", {"anna", "ben"}))
    assert ForkLauncher(lambda: None).refusal("anna", {"anna", "ben"}) is None


def test_second_supervisor_goes_away(control: Path) -> None:
    """A second supervisor finds the first and does nothing."""
    write_order(control, _order(control, "echo ran > ran"))
    register(control, {"pid": 1, "started": "a"})

    done = subprocess.run(
        [sys.executable, "-m", "agave_local.services.jobs.supervise", str(control)],
        check=False,
        timeout=WAIT_SECONDS,
    )

    assert done.returncode == 0
    assert not (control.parent / "work" / "ran").exists()
    assert callable(main)


def test_confine_a_program(control: Path) -> None:
    """A confined program gets a sandbox with one writable folder and no network."""
    order = _order(control, "true", confined=True)
    command = to_command(order, control)
    text = " ".join(command)

    assert f"--bind {order.work} /job" in text
    assert text.count("--bind ") == 1
    assert "--share-net" not in text
    assert "--die-with-parent" in text
    assert f"--as={order.memory_bytes}" in text
    assert to_environment(order)["HOME"] == "/job"
    assert list(order.argv) == to_command(_order(control, "true"), control)


@pytest.mark.needs("bubblewrap")
def test_confined_program_ends_whole(control: Path) -> None:
    """In a sandbox a program may clean up, and nothing of it is left behind."""
    launcher = ForkLauncher()
    script = (
        "trap 'echo bye; exit 3' TERM; setsid sleep 61 & while :; do sleep 0.02; done"
    )
    launcher.launch(control, _order(control, script))
    supervisor = read_supervisor(control)
    assert supervisor is not None
    below: list[int] = []
    until = time.monotonic() + 10
    while time.monotonic() < until:
        below = descendants(supervisor["pid"])
        if sum(name_of(pid) == "sleep" for pid in below) >= 2:
            break
        time.sleep(0.01)

    launcher.end(control)
    ended = _wait_for_exit(launcher, control)

    assert Exit("ended", 3) == ended
    assert (control.parent / "work" / "job.out").read_text() == "bye\n"
    assert json.loads((control / "launch.json").read_text())["confined"]
    time.sleep(0.1)
    assert all(identify(pid) is None or name_of(pid) != "sleep" for pid in below)

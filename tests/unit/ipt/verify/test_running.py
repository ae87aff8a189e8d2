"""Runs under limits: nothing is left behind, whatever a program does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipt.errors import InternalError, IptError
from ipt.verify import running
from ipt.verify.running import Ended, Limits, Run, Runner, signal_name

if TYPE_CHECKING:
    from collections.abc import Iterator

SHELL = Path("/bin/sh")
ENVIRON = dict(os.environ)
QUICK = Limits(10, 100_000, 0)
# Not isolated, so that what it does is measured.
SUPERVISOR = (sys.executable, str(Path(running.__file__).with_name("supervisor.py")))


@pytest.fixture(name="runner")
def _runner() -> Iterator[Runner]:
    with Runner(ENVIRON, SUPERVISOR) as runner:
        yield runner


def sh(runner: Runner, script: str, limits: Limits = QUICK) -> Run:
    """Run a script of the shell."""
    return runner.run(SHELL, ["-c", script], limits)


def is_alive(pid: int) -> bool:
    """Tell whether a process exists and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_output_status_and_files_are_returned(runner: Runner) -> None:
    """Files are those of the folder of the run, below it too."""
    run = sh(
        runner,
        "echo hello; echo oops >&2; mkdir d; echo 1 > d/f; ln -s /dev/zero z; "
        "mkfifo p; exit 3",
    )

    assert (run.ended, run.code, run.output) == (Ended.EXIT, 3, b"hello\n")
    assert run.errors == "oops\n"
    assert run.files == {"d/f": b"1\n"}
    assert run.is_usable
    assert 0 < run.seconds < 5


def test_every_run_begins_in_a_fresh_folder(runner: Runner) -> None:
    """What one run wrote the next one does not see."""
    first = sh(runner, "ls; echo 1 > f")
    second = sh(runner, "ls; echo 1 > f")

    assert first.output == second.output == b""


def test_input_and_data_are_there(runner: Runner, tmp_path: Path) -> None:
    """Data that the program leaves alone is no output of it."""
    (tmp_path / "in").write_text("typed\n")
    (tmp_path / "table").write_text("data\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "inner").write_text("x")

    run = runner.run(
        SHELL,
        ["-c", "cat; cat table more/inner; echo new > more/inner"],
        QUICK,
        stdin=tmp_path / "in",
        data=[tmp_path / "table", tmp_path / "more"],
        environ={"OMP_NUM_THREADS": "3"},
    )

    assert run.output == b"typed\ndata\nx"
    assert run.files == {"more/inner": b"new\n"}
    assert (tmp_path / "more" / "inner").read_text() == "x"


def test_data_that_cannot_be_copied_is_refused(runner: Runner, tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(IptError, match="gone: it cannot be copied"):
        runner.run(SHELL, [], QUICK, data=[tmp_path / "gone"])


def test_time_limit_ends_a_program(runner: Runner) -> None:
    """At once, and the rest of the check goes on."""
    began = time.monotonic()
    run = sh(runner, "echo begun; sleep 60", Limits(0.3, 1000, 0))

    assert run.ended is Ended.TIME
    assert not run.is_usable
    assert run.output == b"begun\n"
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "script",
    [
        "yes",
        "yes > f",
        "trap '' XFSZ; while :; do echo yyyyyyyyyyyyyyyyyyyyyy; done 2>/dev/null",
        "i=0; while :; do i=$((i+1)); yes | head -c 90000 > f$i; done",
    ],
)
def test_output_limit_ends_a_program(runner: Runner, script: str) -> None:
    """Be it standard output, one file, or many of them."""
    run = sh(runner, script, Limits(5, 100_000, 0))

    assert run.ended in (Ended.OUTPUT, Ended.TIME, Ended.EXIT)
    assert run.ended is Ended.OUTPUT or len(run.output) <= 100_000
    assert sum(map(len, run.files.values())) <= 200_000


def test_too_many_files_end_a_program(runner: Runner) -> None:
    """Empty files fill a disk too."""
    code = (
        "import itertools\nfor i in itertools.count():\n    open(f'f{i}', 'w').close()"
    )
    run = runner.run(Path(sys.executable), ["-c", code], Limits(60, 100_000, 0))

    assert run.ended is Ended.OUTPUT


def test_memory_limit_is_kept(runner: Runner) -> None:
    """A program gets no more than it may have."""
    code = "b = bytearray(3 * 1024 ** 3)"
    limits = Limits(20, 100_000, 1024**3)
    run = runner.run(Path(sys.executable), ["-c", code], limits)

    assert run.code == 1
    assert "MemoryError" in run.errors


def test_crash_names_the_signal(runner: Runner) -> None:
    """A signal is no exit status."""
    run = sh(runner, "kill -SEGV $$")

    assert (run.ended, run.code) == (Ended.SIGNAL, signal.SIGSEGV)
    assert signal_name(run.code) == "SIGSEGV"


def test_what_runs_in_the_background_is_ended(runner: Runner) -> None:
    """Also what left its session, and its parents."""
    run = sh(
        runner, "setsid sh -c 'sleep 300 & echo $!' & sleep 300 & echo $!; wait %1"
    )
    pids = [int(each) for each in run.output.split()]

    assert len(pids) == 2
    assert not any(is_alive(pid) for pid in pids)


def test_program_that_cannot_be_started_says_why(
    runner: Runner, tmp_path: Path
) -> None:
    """As a shell would put it."""
    run = runner.run(tmp_path / "gone", [], QUICK)

    assert run.code == 127
    assert "No such file" in run.errors


def test_scratch_folder_goes_with_the_runner() -> None:
    """Also where the program took its own permissions away."""
    with Runner(ENVIRON) as runner:
        scratch = runner.scratch
        sh(runner, "mkdir -p d/e; touch d/e/f; chmod 000 d/e d")
        left = list(scratch.iterdir())

    assert left == []
    assert not scratch.exists()


def test_interrupted_check_ends_its_program(tmp_path: Path) -> None:
    """Ctrl-C reaches ipt alone, which takes all else down with it."""
    code = f"""
import sys
from pathlib import Path
from ipt.verify.running import Limits, Runner
with Runner({{"PATH": "/usr/bin:/bin"}}) as runner:
    script = "echo $$ > {tmp_path}/pid; sleep 300"
    runner.run(Path("/bin/sh"), ["-c", script], Limits(100, 1000, 0))
"""
    # A process group of its own, as a shell gives to each command.
    check = subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, start_new_session=True
    )
    pid = _pid(tmp_path / "pid")
    os.killpg(check.pid, signal.SIGINT)
    _, errors = check.communicate(timeout=20)

    assert check.returncode != 0
    assert b"KeyboardInterrupt" in errors
    assert not is_alive(pid)


def test_killed_check_ends_its_program(tmp_path: Path) -> None:
    """Even where ipt has no time to tidy up, the supervisor notices."""
    code = f"""
from pathlib import Path
from ipt.verify.running import Limits, Runner
with Runner({{"PATH": "/usr/bin:/bin"}}) as runner:
    print(runner.scratch, flush=True)
    script = "echo $$ > {tmp_path}/pid; sleep 300"
    runner.run(Path("/bin/sh"), ["-c", script], Limits(100, 1000, 0))
"""
    check = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    pid = _pid(tmp_path / "pid")
    check.kill()
    said, _ = check.communicate(timeout=20)
    until = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    subprocess.run(["rm", "-rf", said.decode().strip()], check=True)

    assert not is_alive(pid)


def _pid(path: Path) -> int:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        time.sleep(0.02)
    raise AssertionError("the program did not begin")


def test_supervisor_that_dies_is_a_fault(tmp_path: Path) -> None:
    """Nothing is taken for a result then."""
    fake = tmp_path / "supervisor.py"
    fake.write_text("print('no JSON')\n")
    with (
        Runner(ENVIRON, [sys.executable, str(fake)]) as runner,
        pytest.raises(InternalError, match="gave no result"),
    ):
        sh(runner, "true")


def test_compiler_runs_where_the_user_is(
    runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relative paths mean what they mean on the command line."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f").write_text("content")
    run = runner.compile(SHELL, ["-c", "cat f; echo $TMPDIR"], QUICK)

    assert run.output.decode().startswith("content" + str(runner.scratch))
    assert running.signal_name(9) == "SIGKILL"

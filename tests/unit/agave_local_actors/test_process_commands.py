"""Commands in the place of images, and limits of processes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.actors.runner.base import Task
from agave_local.services.actors.runner.forkserver import without_folders
from agave_local.services.actors.runner.images import Program
from agave_local.services.actors.runner.limits import Limits
from agave_local.services.actors.runner.process import ProcessRunner

MakePackage = Callable[..., str]
Make = Callable[..., ProcessRunner]
_SEND = """
import os, socket
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
    client.connect(os.environ["_abaco_results_socket"])
    client.send(b"one")
    client.send(b"x" * 131_072)
"""
_COUNT = "import resource; print(resource.getrlimit(resource.RLIMIT_NPROC))"


def _python(code: str) -> Program:
    return Program(command=(sys.executable, "-c", code))


def _shell(script: str, **environment: str) -> Program:
    return Program(command=("sh", "-c", script), environment=environment)


@pytest.fixture(name="make_runner")
def _make_runner(recorder: Any, tmp_path: Path) -> Iterator[Make]:
    started: list[ProcessRunner] = []

    def make(program: Program | str, **options: Any) -> ProcessRunner:
        runner = ProcessRunner(
            {"i": program}, tmp_path / "f", "http://127.0.0.1:1", **options
        )
        runner.start(recorder)
        started.append(runner)
        return runner

    yield make
    for runner in started:
        runner.stop()


def test_command(recorder: Any, make_runner: Make) -> None:
    """A command gets its message, and what it writes and says is its own."""
    runner = make_runner(_shell('echo "$MSG"; echo bad >&2; exit 3'), now=lambda: 60.0)

    runner.prepare("i")
    runner.run(Task("a", "i", {"MSG": "a 'message' $HOME"}))

    assert recorder.wait_prepared() is None
    ending = recorder.wait_end("a")
    assert (ending.exit_code, ending.error) == (3, None)
    assert ending.log == "a 'message' $HOME\nbad\n"
    assert ending.state["Status"] == "exited"
    assert ending.state["ExitCode"] == 3
    assert ending.state["FinishedAt"] == "1970-01-01T00:01:00.000Z"


def test_results_of_a_command(recorder: Any, make_runner: Make) -> None:
    """A command sends frames as an image does."""
    make_runner(_python(_SEND)).run(Task("a", "i", {}))

    assert recorder.wait_end("a").exit_code == 0
    assert recorder.frames["a"] == [b"one", b"x" * 131_072]


def test_binary_message(recorder: Any, make_runner: Make, tmp_path: Path) -> None:
    """A command reads a binary message from a pipe, and sees its end."""
    message = tmp_path / "message"
    message.write_bytes(os.urandom(2_000_000))
    script = 'test -p "$_abaco_binary_data" && wc -c < "$_abaco_binary_data"'

    make_runner(_shell(script)).run(Task("a", "i", {}, message))

    assert recorder.wait_end("a").log.strip() == "2000000"


def test_operators_environment(recorder: Any, make_runner: Make) -> None:
    """What the operator fixed for an image cannot be replaced by a message."""
    runner = make_runner(_shell('echo "$LEVEL $PATH"', LEVEL="2"))

    runner.run(Task("a", "i", {"LEVEL": "9", "PATH": "/evil", "LD_PRELOAD": "/x.so"}))

    assert recorder.wait_end("a").log == (
        "2 /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
    )


@pytest.mark.parametrize("program", ["no-such-program", "/opt/secret/no-such-program"])
def test_missing_program(recorder: Any, make_runner: Make, program: str) -> None:
    """A program that is not here is named, but not where it was looked for."""
    runner = make_runner(Program(command=(program,)))

    runner.prepare("i")
    runner.run(Task("a", "i", {}))

    reason = "The program no-such-program of this image was not found."
    assert recorder.wait_prepared() == reason
    assert recorder.wait_end("a").error == reason


def test_program_that_comes(recorder: Any, make_runner: Make, tmp_path: Path) -> None:
    """A program that was missing runs as soon as it is there."""
    program = tmp_path / "program"
    runner = make_runner(Program(command=(str(program),)))
    runner.prepare("i")
    assert recorder.wait_prepared() is not None

    shutil.copy("/bin/true", program)
    recorder.prepared.clear()
    runner.prepare("i")

    assert recorder.wait_prepared() is None


def test_message_that_no_process_could_have(recorder: Any, make_runner: Make) -> None:
    """A command cannot get a variable beyond the kernel's limit, and says so."""
    make_runner(_shell("echo started")).run(Task("a", "i", {"MSG": "x" * 200_000}))

    ending = recorder.wait_end("a")
    assert ending.exit_code == 126
    assert ending.log == ("The program could not be started: Argument list too long\n")


def test_signals_of_a_command(recorder: Any, make_runner: Make) -> None:
    """A command dies of a broken pipe, as anywhere."""
    runner = make_runner(_shell("(yes; echo $? >&2) | head -n 1"))

    runner.run(Task("a", "i", {}))

    assert sorted(recorder.wait_end("a").log.split()) == ["141", "y"]


def test_whole_group_is_ended(recorder: Any, make_runner: Make, tmp_path: Path) -> None:
    """Ending an execution by force ends what it started, too."""
    path = tmp_path / "pid"
    runner = make_runner(_shell(f"sleep 60 & echo $! > {path}; echo up; wait"))
    runner.run(Task("a", "i", {}))
    recorder.wait_soon(lambda: runner.log("a") == "up\n")

    runner.kill("a")

    assert recorder.wait_end("a").exit_code == 137
    child = path.read_text().strip()
    recorder.wait_soon(lambda: not _is_alive(child))


def test_what_it_took(recorder: Any, make_runner: Make, tmp_path: Path) -> None:
    """Processor time and bytes are counted, of its children too."""
    path = tmp_path / "file"
    code = (
        f"import subprocess, sys\n"
        f"open({str(path)!r}, 'wb').write(b'x' * 300_000)\n"
        f"subprocess.run(['cat', {str(path)!r}], stdout=subprocess.DEVNULL)\n"
        f"sum(range(1_000_000))\n"
    )

    make_runner(_python(code)).run(Task("a", "i", {}))

    ending = recorder.wait_end("a")
    assert ending.exit_code == 0
    assert ending.cpu > 1_000_000
    assert 900_000 <= ending.io < 5_000_000


def test_memory_limit(recorder: Any, make_runner: Make) -> None:
    """The tenant's limit holds for an actor without one; zero is no limit."""
    program = _python("print(len(b'x' * 300_000_000))")
    runner = make_runner(program, limits=Limits(memory=150 * 2**20))

    runner.run(Task("a", "i", {}))
    runner.run(Task("b", "i", {}, memory=0))

    assert recorder.wait_end("a").log.endswith("MemoryError\n")
    assert recorder.wait_end("b").log == "300000000\n"


def test_file_size_limit(recorder: Any, make_runner: Make, tmp_path: Path) -> None:
    """A file does not grow beyond the limit."""
    path = tmp_path / "big"
    script = f"head -c 5000000 /dev/zero > {path}; echo $?"

    make_runner(_shell(script), limits=Limits(file_size=1_000_000)).run(
        Task("a", "i", {})
    )

    ending = recorder.wait_end("a")
    assert ending.log.splitlines()[-1] != "0"
    assert path.stat().st_size == 1_000_000


def test_process_limit_is_set(recorder: Any, make_runner: Make) -> None:
    """The number of processes is limited, as far as the kernel counts them."""
    runner = make_runner(_python(_COUNT), limits=Limits(processes=77))

    runner.run(Task("a", "i", {}))

    assert recorder.wait_end("a").log == "(77, 77)\n"


def test_broken_code_that_is_mended(
    recorder: Any, make_runner: Make, make_package: MakePackage, tmp_path: Path
) -> None:
    """An image that cannot be imported says why, and runs once it is mended."""
    package = make_package("mended", "from json import nothing_here")
    runner = make_runner(package)
    runner.prepare("i")
    reason = recorder.wait_prepared()
    assert reason is not None
    assert "cannot import name 'nothing_here' from 'json'" in reason
    assert "/" not in reason

    (tmp_path / "packages" / package / "app.py").write_text("")
    recorder.prepared.clear()
    runner.prepare("i", renew=True)

    assert recorder.wait_prepared() is None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyError(), "KeyError"),
        (ImportError("no x (/a b/c/d.py)"), "ImportError: no x (d.py)"),
        (ImportError("no x (/home/me/d.py)"), "ImportError: no x (d.py)"),
        (
            FileNotFoundError(2, "No such file or directory", "/etc/secret/key.pem"),
            "FileNotFoundError: [Errno 2] No such file or directory: 'key.pem'",
        ),
        (ValueError("see https://host/a/b"), "ValueError: see https://host/a/b"),
        (ValueError("1/2 or a/b"), "ValueError: 1/2 or a/b"),
        (ValueError("x" * 900), f"ValueError: {'x' * 488}"),
    ],
)
def test_reasons_without_folders(error: Exception, said: str) -> None:
    """A reason names no folder of this machine, and is short."""
    assert without_folders(error) == said


def _is_alive(pid: str) -> bool:
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True, check=False
    )
    return state.stdout.strip() not in {"", "Z"}

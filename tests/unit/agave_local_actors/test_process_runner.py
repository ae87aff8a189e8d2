"""The process runner and its fork servers."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.actors.runner import forkserver
from agave_local.services.actors.runner.base import Task
from agave_local.services.actors.runner.limits import Limits
from agave_local.services.actors.runner.process import ProcessRunner

MakePackage = Callable[..., str]
MAIN = """
    import os, sys, time
    print("log", os.environ.get("SAY", ""), end="", flush=True)
    time.sleep(float(os.environ.get("SLEEP", "0")))
"""


@pytest.fixture(name="make_runner")
def _make_runner(
    recorder: Any, tmp_path: Path
) -> Iterator[Callable[..., ProcessRunner]]:
    started: list[ProcessRunner] = []

    def make(images: dict[str, str], **options: Any) -> ProcessRunner:
        folder = options.pop("folder", tmp_path / "f")
        runner = ProcessRunner(images, folder, "http://127.0.0.1:1", **options)
        runner.start(recorder)
        started.append(runner)
        return runner

    yield make
    for runner in started:
        runner.stop()


def test_warm_parent(
    recorder: Any, make_runner: Any, make_package: MakePackage, tmp_path: Path
) -> None:
    """A package is imported once and told where the tenant is."""
    path = tmp_path / "warmed"
    app = f"""
        from pathlib import Path
        def warm(api_server):
            with Path({str(path)!r}).open("a") as file:
                file.write(api_server)
    """
    runner = make_runner({"i": make_package("warmed", app, MAIN)})

    runner.prepare("i")
    first = recorder.wait_prepared()
    runner.prepare("i")

    assert (first, recorder.wait_prepared(2)) == (None, None)
    runner.run(Task("a", "i", {"SAY": "x"}))
    assert recorder.wait_end("a").log == "log x"
    assert path.read_text() == "http://127.0.0.1:1"


def test_package_without_app(
    recorder: Any, make_runner: Any, make_package: MakePackage, tmp_path: Path
) -> None:
    """Any package that can be run is an image; nothing has to be imported before."""
    package = make_package("plain", "", MAIN)
    (tmp_path / "packages" / "plain" / "app.py").unlink()
    runner = make_runner({"i": package})

    runner.prepare("i")

    assert recorder.wait_prepared() is None
    runner.run(Task("a", "i", {"SAY": "x"}))
    assert recorder.wait_end("a").log == "log x"


def test_unknown_image(recorder: Any, make_runner: Any) -> None:
    """An image that nothing is mapped to is neither prepared nor run."""
    runner = make_runner({})

    runner.prepare("i")
    runner.run(Task("a", "i", {}))

    reason = "Image i was not found on the public registry."
    assert recorder.prepared == [("i", reason)]
    assert recorder.endings["a"].error == reason


def test_package_that_ends_its_parent(
    recorder: Any, make_runner: Any, make_package: MakePackage
) -> None:
    """A package that takes its fork server down is reported, not restarted for ever."""
    package = make_package("ending", "import os; os._exit(3)")
    runner = make_runner({"i": package})

    runner.prepare("i")

    lost = "The process that runs this image ended unexpectedly."
    assert recorder.wait_prepared() == lost
    runner.run(Task("a", "i", {}))
    assert recorder.wait_end("a").error == lost


def test_broken_package_ends_what_waits_for_it(
    recorder: Any, make_runner: Any, make_package: MakePackage
) -> None:
    """An execution of a package that cannot be imported ends with the reason."""
    runner = make_runner({"i": make_package("sick", "raise ValueError('no')")})

    runner.run(Task("a", "i", {}))

    assert recorder.wait_end("a").error == "ValueError: no"
    assert recorder.prepared == [("i", "ValueError: no")]


def test_time_limit(recorder: Any, make_runner: Any, make_package: MakePackage) -> None:
    """An execution that takes too long is ended by force."""
    package = make_package("slow", "", MAIN)
    runner = make_runner({"i": package}, limits=Limits(run_time=0.5))
    runner.prepare("i")
    recorder.wait_prepared()

    runner.run(Task("a", "i", {"SLEEP": "60"}))

    ending = recorder.wait_end("a")
    assert (ending.exit_code, ending.error, ending.log) == (137, None, "log ")


def test_kill_and_live_log(
    recorder: Any, make_runner: Any, make_package: MakePackage
) -> None:
    """A running execution can be read and ended; another one is left alone."""
    runner = make_runner({"i": make_package("killed", "", MAIN)})
    runner.run(Task("a", "i", {"SLEEP": "60"}))
    while not runner.log("a"):
        pass

    runner.kill("nothing")
    runner.kill("a")

    assert recorder.wait_end("a").exit_code == 137
    assert runner.log("a") == ""


def test_renewed_code(
    recorder: Any, make_runner: Any, make_package: MakePackage, tmp_path: Path
) -> None:
    """A renewed image runs new code; what runs the old one is left to end."""
    package = make_package("renewed", "", MAIN)
    runner = make_runner({"i": package})
    runner.run(Task("old", "i", {"SLEEP": "1"}))
    recorder.wait_prepared()
    source = tmp_path / "packages" / package / "__main__.py"
    source.write_text("print('new code')\n")

    runner.prepare("i", renew=True)
    runner.prepare("i", renew=True)
    runner.run(Task("new", "i", {}))

    assert recorder.wait_end("new").log == "new code\n"
    old = recorder.wait_end("old")
    assert (old.exit_code, old.error) == (0, None)


def test_stop_ends_what_runs(
    recorder: Any, make_runner: Any, make_package: MakePackage
) -> None:
    """Stopping tells the listener of every execution, old code or new."""
    runner = make_runner({"i": make_package("stopped", "", MAIN)})
    for name in ("a", "b"):
        runner.prepare("i", renew=True)
        runner.run(Task(name, "i", {"SLEEP": "60"}))

    runner.stop()
    runner.stop()

    assert {ending.error for ending in recorder.endings.values()} == {
        "The tenant was stopped."
    }
    assert set(recorder.endings) == {"a", "b"}


def test_deep_folder(
    recorder: Any, make_runner: Any, make_package: MakePackage, tmp_path: Path
) -> None:
    """Sockets are elsewhere where the data directory's path is too long for them."""
    main = """
        import os
        print(len(os.environ["_abaco_results_socket"]))
    """
    folder = tmp_path / ("x" * 100) / "f"
    runner = make_runner({"i": make_package("deep", "", main)}, folder=folder)

    runner.run(Task("a", "i", {}))

    assert int(recorder.wait_end("a").log) < 108


def test_memory(recorder: Any, make_runner: Any, make_package: MakePackage) -> None:
    """A process gets no more memory than its task says."""
    main = "print(len(b'x' * 500_000_000))"
    runner = make_runner({"i": make_package("greedy", "", main)})

    runner.run(Task("a", "i", {}, memory=200 * 2**20))

    ending = recorder.wait_end("a")
    assert ending.exit_code == 1
    assert ending.log.endswith("MemoryError\n")


@pytest.mark.parametrize(
    ("main", "code", "log"),
    [
        ("import sys; sys.exit()", 0, ""),
        ("import sys; sys.exit(300)", 44, ""),
        ("import sys; sys.exit('text')", 1, "text\n"),
        ("import os; print(dict(os.environ))", 0, "{'A': 'b'}\n"),
        ("print(__name__, __package__)", 0, "__main__ coded\n"),
        ("import sys; sys.stdout.close()", 0, None),
        ("raise KeyError('x')", 1, None),
    ],
)
def test_run_package(
    make_package: MakePackage, main: str, code: int, log: str | None, tmp_path: Path
) -> None:
    """A package runs as `python -m` would, with its own environment only."""
    make_package("coded", "", main)
    script = f"""
import sys
sys.path.insert(0, {str(tmp_path / "packages")!r})
from agave_local.services.actors.runner.forkserver import run_package
code = run_package("coded", {{"A": "b"}})
with open({str(tmp_path / "code")!r}, "w") as file:
    file.write(str(code))
"""

    ran = subprocess.run(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )

    assert (tmp_path / "code").read_text() == str(code)
    assert log is None or ran.stdout == log


def test_prepared_child(tmp_path: Path) -> None:
    """A child has a session of its own and writes to its log alone."""
    path = tmp_path / "log"
    script = f"""
import os, resource, sys
from agave_local.services.actors.runner.forkserver import prepare_child
if os.fork():
    os.wait()
    sys.exit()
log = os.open({str(path)!r}, os.O_WRONLY | os.O_CREAT, 0o600)
prepare_child(log, {{"memory": 10**9, "processes": None}})
print(os.getsid(0) == os.getpid(), sys.stdin.read() == "", flush=True)
print(resource.getrlimit(resource.RLIMIT_DATA), file=sys.stderr)
print(resource.getrlimit(resource.RLIMIT_CORE), file=sys.stderr)
"""

    subprocess.run([sys.executable, "-c", script], check=True)

    assert path.read_text() == ("True True\n(1000000000, 1000000000)\n(0, 0)\n")


def test_messages_between_tenant_and_fork_server() -> None:
    """A message arrives whole with its descriptor, and the end is noticed."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        forkserver.send(ours, {"filler": "x" * 100_000})
        assert forkserver.receive(theirs) == ({"filler": "x" * 100_000}, [])
        ours.close()
        assert forkserver.receive(theirs) is None


def test_tenant_that_is_gone_at_once() -> None:
    """A fork server without a tenant ends at once."""
    ours, theirs = socket.socketpair()
    ours.close()
    with theirs:
        ended = subprocess.run(
            [
                *(sys.executable, "-m", forkserver.__name__),
                *("nothing", str(theirs.fileno())),
            ],
            pass_fds=[theirs.fileno()],
            check=False,
        )

    assert ended.returncode == 0

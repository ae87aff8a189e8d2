"""The tenant as a process: started, recorded, found again, stopped."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agave_deploy.errors import StackError
from agave_deploy.local_stack.processes import find_process
from agave_deploy.local_stack.stack import Running, Stack

ROOT = Path(__file__).parents[3]
READY = """
import http.server, os, sys
assert not {name for name in os.environ if name.startswith("SECRET")}
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""
HOLDS = (
    """
import fcntl, os, sys
data = sys.argv[sys.argv.index("--data") + 1]
lock = os.open(data + "/run/tenant.lock", os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
os.pwrite(lock, f"{os.getpid()}\\n".encode(), 0)
"""
    + READY
)
FAILS = "import sys; print('the disk is full', file=sys.stderr); sys.exit(3)"
SLEEPS = "import time; time.sleep(60)"

MakeStack = Callable[[str], Stack]


@pytest.fixture
def make_stack(tmp_path: Path) -> Iterator[MakeStack]:
    """Yield a maker of stacks whose tenant is a small script."""
    made: list[Stack] = []

    def make(script: str) -> Stack:
        command = [sys.executable, "-c", script]
        stack = Stack(ROOT, tmp_path / "data", command, patience_s=5)
        stack.prepare()
        made.append(stack)
        return stack

    yield make
    for stack in made:
        stack.stop(lambda _line: None)


@pytest.fixture
def port() -> int:
    """Return a port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        number: int = server.getsockname()[1]
        return number


def test_start_clean_environment(
    make_stack: MakeStack, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tenant gets nothing of the environment that it has no use for."""
    monkeypatch.setenv("SECRET_OF_THE_SHELL", "x")

    assert make_stack(READY).start(port).process.is_alive()


def test_start_and_stop(make_stack: MakeStack, port: int, tmp_path: Path) -> None:
    """A tenant that answers is running until it is stopped."""
    stack, said = make_stack(READY), list[str]()

    started = stack.start(port)

    assert stack.running() == started
    assert started.url == f"http://127.0.0.1:{port}"
    images = json.loads((tmp_path / "data/run/images.json").read_text())
    assert images["ipt/terminal"] == "functions.terminal"
    assert stack.stop(said.append)
    assert said == [f"stopping the tenant (process {started.process.pid})"]
    assert (stack.running(), find_process(started.process.pid)) == (None, None)
    assert not stack.stop(said.append)


def test_start_own_session(make_stack: MakeStack, port: int) -> None:
    """The tenant has a session of its own, so that Ctrl-C does not reach it."""
    started = make_stack(READY).start(port)

    assert os.getsid(started.process.pid) != os.getsid(0)


def test_start_port_taken(make_stack: MakeStack) -> None:
    """A port that is taken is named before anything is started, with the way out."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]

        with pytest.raises(StackError, match=rf"Port {taken} .* --port {taken + 1}"):
            make_stack(READY).start(taken)


def test_start_fails(make_stack: MakeStack, port: int) -> None:
    """A tenant that ends at once is told of with the end of its log."""
    stack = make_stack(FAILS)

    with pytest.raises(StackError, match="the disk is full"):
        stack.start(port)

    assert stack.running() is None


def test_start_never_ready(tmp_path: Path, port: int) -> None:
    """A tenant that does not answer in time is ended."""
    command = [sys.executable, "-c", SLEEPS]
    stack = Stack(ROOT, tmp_path / "data", command, patience_s=0.3)
    stack.prepare()

    with pytest.raises(StackError, match=r"not ready after 0\.3 s"):
        stack.start(port)

    assert stack.running() is None


def test_killed_tenant_is_not_running(make_stack: MakeStack, port: int) -> None:
    """After kill -9 the pid file is stale, and a new start works."""
    stack = make_stack(READY)
    started = stack.start(port)
    os.kill(started.process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while stack.running() and time.monotonic() < deadline:
        time.sleep(0.01)

    again: Running = stack.start(port)

    assert again.process != started.process


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pid": "x"}'])
def test_damaged_pid_file(make_stack: MakeStack, tmp_path: Path, text: str) -> None:
    """A damaged pid file names nobody, and nobody is stopped."""
    stack = make_stack(READY)
    (tmp_path / "data/run/tenant.json").write_text(text, "utf-8")

    assert stack.running() is None
    assert not stack.stop(lambda _line: None)


@pytest.mark.parametrize("text", [None, "", "{}", '{"pid": 1'])
def test_lost_record_of_a_living_tenant(
    make_stack: MakeStack, port: int, tmp_path: Path, text: str | None
) -> None:
    """A tenant whose record is lost is not started twice, and can be stopped."""
    stack, said = make_stack(HOLDS), list[str]()
    started = stack.start(port)
    record = tmp_path / "data/run/tenant.json"
    record.unlink()
    if text is not None:
        record.write_text(text, "utf-8")

    with pytest.raises(StackError, match=rf"process {started.process.pid}.* down"):
        stack.start(port)
    assert started.process.is_alive()

    assert stack.stop(said.append)
    assert said == [f"stopping the tenant (process {started.process.pid})"]
    assert not started.process.is_alive()
    assert not stack.stop(said.append)


def test_stop_reports_what_a_killed_tenant_left(
    make_stack: MakeStack, tmp_path: Path
) -> None:
    """Jobs of a tenant that is gone are stopped, named, and count as something."""
    stack, said = make_stack(READY), list[str]()
    with subprocess.Popen(["sleep", "60"]) as supervisor:
        process = find_process(supervisor.pid)
        assert process is not None
        control = tmp_path / "data/jobs/job-7/control"
        control.mkdir(parents=True)
        identity = {"pid": process.pid, "started": f"{process.boot}/{process.start}"}
        (control / "supervisor.json").write_text(json.dumps(identity), "utf-8")

        assert stack.stop(said.append)
        assert said == ["stopped the job job-7"]
        assert supervisor.wait() != 0
    assert not stack.stop(said.append)


def test_foreign_process_is_left_alone(make_stack: MakeStack, tmp_path: Path) -> None:
    """A process that got the tenant's number later is not stopped."""
    own = find_process(os.getpid())
    assert own is not None
    kept = {"pid": own.pid, "start": "1", "boot": own.boot, "port": 1}
    stack = make_stack(READY)
    (tmp_path / "data/run/tenant.json").write_text(json.dumps(kept), "utf-8")

    assert stack.running() is None
    assert not stack.stop(lambda _line: None)


def test_a_machine_without_a_sandbox(tmp_path: Path, port: int) -> None:
    """The tenant is told so, and the person gets a warning."""
    command = [sys.executable, "-c", "import sys; print(sys.argv[1:], file=sys.stderr)"]
    stack = Stack(
        ROOT, tmp_path / "data", command, why_no_sandbox=lambda: "no bwrap here"
    )
    stack.prepare()

    with pytest.raises(StackError):
        stack.start(port)

    assert "--unconfined-jobs" in stack.log.read_text()
    assert "no bwrap here" in str(stack.warning())

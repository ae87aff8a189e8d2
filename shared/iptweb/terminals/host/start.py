"""Starting a terminal server that outlives whoever starts it.

    listen ─▶ launch.json ─▶ sh starts it in the background and ends
           ─▶ who is it? ─▶ write that down ─▶ say go ─▶ wait until it answers

The server does nothing before the go.  If the starter dies on the way, the pipe that
would have brought it closes and the server ends: none runs that nobody knows of.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iptweb.errors import LaunchFailed

from .folder import Living
from .identity import read_identity
from .pipes import Pipes, open_pipes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .base import LaunchRequest
    from .folder import TerminalFolder

READY_SECONDS = 20.0
POLL_SECONDS = 0.01
KILL_SECONDS = 5.0
# sh goes into the control group and ends at once, so the server is in the group from
# its beginning and has neither us as its parent nor as its session.  What bwrap makes
# must be open to the user inside, whatever our own umask is.
DETACH = """
while [ "$1" != -- ]; do echo 0 >"$1" || exit 71; shift; done
shift
umask 022
"$@" </dev/null >&2 & echo $!
"""
NOT_LIMITED = 71
NOT_STARTED = "The terminal did not start. Try again; if it fails again, tell us."


@dataclass(frozen=True)
class Plan:
    """How a host starts its server.

    Attributes:
        home: The home as the server sees it.
        shell_argv: The shell's program and arguments, as the server sees them.
        command: Makes the command line; gets the descriptors for bwrap's report
            and of the filter.
        env: The server's environment.
        filter: What system calls are refused, for bwrap; may be empty.
        entrances: Files into which a process writes 0 to go into a control group.
        reader: Number of the user who has to read the launch file, if not we.
        reports: Whether the command writes `{"child-pid": …}` to that descriptor;
            else the process that was started is the server itself.
    """

    home: str
    shell_argv: tuple[str, ...]
    command: "Callable[[int, int | None], list[str]]"
    env: dict[str, str]
    reports: bool
    filter: bytes = b""
    entrances: "tuple[Path, ...]" = ()
    reader: int | None = None


class NotLimited(Exception):
    """A terminal could not be put into its control group; it was not started."""


def start_server(
    folder: "TerminalFolder", request: "LaunchRequest", plan: Plan, address: str
) -> Living:
    """Start a terminal's server and wait until it answers.

    Raises:
        LaunchFailed: It did not start; nothing of it is left.
        NotLimited: It could not be put into its control group.
    """
    deadline = time.monotonic() + READY_SECONDS
    try:
        with open_pipes(address, plan.filter) as pipes:
            living = begin(folder, request, plan, pipes, deadline)
    except OSError as error:
        raise LaunchFailed(
            "The execution host can't start a terminal now. Is its disk full?",
            error=str(error),
        ) from error
    if not wait_until_ready(living, address, deadline):
        living.process.send(signal.SIGKILL)
        living.process.wait_until_gone(KILL_SECONDS)
        raise LaunchFailed(NOT_STARTED, log=folder.log_tail())
    return living


def begin(
    folder: "TerminalFolder",
    request: "LaunchRequest",
    plan: Plan,
    pipes: Pipes,
    deadline: float,
) -> Living:
    """Start the server, write down which process it is, and let it begin.

    Raises:
        LaunchFailed: It ended at once.
        NotLimited: It could not be put into its control group.
    """
    port = pipes.listener.getsockname()[1]
    write_launch(folder, request, plan, pipes)
    started = spawn(folder, plan, pipes)
    pipes.close_theirs()
    pid = pipes.read_report(deadline) if plan.reports else started
    process = read_identity(pid) if pid else None
    if process is None:
        raise LaunchFailed(NOT_STARTED, log=folder.log_tail())
    living = Living(request.user, request.launch, port, process, time.time())
    folder.write_living(living)
    pipes.say_go()
    return living


def write_launch(
    folder: "TerminalFolder", request: "LaunchRequest", plan: Plan, pipes: Pipes
) -> None:
    """Write what the server is told (docs/architecture.md §6)."""
    values = {
        "name": request.name,
        "user": request.user,
        "launch": request.launch,
        "home": plan.home,
        "shell": list(plan.shell_argv),
        "socket_fd": pipes.listener.fileno(),
        "start_fd": pipes.go,
        "ticket_public_key": request.ticket_public_key,
        "origins": list(request.origins),
        "replay_bytes": 1 << 20,
        "idle_s": request.idle_s,
        "max_age_s": request.max_age_s,
    }
    folder.write_private(folder.launch_file, json.dumps(values))
    if plan.reader is not None:
        os.chown(folder.launch_file, plan.reader, -1)


def spawn(folder: "TerminalFolder", plan: Plan, pipes: Pipes) -> int:
    """Start the server in the background; return the process that was started.

    Raises:
        LaunchFailed: It could not even be started.
        NotLimited: It could not be put into its control group.
    """
    entrances = map(str, plan.entrances)
    command = plan.command(pipes.report, pipes.filter)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    log = os.open(folder.log, flags, 0o600)
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", DETACH, "sh", *entrances, "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd="/",
            env=plan.env,
            pass_fds=pipes.theirs,
            start_new_session=True,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        if error.returncode == NOT_LIMITED and plan.entrances:
            raise NotLimited from error
        raise LaunchFailed(NOT_STARTED, log=folder.log_tail()) from error
    finally:
        os.close(log)
    return int(done.stdout)


def wait_until_ready(living: Living, address: str, deadline: float) -> bool:
    """Wait until the server answers by its launch id; false if it ends instead."""
    expected = f"ready {living.launch}\n".encode()
    while time.monotonic() < deadline:
        if not living.process.is_alive():
            return False
        if expected in ask_ready(address, living.port):
            return True
        time.sleep(POLL_SECONDS)
    return False


def ask_ready(address: str, port: int) -> bytes:
    """Return what the server answers, nothing if it does not."""
    question = b"GET /ready HTTP/1.1\r\nHost: terminal\r\nConnection: close\r\n\r\n"
    answer = b""
    with (
        contextlib.suppress(OSError),
        socket.create_connection((address, port), timeout=READY_SECONDS) as peer,
    ):
        peer.sendall(question)
        while part := peer.recv(4096):
            answer += part
    return answer

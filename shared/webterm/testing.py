"""A real terminal server for tests: a process, a key, and tickets; and a clock."""

import contextlib
import heapq
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .client import TerminalClient
from .issue import issue_ticket
from .launch import Launch
from .loop import Timer

ORIGIN = "http://127.0.0.1:8080"
# Without line editing the output is the programs' alone.
BASH = ("/bin/bash", "--norc", "--noprofile", "--noediting", "-i")
STOP_SECONDS = 10


def public_pem(key: Ed25519PrivateKey) -> str:
    """Return the public half of a key as a launch carries it."""
    public = key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def example_launch(key: Ed25519PrivateKey, **changes: Any) -> Launch:
    """Return a launch of Alice's terminal."""
    values: dict[str, Any] = {
        "name": "alice-dev-IPT",
        "user": "alice",
        "launch": "launch-1",
        "home": "/",
        "shell": BASH,
        "socket_fd": 0,
        "ticket_public_key": public_pem(key),
        "origins": (ORIGIN,),
    }
    return Launch(**(values | changes))


@dataclass(frozen=True)
class RunningServer:
    """A server that runs, and the key to it."""

    launch: Launch
    port: int
    process: "subprocess.Popen[bytes]"
    key: Ed25519PrivateKey = field(repr=False)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"ws://127.0.0.1:{self.port}/"

    def ticket(self, origin: str = "") -> str:
        """Return a fresh ticket."""
        return issue_ticket(self.key, self.launch, origin=origin)

    def open(self, **options: Any) -> TerminalClient:
        """Connect as a program does; see `TerminalClient.connect`."""
        return TerminalClient.connect(self.url, self.ticket(), **options)


@contextlib.contextmanager
def run_server(
    folder: Path, *, argv: tuple[str, ...] = BASH, **changes: Any
) -> Iterator[RunningServer]:
    """Start a server, and end it in the end.

    Args:
        folder: Where its files are kept; also the shell's home.
        argv: The shell.
        changes: Fields of its `Launch` that differ from `example_launch`.
    """
    key = Ed25519PrivateKey.generate()
    listener = socket.create_server(("127.0.0.1", 0))
    with listener, (folder / "webterm.log").open("ab") as log:
        launch = example_launch(
            key,
            **(
                {"home": str(folder), "socket_fd": listener.fileno(), "shell": argv}
                | changes
            ),
        )
        file = folder / "launch.json"
        file.write_text(json.dumps(asdict(launch)), encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", "webterm", "--launch", str(file)],
            pass_fds=[listener.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "SERVER_SECRET": "must-not-leak"},
        )
        port = listener.getsockname()[1]
    try:
        yield RunningServer(launch, port, process, key)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)


class ManualTimers:
    """A clock and its timers, which a test moves.

    Attributes:
        begun: How many timers there have been.
    """

    def __init__(self) -> None:
        self.begun = 0
        self._now = 0.0
        self._timers: list[tuple[float, int, Timer]] = []

    def now(self) -> float:
        """Return the time."""
        return self._now

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Do something when the clock has been moved so far."""
        timer = Timer(callback)
        self.begun += 1
        heapq.heappush(self._timers, (self._now + seconds, self.begun, timer))
        return timer

    @property
    def waiting(self) -> int:
        """How many timers will do something."""
        return sum(not timer.cancelled for _, _, timer in self._timers)

    def move(self, seconds: float) -> None:
        """Let time pass, and all happen that is due meanwhile, in order."""
        end = self._now + seconds
        while self._timers and self._timers[0][0] <= end:
            due, _, timer = heapq.heappop(self._timers)
            self._now = max(self._now, due)
            timer.fire()
        self._now = end

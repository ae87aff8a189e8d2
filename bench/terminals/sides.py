"""The three sides that are compared: a bare pty, our host, terminado.

What a side gives for a terminal is a `Way`: a value that opens it from any process.
"""

import itertools
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.terminals.viewers import (
    BareViewer,
    OurViewer,
    TerminadoViewer,
    Viewer,
    read_until,
)
from iptweb.secret import Secret
from iptweb.terminals.host import Host, Launched, LaunchRequest
from iptweb.terminals.tickets import sign_ticket

PROMPT = b"bench> "
RC = f"PS1='{PROMPT.decode()}'\n"
PATIENCE_S = 20.0
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "TERM": "xterm-256color",
}


@dataclass(frozen=True)
class Way:
    """How a terminal is opened; it can be handed to another process.

    Attributes:
        url: Of its WebSocket; empty for a bare pty, which is made by opening it.
        ticket: For ours, good for a minute and once.
        seen: How much of ours was read before.
        argv: Of a bare pty.
        folder: Of a bare pty.
    """

    url: str = ""
    ticket: str = ""
    seen: int = 0
    argv: tuple[str, ...] = ()
    folder: str = ""

    def open(self) -> Viewer:
        """Connect."""
        if self.ticket:
            return OurViewer(self.url, self.ticket, self.seen)
        if self.url:
            return TerminadoViewer(self.url)
        return BareViewer(self.argv, {**_ENVIRONMENT, "HOME": self.folder}, self.folder)


class Side(Protocol):
    """One of those that are compared."""

    def new(self) -> Way:
        """Return the way to a terminal that nobody has opened yet."""
        ...


def open_new(side: Side) -> Viewer:
    """Return a viewer of a new terminal that is at its prompt."""
    viewer = side.new().open()
    read_until(viewer, PROMPT)
    return viewer


@dataclass(frozen=True)
class Floor:
    """Bare ptys of the process that measures.

    Attributes:
        folder: Where their shells are at home.
    """

    folder: Path

    def new(self) -> Way:
        """Return the way to a shell on a pty."""
        return Way(argv=shell_argv(self.folder), folder=str(self.folder))


def shell_argv(folder: Path) -> tuple[str, ...]:
    """Return a shell with the same prompt and line editor as in our terminals."""
    rc = folder / ".bashrc"
    rc.write_text(RC, "utf-8")
    return ("/bin/bash", "--rcfile", str(rc), "-i")


class Ours:
    """Terminals of one of our hosts.

    Attributes:
        host: Which.
        homes: The folder of homes.
    """

    def __init__(self, host: Host, homes: Path, owner: tuple[int, int]) -> None:
        """Use a host.

        Args:
            host: Which.
            homes: The folder of homes.
            owner: Whom they belong to.
        """
        self.host = host
        self.homes = homes
        self._owner = owner
        self._key = Ed25519PrivateKey.generate()
        self._numbers = itertools.count(1)
        self._names: set[str] = set()

    def request(self) -> LaunchRequest:
        """Return what asks for one more terminal, of one more user, with a home."""
        user = f"bench{next(self._numbers)}"
        home = self.homes / user
        home.mkdir(mode=0o700, parents=True)
        (home / ".bashrc").write_text(RC, "utf-8")
        # The samples are copied once in a home's life: not what is measured.
        (home / ".ipt-welcome").touch()
        for path in (home, *home.iterdir()):
            os.chown(path, *self._owner)
        name = f"{user}-dev-IPT"
        self._names.add(name)
        public = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return LaunchRequest(
            name=name,
            user=user,
            launch=secrets.token_hex(8),
            home=home,
            origins=(),
            ticket_public_key=public.decode(),
        )

    def ticket(self, name: str, launch: str) -> str:
        """Return a fresh ticket for a terminal."""
        private = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return sign_ticket(
            Secret(private.decode()),
            user=name.partition("-")[0],
            name=name,
            launch=launch,
            origin="",
            now=time.time(),
            ticket_id=secrets.token_hex(8),
        ).text.reveal()

    def launch(self) -> Launched:
        """Start one more terminal."""
        return self.host.launch(self.request())

    def home(self, name: str) -> Path:
        """Return the home of a terminal's user."""
        return self.homes / name.partition("-")[0]

    def open(self, terminal: Launched) -> OurViewer:
        """Return the first viewer of a terminal, which is at its prompt."""
        viewer = OurViewer(terminal.url, self.ticket(terminal.name, terminal.launch))
        read_until(viewer, PROMPT)
        return viewer

    def way(self, terminal: Launched, seen: int = 0) -> Way:
        """Return a way to a terminal that lives."""
        return Way(terminal.url, self.ticket(terminal.name, terminal.launch), seen)

    def new(self) -> Way:
        """Start a terminal and return the way to it."""
        return self.way(self.launch())

    def stop(self, name: str) -> None:
        """End a terminal."""
        self.host.stop(name)
        self._names.discard(name)

    def close(self) -> None:
        """End all terminals."""
        for name in sorted(self._names):
            self.stop(name)


class Terminado:
    """Terminals of a terminado server, which has a process of its own.

    Attributes:
        pid: Of the server.
    """

    def __init__(self, port: int, pid: int, argv: Sequence[str]) -> None:
        self.pid = pid
        self._url = f"ws://127.0.0.1:{port}"
        self._numbers = itertools.count(1)
        self.argv = tuple(argv)

    def new(self) -> Way:
        """Return the way to a terminal that ends with its connection."""
        return Way(f"{self._url}/unique")

    def named(self) -> Way:
        """Return a way to a terminal that can be opened again."""
        return Way(f"{self._url}/named/{next(self._numbers)}")


@contextmanager
def terminado(folder: Path) -> Iterator[Terminado]:
    """Run a terminado server; its shells are those of the floor."""
    argv = shell_argv(folder)
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.terminals.terminado_server", json.dumps(argv)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={
            **_ENVIRONMENT,
            "HOME": str(folder),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        start_new_session=True,
    )
    assert server.stdout is not None  # noqa: S101 - it is a pipe
    try:
        yield Terminado(int(server.stdout.readline()), server.pid, argv)
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        server.stdout.close()

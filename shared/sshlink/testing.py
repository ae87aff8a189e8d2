"""A real SSH server for tests, on loopback, with keys of its own.

It lets in whoever runs the test, with one key, and with an empty home: what its own
shell reads there is no part of a test.  A test may have a bad day with it: kill
it and start it again, freeze it, give it another host key.
"""

import contextlib
import getpass
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from .link import SshAddress

__all__ = ["SshServer", "free_port", "run_ssh_server", "wait_for_port"]

SSHD: Final = "/usr/sbin/sshd"
PATIENCE_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.02
# Linux gives 32768 and above to connections that go out.
_FIRST_PORT: Final = 10_240
_PORTS: Final = 22_000
_CONFIG: Final = """\
AuthorizedKeysFile {folder}/user.pub
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
Subsystem sftp internal-sftp
PidFile none
ListenAddress 127.0.0.1
LogLevel VERBOSE
MaxStartups 100
SetEnv {variables}
{more}
"""


class SshServer:
    """An SSH server of a test's own.

    Args:
        folder: Of its keys and its log.
        env: Of what is run over it, beside a home of its own.
        more: A further line of its configuration.

    Attributes:
        folder: Of its keys and its log; also the home of whoever signs in.
        port: Where it listens.
        user: Whom it lets in.
        key: The private key that it lets in.
        other_key: One that it does not.
    """

    def __init__(
        self, folder: Path, env: Mapping[str, str] | None = None, *, more: str = ""
    ) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.user = getpass.getuser()
        for name in ("host", "user", "other"):
            make_key(folder / name)
        self.key = (folder / "user").read_text()
        self.other_key = (folder / "other").read_text()
        # One line: of several, sshd takes the first alone.
        pairs = {"HOME": str(folder), **(env or {})}.items()
        variables = " ".join(f'"{name}={value}"' for name, value in pairs)
        config = _CONFIG.format(folder=folder, variables=variables, more=more)
        (folder / "config").write_text(config)

    @property
    def host_key(self) -> str:
        """The public key that it shows."""
        return (self.folder / "host.pub").read_text().strip()

    @property
    def address(self) -> SshAddress:
        """Who signs in where."""
        return SshAddress(self.user, "127.0.0.1", self.port)

    @property
    def pid(self) -> int:
        """Of the process that listens; 0 where there is none."""
        return self._process.pid if self._process is not None else 0

    def log(self) -> str:
        """Return what it has written."""
        return (self.folder / "log").read_text("utf-8", "replace")

    def start(self) -> None:
        """Start it, and wait until it listens."""
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        command = [SSHD, "-D", "-e", "-p", str(self.port)]
        command += ["-f", str(self.folder / "config")]
        command += ["-h", str(self.folder / "host")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stderr=log
            )
        wait_for_port(self.port)

    def stop(self) -> None:
        """End it with all connections, at once, and with all that runs in them."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(PATIENCE_SECONDS)
        self._process = None

    def freeze(self) -> None:
        """Have it hang: connections stand, and nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def change_host_key(self) -> None:
        """Give it another host key, for its next start."""
        for name in ("host", "host.pub"):
            (self.folder / name).unlink()
        make_key(self.folder / "host")

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        for pid in (self._process.pid, *descendants(self._process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


@contextlib.contextmanager
def run_ssh_server(
    folder: Path, env: Mapping[str, str] | None = None, *, more: str = ""
) -> Iterator[SshServer]:
    """Run a server; it is gone at the end, however it was left."""
    server = SshServer(folder, env, more=more)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def make_key(path: Path) -> None:
    """Make a pair of keys without a password."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True)


def descendants(pid: int) -> list[int]:
    """Return the processes below one, parents first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError):
            # The name in the middle may hold anything, a bracket too.
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            children.setdefault(int(parent), []).append(int(entry.name))
    found = list(children.get(pid, []))
    for one in found:
        found.extend(children.get(one, []))
    return found


def free_port() -> int:
    """Return a port on which nobody listens just now.

    It is none of those that the system gives to connections that go out: one of
    another test might take it before it is listened on.
    """
    while True:
        port = _FIRST_PORT + secrets.randbelow(_PORTS)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def wait_for_port(port: int) -> None:
    """Wait until somebody listens.

    Raises:
        TimeoutError: Nobody does.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"nobody listens at {port}")

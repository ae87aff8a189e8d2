"""The door of a terminal on this machine: we listen, and hand the socket over.

A container without a network can still serve a socket of the machine's network, if it
is given one that listens already.  It comes over a Unix socket in a folder that the
container sees read-only:

    <run_dir>/<name>/              ours alone: nobody else on the machine gets past it
    └── door-<random>/             what the container sees at /run/ipt
        ├── door.sock
        └── etc/                   passwd, group and hosts, each mounted on its own

The folder is not needed any more once the terminal has its socket.
"""

import contextlib
import os
import secrets
import select
import shutil
import socket
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from iptweb.errors import LaunchFailed
from sandbox import write_etc

from .order import DOOR, DOOR_FOLDER, HOME, Account, Mount

__all__ = ["Door", "LocalDoor", "OpenDoor"]

BACKLOG = 64
LOOK_SECONDS = 0.1
# A start takes a few seconds at most: what is older was left by one that was killed.
LEFT_BEHIND_SECONDS = 120.0
PREFIX = "door-"
GO = b"g"
NOT_STARTED = "The terminal did not start. Try again; if it fails again, tell us."


class OpenDoor(Protocol):
    """A listening socket that waits for its terminal.

    Attributes:
        port: Where it listens.
        name: What is left of it while the terminal lives, empty for nothing.
        mounts: What the terminal's container must see.
    """

    port: int
    name: str
    mounts: tuple[Mount, ...]

    def hand_over(self, is_running: Callable[[], bool], deadline: float) -> None:
        """Give the socket to the terminal, which has been started.

        Raises:
            LaunchFailed: It ends, or does not come for it in time.
        """
        ...


class Door(Protocol):
    """Where listening sockets for terminals come from."""

    def open(
        self, name: str, user: str, account: Account
    ) -> contextlib.AbstractContextManager[OpenDoor]:
        """Listen for a terminal; closed again if it is not handed over.

        Args:
            name: The terminal.
            user: Whose it is.
            account: Who runs in its container.

        Raises:
            HostUnreachable: The host can't be asked.
            LaunchFailed: There is nothing to listen on.
        """
        ...

    def forget(self, name: str) -> None:
        """Remove what is left of a door once its terminal is gone."""
        ...

    def clear(self) -> None:
        """Remove what launchers that were killed have left behind."""
        ...


class LocalDoor:
    """Listens in this process; implements `Door`.

    Args:
        run_dir: Where the run-time folders of terminals are kept.
        address: Where terminals listen.
        clock: Seconds since the epoch.
    """

    def __init__(
        self, run_dir: Path, address: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._run_dir = run_dir.absolute()
        self._address = address
        self._clock = clock

    @contextlib.contextmanager
    def open(self, name: str, user: str, account: Account) -> "Iterator[OpenDoor]":
        """Listen on a free port, and wait in a folder of its own."""
        with contextlib.ExitStack() as opened:
            try:
                folder = self._make_folder(name)
                opened.callback(shutil.rmtree, folder, ignore_errors=True)
                listener = opened.enter_context(listen(self._address))
                waiting = opened.enter_context(listen_in(folder))
                mounts = (Mount(str(folder), DOOR_FOLDER), *etc(folder, user, account))
            except OSError as error:
                raise LaunchFailed(
                    "The execution host can't start a terminal now. Is its disk full?",
                    error=str(error),
                ) from error
            yield _OpenDoor(listener, waiting, mounts)

    def forget(self, name: str) -> None:
        """Do nothing: its folder was removed when the terminal had its socket."""

    def clear(self) -> None:
        """Remove folders that launchers who were killed have left behind."""
        oldest = self._clock() - LEFT_BEHIND_SECONDS
        for folder in self._run_dir.glob(f"*/{PREFIX}*"):
            with contextlib.suppress(OSError):
                status = folder.lstat()
                if stat.S_ISDIR(status.st_mode) and status.st_mtime < oldest:
                    shutil.rmtree(folder, ignore_errors=True)

    def _make_folder(self, name: str) -> Path:
        parent = self._run_dir / name
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = parent / f"{PREFIX}{secrets.token_hex(6)}"
        folder.mkdir()
        # The container's account passes here, whatever our umask is.
        folder.chmod(0o755)
        return folder


class _OpenDoor:
    """A socket that listens, and another one over which the first is handed."""

    def __init__(
        self, listener: socket.socket, waiting: socket.socket, mounts: tuple[Mount, ...]
    ) -> None:
        self.name = ""
        self.port = int(listener.getsockname()[1])
        self.mounts = mounts
        self._listener = listener
        self._waiting = waiting

    def hand_over(self, is_running: Callable[[], bool], deadline: float) -> None:
        """Give the socket to whoever connects: only the container can."""
        while not select.select([self._waiting], [], [], LOOK_SECONDS)[0]:
            if time.monotonic() > deadline or not is_running():
                raise LaunchFailed(NOT_STARTED)
        try:
            connection, _ = self._waiting.accept()
            with connection:
                socket.send_fds(connection, [GO], [self._listener.fileno()])
        except OSError as error:
            raise LaunchFailed(NOT_STARTED, error=str(error)) from error
        # From now on only the terminal has it: its end is to be seen.
        self._listener.close()


def listen(address: str) -> socket.socket:
    """Listen on a free port of an address.

    Raises:
        OSError: The address is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, 0), family=family, backlog=BACKLOG)


def listen_in(folder: Path) -> socket.socket:
    """Listen on a Unix socket in a folder, however long the folder's path is.

    Raises:
        OSError: It can't be made.
    """
    name = Path(DOOR).name
    waiting = socket.socket(socket.AF_UNIX)
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        waiting.bind(f"/proc/self/fd/{place}/{name}")
        # The container's account has to write to it, which is to connect.
        (folder / name).chmod(0o666)
        waiting.listen(1)
    except OSError:
        waiting.close()
        raise
    finally:
        os.close(place)
    return waiting


def etc(folder: Path, user: str, account: Account) -> list[Mount]:
    """Write the few files that give the account a name, and return their mounts.

    Raises:
        OSError: They can't be written.
    """
    shown = write_etc(
        folder / "etc", user=user, home=HOME, uid=account.uid, gid=account.gid
    )
    for file in (folder / "etc", *(bind.source for bind in shown)):
        file.chmod(0o755 if file.is_dir() else 0o644)
    return [Mount(str(bind.source), str(bind.target)) for bind in shown]

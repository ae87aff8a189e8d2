"""The channels of one connection: a server allows few, and opening one takes time.

At most `most` are open, fewer where the server refuses them (its `MaxSessions`).
Channels for files are kept and used again; some are left for commands, so that a long
transfer keeps nobody from asking a question.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

import paramiko

from .errors import SshRefused, SshSilent, hang_up
from .files import SshFiles
from .link import SshLink

__all__ = ["MOST_CHANNELS", "Sessions", "SshBusy"]

# OpenSSH's own limit is 10.
MOST_CHANNELS: Final = 8
FOR_COMMANDS: Final = 2
LINGER_SECONDS: Final = 2.0
POLL_SECONDS: Final = 0.05
# What was refused may have been a bad moment.
GROW_SECONDS: Final = 60.0
_T = TypeVar("_T")


class SshBusy(SshSilent):
    """All channels are in use, and none became free in time."""


class Sessions:
    """What goes on in one connection; several threads may use it at once.

    Args:
        link: Signed in; closed with this.
        most: Channels at once.
        file_seconds: That any answer about files may take.
    """

    def __init__(
        self, link: SshLink, *, most: int = MOST_CHANNELS, file_seconds: float = 60.0
    ) -> None:
        self._link = link
        self._usual = self._most = most
        self._grows = 0.0
        self._refused: float | None = None
        self._file_seconds = file_seconds
        self._turn = threading.Condition()
        self._open = 0
        self._transfers = 0
        self._idle: list[SshFiles] = []

    @contextlib.contextmanager
    def command(self, command: str, seconds: float) -> Iterator[paramiko.Channel]:
        """Begin a command.

        Args:
            command: For the account's own shell.
            seconds: To wait until a channel may be opened.

        Raises:
            SshBusy: None may.
            SshRefused: The machine runs nothing at all.
            SshSilent: It does not answer.
        """
        channel = self._begin(command, time.monotonic() + seconds)
        try:
            yield channel
        finally:
            hang_up(channel)
            self._free()

    @contextlib.contextmanager
    def files(self, seconds: float) -> Iterator[SshFiles]:
        """Open the machine's files, or take a channel that was opened before.

        Args:
            seconds: To wait until there is one.

        Raises:
            SshBusy: There is none.
            SshRefused: The machine opens none at all.
            SshSilent: It does not answer.
        """
        files = self._open_files(time.monotonic() + seconds)
        try:
            yield files
        except SshSilent:
            # Whatever it says next is no answer to anything.
            files.close()
            raise
        finally:
            files.deadline = None
            if not files.is_usable:
                files.close()
            self._keep(files)

    def is_alive(self, seconds: float = 0.0) -> bool:
        """Tell whether the connection stands; wait for its end where signs are bad."""
        return self._link.is_alive(seconds)

    def close(self) -> None:
        """Sign out."""
        self._link.close()

    def _has_room(self) -> bool:
        """Tell whether a command may begin; what is idle makes room."""
        return self._open < self._most or bool(self._idle)

    def _has_place(self) -> bool:
        """Tell whether a transfer may begin."""
        if self._transfers >= max(1, self._most - FOR_COMMANDS):
            return False
        return self._open < self._most or bool(self._idle)

    def _begin(self, command: str, deadline: float) -> paramiko.Channel:
        channel: paramiko.Channel | None = None
        while channel is None:
            with self._turn:
                self._wait(self._has_room, deadline)
                idle = self._idle.pop() if self._open >= self._most else None
                self._open += idle is None
            if idle is not None:
                idle.close()
            channel = self._try(lambda: self._link.run(command), deadline)
        return channel

    def _open_files(self, deadline: float) -> SshFiles:
        files: SshFiles | None = None
        while files is None:
            with self._turn:
                self._wait(self._has_place, deadline)
                files = self._idle.pop() if self._idle else None
                self._open += files is None
                self._transfers += 1
            if files is None or not files.is_usable:
                files = self._try(self._open_new, deadline, transfer=True)
        return files

    def _open_new(self) -> SshFiles:
        return self._link.files(self._file_seconds)

    def _wait(self, may: Callable[[], bool], deadline: float) -> None:
        if time.monotonic() > self._grows:
            self._most = self._usual
        if not self._turn.wait_for(may, max(deadline - time.monotonic(), 0)):
            raise SshBusy("all channels are in use")

    def _try(
        self, open_one: Callable[[], _T], deadline: float, *, transfer: bool = False
    ) -> _T | None:
        """Open a channel that was counted already; None where others are in its way.

        Raises:
            SshRefused: The machine opens none at all.
            SshSilent: It does not answer.
        """
        try:
            opened = open_one()
        except SshRefused:
            self._free(transfer=transfer)
            if not self._may_pass(deadline):
                raise
            return None
        except BaseException:
            self._free(transfer=transfer)
            raise
        with self._turn:
            self._refused = None
        return opened

    def _may_pass(self, deadline: float) -> bool:
        """Learn from a refusal: the server allows fewer; tell whether to try again."""
        now = time.monotonic()
        with self._turn:
            if self._refused is None:
                self._refused = now
            if self._open:
                self._most = min(self._most, self._open)
                self._grows = now + GROW_SECONDS
                return True
            since = self._refused
        if now - since > LINGER_SECONDS or now > deadline:
            return False
        # A server counts a channel for a moment after it was closed.
        time.sleep(POLL_SECONDS)
        return True

    def _keep(self, files: SshFiles) -> None:
        if not files.is_usable:
            self._free(transfer=True)
            return
        with self._turn:
            self._idle.append(files)
            self._transfers -= 1
            self._turn.notify_all()

    def _free(self, *, transfer: bool = False) -> None:
        with self._turn:
            self._open -= 1
            self._transfers -= transfer
            self._turn.notify_all()

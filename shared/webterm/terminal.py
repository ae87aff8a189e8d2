"""A terminal from its first byte to its last: shell and server, side by side.

serve ─▶ the shell ends, or it is made to ─▶ last output ─▶ why and with what status
"""

import json
import os
import signal
from typing import TYPE_CHECKING

from .hub import Hub
from .lifetime import Lifetime, describe
from .log import write_line
from .loop import Loop
from .memory import memory_kills
from .ring import Ring
from .server import TerminalServer
from .shell import Shell

if TYPE_CHECKING:
    import socket

    from .launch import Launch
    from .protocol import EndWarning
    from .spawn import Spawned

LAST_OUTPUT_SECONDS = 5
HANGUP_SECONDS = 1.5
GIVE_UP_SECONDS = 4.0
NOT_ENDED = 128 + signal.SIGKILL
EXIT = "exit"
STOPPED = "stopped"


def run(launch: "Launch", listener: "socket.socket", spawned: "Spawned") -> int:
    """Serve a shell until it ends; return its exit status.

    The process must have no other children: all that end are collected here,
    orphans too, since in a sandbox this is process 1.
    """
    loop = Loop()
    terminal = Terminal(launch, listener, spawned, loop)
    try:
        loop.run()
    finally:
        terminal.close()
        loop.close()
    # Hosts read this line, the last of all.
    ended = json.dumps(
        {
            "reason": terminal.reason,
            "status": terminal.status,
            "memory_kills": memory_kills(),
        }
    )
    write_line(f"ended {ended}")
    return terminal.status


class Terminal:
    """Owns the parts, and knows why it ends.

    Attributes:
        reason: Why it ends: `exit`, `idle`, `age` or `stopped`.
    """

    def __init__(
        self,
        launch: "Launch",
        listener: "socket.socket",
        spawned: "Spawned",
        loop: Loop,
    ) -> None:
        self.reason = EXIT
        self._loop = loop
        self._hub = Hub(
            Ring(launch.replay_bytes),
            loop,
            on_use=self._used,
            on_abandoned=self._abandoned,
        )
        self._shell = Shell(
            loop, spawned, on_output=self._hub.output, on_ended=self._ended
        )
        self._hub.connect(self._shell)
        self._lifetime = Lifetime(
            loop,
            idle_s=launch.idle_s,
            max_age_s=launch.max_age_s,
            is_busy=self._shell.is_busy,
            on_warning=self._warn,
            on_end=self.end,
        )
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.on_signal(number, self._stop)
        loop.on_signal(signal.SIGCHLD, self._collect)
        # It may have ended before anybody listened to that signal.
        self._collect()
        self._server = TerminalServer(
            launch,
            loop,
            self._hub,
            listener,
            warning=lambda: self._lifetime.warning,
            idle=lambda: self._lifetime.idle,
        )
        write_line("ready")

    @property
    def status(self) -> int:
        """The shell's exit status; as if it was killed, where it could not be."""
        return NOT_ENDED if self._shell.status is None else self._shell.status

    def end(self, reason: str) -> None:
        """Bring about the end of the shell, and of what runs in its foreground."""
        if self._shell.status is not None or self.reason != EXIT:
            return
        self.reason = reason
        write_line(f"the terminal is ended: {reason}")
        self._shell.hangup()
        self._loop.call_later(HANGUP_SECONDS, self._shell.kill)
        self._loop.call_later(GIVE_UP_SECONDS, self._give_up)

    def close(self) -> None:
        """Let go of all clients and of the shell."""
        self._server.close()
        self._shell.close()

    def _give_up(self) -> None:
        # The kernel can't end it, or does not let us.
        if self._shell.status is None:
            self._loop.stop()

    def _used(self) -> None:
        self._lifetime.touch()

    def _stop(self) -> None:
        self.end(STOPPED)

    def _warn(self, warning: "EndWarning") -> None:
        self._hub.notify("warning", **warning._asdict())
        # A program that fills the screen is not written over.
        if warning.reason and not self._shell.is_busy():
            self._hub.show(describe(warning).encode())

    def _collect(self) -> None:
        """Take the status of every child that ended; the shell's is told to it."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._shell.pid:
                self._shell.reaped(status)

    def _ended(self, status: int) -> None:
        write_line(f"the shell ended with {status}")
        self._lifetime.stop()
        self._hub.ended(status, self.reason)
        # The viewers have a moment to take what the shell said last.
        self._loop.call_later(LAST_OUTPUT_SECONDS, self._loop.stop)
        self._abandoned()

    def _abandoned(self) -> None:
        if self._shell.status is not None and not self._hub.viewers:
            self._loop.stop()

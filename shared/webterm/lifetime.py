"""A terminal from its first byte to its last: shell and server, side by side.

spawn ─▶ serve ─▶ the shell ends, or we are told to stop ─▶ last output ─▶ status
"""

import asyncio
import contextlib
import logging
import os
import signal
from typing import TYPE_CHECKING

from .hub import Hub
from .ring import Ring
from .server import TerminalServer
from .shell import Shell, spawn

if TYPE_CHECKING:
    import socket

    from .launch import Launch

log = logging.getLogger("webterm")

LAST_OUTPUT_SECONDS = 5
HANGUP_SECONDS = 1.5
DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


def shell_environment(launch: "Launch", path: str) -> dict[str, str]:
    """Return the shell's whole environment: nothing of the server's own but PATH."""
    return {
        "HOME": launch.home,
        "USER": launch.user,
        "LOGNAME": launch.user,
        "SHELL": launch.shell[0],
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "PATH": path or DEFAULT_PATH,
    }


async def run(launch: "Launch", listener: "socket.socket", path: str) -> int:
    """Start the shell, serve it until it ends, return its exit status.

    The process must have no other children: all that end are collected here,
    orphans too, since in a sandbox this is process 1.
    """
    loop = asyncio.get_running_loop()
    hub = Hub(Ring(launch.replay_bytes))
    ended = asyncio.Event()

    def on_ended(status: int) -> None:
        log.info("the shell ended with %d", status)
        hub.ended(status)
        ended.set()

    server = TerminalServer(launch, hub)
    spawned = spawn(launch.shell, shell_environment(launch, path), launch.home)
    shell = Shell(spawned, on_output=hub.output, on_ended=on_ended)
    hub.connect(shell)
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGCHLD, collect, shell)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    collect(shell)
    sockets = await server.listen(listener)
    log.info("ready")
    await serve_until_ended(shell, ended, stop)
    await send_last_output(hub)
    sockets.close()
    await sockets.wait_closed()
    return shell.status or 0


def collect(shell: Shell) -> None:
    """Take the status of every child that ended; the shell's is told to it."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid == shell.pid:
            shell.reaped(status)


async def serve_until_ended(
    shell: Shell, ended: asyncio.Event, stop: asyncio.Event
) -> None:
    """Wait for the shell's end; where the server is told to stop, bring it about."""
    waits = [asyncio.create_task(event.wait()) for event in (ended, stop)]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    if ended.is_set():
        return
    log.info("told to stop")
    shell.hangup()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(ended.wait(), HANGUP_SECONDS)
    shell.kill()
    await ended.wait()


async def send_last_output(hub: Hub) -> None:
    """Give the viewers a moment to take what the shell said last."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(hub.abandoned.wait(), LAST_OUTPUT_SECONDS)

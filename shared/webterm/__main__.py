"""Start a terminal server: `python -m webterm --launch FILE`."""

import argparse
import asyncio
import ctypes
import logging
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .launch import BadLaunch, Launch, read_launch
from .lifetime import run

if TYPE_CHECKING:
    from collections.abc import Sequence

PR_SET_DUMPABLE = 4
USAGE = 2


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Serve one terminal to its end; return the shell's exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m webterm", description="Serve one shell over a WebSocket."
    )
    parser.add_argument("--launch", type=Path, required=True, metavar="FILE")
    file = parser.parse_args(arguments).launch
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s"
    )
    try:
        launch = read_launch(file)
        listener = take_socket(launch.socket_fd)
    except BadLaunch as error:
        sys.stderr.write(f"{file.name} {error}.\n")
        return USAGE
    hide_process()
    with listener:
        if not wait_for_start(launch):
            sys.stderr.write("Whoever started this terminal is gone; so it ends.\n")
            return 1
        return asyncio.run(run(launch, listener, os.environ.get("PATH", "")))


def take_socket(descriptor: int) -> socket.socket:
    """Return the inherited listening socket, which no child will inherit.

    Raises:
        BadLaunch: The descriptor is not one.
    """
    try:
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - takes no keyword
        listener = socket.socket(fileno=descriptor)
    except OSError as error:
        raise BadLaunch("socket_fd is not an open socket") from error
    listener.setblocking(False)  # noqa: FBT003 - takes no keyword
    return listener


def hide_process() -> None:
    """Keep the user's programs, which run as the same user, out of this process.

    It holds a socket of the machine's network: who could take that with ptrace or
    pidfd_getfd could connect it to any address the sandbox keeps away from it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def wait_for_start(launch: Launch) -> bool:
    """Wait for the go of whoever started this; false if it will never come."""
    if launch.start_fd is None:
        return True
    with os.fdopen(launch.start_fd, "rb", closefd=True) as pipe:
        return bool(pipe.read(1))


if __name__ == "__main__":
    sys.exit(main())

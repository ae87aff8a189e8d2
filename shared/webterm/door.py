"""Listen in one network for a terminal server that lives in another.

    python -m webterm.door --address ADDRESS --socket PATH

    listen on the address ─▶ say `port N` ─▶ a server connects to the Unix socket
    ─▶ hand it the listener ─▶ end

Whoever connects first is given it: the folder of the socket decides who that may be.
"""

import argparse
import contextlib
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, NoReturn

from .handover import send_listener

if TYPE_CHECKING:
    from collections.abc import Sequence

SERVE_SECONDS = 30.0
BACKLOG = 64
# The terminal's user is not ours; to connect one has to be allowed to write.
UMASK = 0o111
USAGE = 2


def main(
    arguments: "Sequence[str] | None" = None, *, seconds: float = SERVE_SECONDS
) -> int:
    """Hand one listener over; return 0, or 1 where nobody came for it."""
    parser = argparse.ArgumentParser(
        prog="python -m webterm.door",
        description="Listen for a terminal server that has no network.",
    )
    parser.add_argument("--address", required=True, metavar="ADDRESS")
    parser.add_argument("--socket", required=True, metavar="PATH")
    options = parser.parse_args(arguments)
    # In a container this is process 1, which the kernel shields from signals that
    # it does not handle.
    signal.signal(signal.SIGTERM, end)
    try:
        with listen(options.address) as listener, open_door(options.socket) as door:
            return serve(door, listener, options.socket, seconds)
    except OSError as error:
        sys.stderr.write(f"The door can't be opened: {error.strerror}.\n")
        return USAGE


def end(number: int, frame: object) -> NoReturn:
    """End as a signal asks for."""
    del frame
    sys.exit(128 + number)


def listen(address: str) -> socket.socket:
    """Listen on a free port of an address.

    Raises:
        OSError: The address is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, 0), family=family, backlog=BACKLOG)


def open_door(path: str) -> socket.socket:
    """Listen on a Unix socket to which everybody may connect who sees it.

    Raises:
        OSError: Something is there already, or the folder can't be written.
    """
    door = socket.socket(socket.AF_UNIX)
    umask = os.umask(UMASK)
    try:
        door.bind(path)
        door.listen(1)
    except OSError:
        door.close()
        raise
    finally:
        os.umask(umask)
    return door


def serve(
    door: socket.socket, listener: socket.socket, path: str, seconds: float
) -> int:
    """Give the listener to the first who comes; return 1 where nobody does."""
    sys.stdout.write(f"port {listener.getsockname()[1]}\n")
    sys.stdout.flush()
    door.settimeout(seconds)
    try:
        connection, _ = door.accept()
        with connection:
            send_listener(connection, listener)
    except OSError as error:
        sys.stderr.write(f"Nobody took the socket: {error}.\n")
        return 1
    finally:
        with contextlib.suppress(OSError):
            os.unlink(path)  # noqa: PTH108 - the path is text
    return 0


if __name__ == "__main__":
    sys.exit(main())

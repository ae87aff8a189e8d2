"""When terminals were last used: their own servers are asked.

What answers lives beside a user's programs, so nothing of it is believed but a number.
"""

import contextlib
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import urlsplit

from .host.base import Launched

__all__ = ["ask_idle", "ask_idle_times"]

PATIENCE_SECONDS: Final = 1.5
AT_ONCE: Final = 20
_ANSWER: Final = re.compile(rb"idle ([0-9]{1,9})\n")
_MOST_BYTES: Final = 32


def ask_idle_times(living: Sequence[Launched]) -> dict[str, int]:
    """Return the seconds of those that answer, by the record's name.

    Of two terminals of one name the one that was used last counts.
    """
    if not living:
        return {}
    with ThreadPoolExecutor(min(AT_ONCE, len(living))) as pool:
        times = list(pool.map(ask_idle, living))
    found: dict[str, int] = {}
    for one, seconds in zip(living, times, strict=True):
        if seconds is not None:
            found[one.name] = min(seconds, found.get(one.name, seconds))
    return found


def ask_idle(terminal: Launched) -> int | None:
    """Return how many seconds ago a terminal was used; None where it does not tell.

    One of an earlier version knows no such question.
    """
    try:
        parts = urlsplit(terminal.url)
        connection = HTTPConnection(
            parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS
        )
        with contextlib.closing(connection), _cut_off_in_time(connection):
            connection.request("GET", f"/idle/{terminal.launch}")
            said = connection.getresponse().read(_MOST_BYTES)
    except (OSError, HTTPException, ValueError):
        return None
    match = _ANSWER.fullmatch(said)
    return int(match[1]) if match else None


@contextlib.contextmanager
def _cut_off_in_time(connection: HTTPConnection) -> Iterator[None]:
    """Connect, and end that after a while, however often a byte still comes."""
    connection.connect()
    peer: socket.socket = connection.sock

    def cut_off() -> None:
        with contextlib.suppress(OSError):  # it may be closed by now
            peer.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(PATIENCE_SECONDS, cut_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()

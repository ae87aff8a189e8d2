"""Whether a terminal answers, and whether it ever will."""

import contextlib
import socket
from enum import Enum
from urllib.parse import urlsplit

__all__ = ["Answer", "ask_terminal"]

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 2.0
MOST_BYTES = 4096
QUESTION = b"GET /ready HTTP/1.1\r\nHost: terminal\r\nConnection: close\r\n\r\n"


class Answer(Enum):
    """What a terminal's address says."""

    READY = "ready"
    WAITING = "waiting"
    """Something listens, or may listen; the terminal does not answer yet."""
    NOBODY = "nobody"
    """Nobody listens.  A terminal's socket listens before its container is made and
    is never opened again, so nobody ever will."""


def ask_terminal(url: str, launch: str) -> Answer:
    """Ask a terminal whether it is the one of a launch, and ready.

    Args:
        url: Its address, `ws://…`.
        launch: Id of its launch.
    """
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or 0)
    said = b""
    try:
        with socket.create_connection(address, CONNECT_SECONDS) as peer:
            peer.settimeout(ANSWER_SECONDS)
            with contextlib.suppress(OSError):
                peer.sendall(QUESTION)
                while len(said) < MOST_BYTES and (part := peer.recv(MOST_BYTES)):
                    said += part
    except ConnectionRefusedError:
        return Answer.NOBODY
    except OSError:
        return Answer.WAITING
    expected = f"ready {launch}\n".encode()
    return Answer.READY if said.endswith(expected) else Answer.WAITING

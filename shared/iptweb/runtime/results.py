"""The result frame: one datagram, the whole answer, or an honest refusal."""

import json
import socket
from pathlib import Path
from typing import Final

from iptweb.errors import ResultTooLarge
from iptweb.http import Response

__all__ = ["MAX_FRAME", "RESULTS_SOCKET", "encode_frame", "send_frame"]

# Abaco refuses anything longer; an answer cut short would not be JSON any more.
MAX_FRAME: Final = 131_072
RESULTS_SOCKET: Final = Path("/_abaco_results.sock")
_TIMEOUT_S: Final = 10.0


def encode_frame(response: Response) -> bytes:
    """Return the answer as it travels.

    Raises:
        ResultTooLarge: It is longer than a frame may be.
    """
    text = json.dumps(
        response.to_frame(), ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    # A lone surrogate can come from upstream; it must not cost the whole answer.
    frame = text.encode("utf-8", errors="replace")
    if len(frame) > MAX_FRAME:
        raise ResultTooLarge(
            "The answer does not fit into one result; ask for fewer entries at a time."
        )
    return frame


def send_frame(frame: bytes, path: Path) -> None:
    """Hand the frame to the platform.

    Raises:
        OSError: There is nobody at that socket.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.settimeout(_TIMEOUT_S)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * MAX_FRAME)
        client.connect(str(path))
        client.send(frame)

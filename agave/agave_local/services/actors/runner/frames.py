"""The socket through which an execution sends its results (spec: Abaco, A.7)."""

import contextlib
import socket
from pathlib import Path

from agave_local.services.actors.runner.base import FRAME_LIMIT

FRAMES_PER_TURN = 32
LAST_FRAMES = 1024
_BUFFER = 1 << 20


class ResultSocket:
    """A datagram socket; one datagram is one frame.

    Args:
        address: its file, which must not exist yet.
        open_to_all: whether any user may send, as in a container that has its own.
    """

    def __init__(self, address: Path, *, open_to_all: bool = False) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._socket.bind(str(address))
        if open_to_all:
            address.chmod(0o777)

    def fileno(self) -> int:
        """Return its descriptor, so that a selector can watch it."""
        return self._socket.fileno()

    def read(self, most: int = FRAMES_PER_TURN) -> list[bytes]:
        """Read the frames that have come; what is over the size limit is cut off.

        Args:
            most: frames to read, as a broken function may send without an end.
        """
        frames: list[bytes] = []
        with contextlib.suppress(OSError):
            while len(frames) < most:
                frames.append(self._socket.recv(FRAME_LIMIT))
        return frames

    def close(self) -> None:
        """Close it; nobody can send any more."""
        self._socket.close()
        self.address.unlink(missing_ok=True)

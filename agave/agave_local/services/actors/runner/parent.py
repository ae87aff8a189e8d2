"""The tenant's end of one fork server."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any

from agave_local.cores import on_all_cores
from agave_local.services.actors.runner.forkserver import HEADER
from agave_local.services.actors.runner.images import Program

_MODULE = "agave_local.services.actors.runner.forkserver"
_STOP_S = 5.0

Message = dict[str, Any]


class WarmParent:
    """A fork server that was started, and the socket to it.

    Requests may be sent at once: they wait in the socket until it is warm.

    Args:
        image: that it was started for.
        program: that it imports and forks, or starts.
        api_server: address of the tenant, for the package's `warm`.
        environment: of the process; never a secret.
    """

    def __init__(
        self,
        image: str,
        program: Program,
        api_server: str,
        environment: Mapping[str, str],
    ) -> None:
        self.image = image
        self.ready = False
        self.running: set[str] = set()
        ours, theirs = socket.socketpair()
        self._lock = threading.Lock()
        self._received = bytearray()
        self.control = ours
        with theirs, on_all_cores():
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-m", _MODULE),
                    *(program.name, str(theirs.fileno())),
                ],
                env=dict(environment),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=sys.__stderr__,
                pass_fds=[theirs.fileno()],
                # Ctrl-C at the tenant's terminal is the tenant's to handle.
                start_new_session=True,
            )
        self.send(
            {
                "api_server": api_server,
                "path": [p for p in sys.path if p],
                "command": program.command,
            }
        )

    def send(self, message: Message, descriptor: int | None = None) -> None:
        """Write one request, with a descriptor for the child.

        Raises:
            OSError: where the fork server is gone.
        """
        body = json.dumps(message).encode()
        data = memoryview(HEADER.pack(len(body)) + body)
        with self._lock:
            if descriptor is not None:
                # In one piece, as a rule: the other side is woken once.
                data = data[socket.send_fds(self.control, [data], [descriptor]) :]
            self.control.sendall(data)

    def receive(self) -> list[Message] | None:
        """Read the reports that have come; None where the fork server is gone."""
        try:
            data = self.control.recv(1 << 16, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return []
        except OSError:
            return None
        if not data:
            return None
        self._received += data
        reports = []
        while len(self._received) >= HEADER.size:
            (size,) = HEADER.unpack_from(self._received)
            if len(self._received) < HEADER.size + size:
                break
            reports.append(json.loads(self._received[HEADER.size :][:size]))
            del self._received[: HEADER.size + size]
        return reports

    def close(self) -> None:
        """Let it end: it ends its children and itself at the end of the socket."""
        with contextlib.suppress(OSError):
            self.control.shutdown(socket.SHUT_RDWR)
        # Who is still writing has failed by now; nobody may write to another's socket.
        with self._lock:
            self.control.close()
        if not self.ready:
            self._process.kill()  # it has no children yet
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int:
        """Process id of the fork server."""
        return self._process.pid


def clean_environment() -> dict[str, str]:
    """Return the environment of a fork server: nothing of the tenant's own."""
    kept = {"PATH": os.defpath, "LANG": "C.UTF-8"}
    with contextlib.suppress(KeyError):
        # Coverage of a forked program is measured through these two.
        kept["COVERAGE_PROCESS_CONFIG"] = os.environ["COVERAGE_PROCESS_CONFIG"]
    return kept

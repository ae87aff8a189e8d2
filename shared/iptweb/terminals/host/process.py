"""Terminals without walls: for one person on their own machine, and only there."""

import contextlib
import ipaddress
from typing import TYPE_CHECKING, ClassVar

from iptweb.errors import LaunchFailed

from .folder import lock_file
from .local import LocalHost
from .start import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .base import LaunchRequest
    from .folder import TerminalFolder

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
WAY_OUT = "Install bubblewrap (Debian package bubblewrap) for terminals with walls."


class ProcessHost(LocalHost):
    """Starts terminals as plain processes that may do all that this process may.

    So it takes one user at a time and listens to this machine only.
    """

    kind: ClassVar[str] = "process"

    @contextlib.contextmanager
    def admission(self, request: "LaunchRequest") -> "Iterator[None]":
        """Let one user in, however many come at once.

        Raises:
            HostUnreachable: The run-time folder can't be used.
            LaunchFailed: Somebody else has a terminal, or others could reach it.
        """
        if not is_loopback(self._address):
            raise LaunchFailed(
                "Terminals without a sandbox are offered on this machine's loopback "
                f"address only. {WAY_OUT}"
            )
        with lock_file(self._run_dir / ".admission"):
            for terminal in self.living():
                living = self.find(terminal.name)
                if living is not None and living.user != request.user:
                    raise LaunchFailed(
                        "Terminals without a sandbox are for one user at a time, "
                        f"and somebody else has one now. {WAY_OUT}"
                    )
            yield

    def plan(
        self,
        folder: "TerminalFolder",
        request: "LaunchRequest",
        *,
        grouped: bool = True,
    ) -> Plan:
        """Return how to start the server as it is, without any limit."""
        del grouped
        rc = None if self.image is None else self.image / "bashrc"
        options = () if rc is None or not rc.is_file() else ("--rcfile", str(rc))
        server = [str(self.layout.python), "-I", "-m", "webterm"]
        return Plan(
            home=str(request.home.absolute()),
            shell_argv=("/bin/bash", *options, "-i"),
            command=lambda *_: [*server, "--launch", str(folder.launch_file)],
            env={"PATH": f"{folder.path / 'bin'}:{SYSTEM_PATH}", "LANG": "C.UTF-8"},
            reports=False,
        )


def is_loopback(address: str) -> bool:
    """Return whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"

"""What every terminal host offers, and the values that travel to and from it.

The contract is docs/architecture.md §6.  A host starts, finds and ends terminals;
it keeps no record of its own beyond what runs, so that any process may ask.
Failures are `HostUnreachable` and `LaunchFailed` of `iptweb.errors`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class LaunchRequest:
    """One terminal that somebody wants.

    Attributes:
        name: The record's name, `<user>-<instance>-IPT`.
        user: Whose terminal it is; tickets for anybody else are refused.
        launch: Id of this attempt; tickets are bound to it.
        home: The user's folder on the execution host; made if it is missing.
        origins: Origins of the sites that may open it in a browser.
        ticket_public_key: Ed25519 public key, PEM, that checks tickets.
    """

    name: str
    user: str
    launch: str
    home: Path
    origins: tuple[str, ...]
    ticket_public_key: str


@dataclass(frozen=True)
class Launched:
    """One living terminal.

    Attributes:
        name: The record's name.
        launch: Id of the attempt that started it, which may be an earlier one.
        url: Where its WebSocket listens.
        host: Kind and address of the host, for people: `sandbox 127.0.0.1`.
    """

    name: str
    launch: str
    url: str
    host: str


class Host(Protocol):
    """A place where terminals run."""

    def launch(self, request: LaunchRequest) -> Launched:
        """Start the terminal, or return the one of that name that already lives.

        Atomic per name: whoever comes second gets the first one's terminal, which
        shows in `launch` being another than the request's.

        Raises:
            HostUnreachable: The host can't be asked.
            LaunchFailed: The terminal did not start; the message says why.
        """
        ...

    def stop(self, name: str) -> bool:
        """End the terminal and wait until it is gone; false if there was none.

        Raises:
            HostUnreachable: The host can't be asked, or it is still there after all.
        """
        ...

    def inspect(self, name: str) -> Launched | None:
        """Return the living terminal of that name, or None.

        Raises:
            HostUnreachable: The host can't be asked.
        """
        ...

    def names(self) -> list[str]:
        """Return the names of all living terminals, sorted.

        Raises:
            HostUnreachable: The host can't be asked.
        """
        ...

"""What every terminal host offers, and the values that travel to and from it.

The contract is docs/architecture.md §6.  A host starts, finds and ends terminals;
it keeps no record of its own beyond what runs, so that any process may ask.
Failures are `HostUnreachable`, `HostsFull` and `LaunchFailed` of `iptweb.errors`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
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
        idle_s: Without activity for so long it ends itself, 0 for never.
        max_age_s: At that age it ends itself whatever it does, 0 for never.
        last_host: Where the record says that it runs, empty where nowhere: if that
            host does not answer, it may not be started on another one.
    """

    name: str
    user: str
    launch: str
    home: Path
    origins: tuple[str, ...]
    ticket_public_key: str
    idle_s: int = 0
    max_age_s: int = 0
    last_host: str = ""


@dataclass(frozen=True)
class Launched:
    """One living terminal.

    Attributes:
        name: The record's name.
        launch: Id of the attempt that started it, which may be an earlier one.
        url: Where its WebSocket listens.
        host: The host, for records and people: `sandbox 127.0.0.1`, or the name of
            an execution host.
        started: When it was started, in seconds since the epoch.
        note: What the person should know beside it: a host that did not answer and
            was passed over.
    """

    name: str
    launch: str
    url: str
    host: str
    started: float = 0.0
    note: str = field(default="", compare=False)


class Ending(StrEnum):
    """Why a terminal ended, in the words of its server."""

    EXIT = "exit"
    IDLE = "idle"
    AGE = "age"
    STOPPED = "stopped"
    MEMORY = "memory"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Ended:
    """What is known of a terminal that ended by itself.

    Attributes:
        launch: Id of the attempt that had started it.
        ending: Why it ended.
    """

    launch: str
    ending: Ending


class Host(Protocol):
    """A place where terminals run."""

    def launch(self, request: LaunchRequest) -> Launched:
        """Start the terminal, or return the one of that name that already lives.

        Atomic per name: whoever comes second gets the first one's terminal, which
        shows in `launch` being another than the request's.

        Raises:
            HostUnreachable: The host can't be asked.
            HostsFull: There is room for no more terminals.
            LaunchFailed: The terminal did not start; the message says why.
        """
        ...

    def stop(self, name: str, launch: str = "") -> bool:
        """End the terminal and wait until it is gone; false if there was none.

        Args:
            name: The record's name.
            launch: End that launch only; whatever else has the name is left alone,
                what is known of its end, too.

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

    def living(self) -> list[Launched]:
        """Return all living terminals, sorted by name.

        Raises:
            HostUnreachable: The host can't be asked.
        """
        ...

    def ended(self, name: str) -> Ended | None:
        """Return how the last terminal of that name ended, None if nothing is known.

        Raises:
            HostUnreachable: The host can't be asked.
        """
        ...

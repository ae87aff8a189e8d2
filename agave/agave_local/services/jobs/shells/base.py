"""What jobs need of a machine: run a command, and handle files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

COMMAND_SECONDS = 60.0


@dataclass(frozen=True)
class Done:
    """How a command ended.

    Attributes:
        code: exit status.
        out: what it printed.
        err: what it complained of.
    """

    code: int
    out: bytes
    err: bytes


@dataclass(frozen=True)
class Entry:
    """One thing in a folder; links are not followed.

    Attributes:
        name: of the entry.
        kind: `file`, `folder`, `link` or `other`.
        size: in bytes.
        modified: seconds since the epoch.
    """

    name: str
    kind: str
    size: int
    modified: float


class Shell(Protocol):
    """One machine, signed in as one account; several threads may use it at once.

    Every path is absolute.  Every method raises `HostError` where the machine is at
    fault; a missing file is `FileNotFoundError`.
    """

    def run(
        self, script: str, *, stdin: bytes = b"", seconds: float = COMMAND_SECONDS
    ) -> Done:
        """Run a script for a POSIX shell; whoever writes it quotes what is in it.

        Raises:
            HostSilent: it takes longer than it may; it may still be running.
        """
        ...

    def make_folder(self, path: str) -> None:
        """Make a folder with mode 700, and those above it; one that is there stays."""
        ...

    def write(self, path: str, content: bytes, mode: int = 0o600) -> None:
        """Put a file in place, whole, in one step."""
        ...

    def read(self, path: str, start: int = 0, count: int | None = None) -> bytes:
        """Return a part of a regular file; all of it where no count is given."""
        ...

    def entry(self, path: str) -> Entry:
        """Return what is at a path."""
        ...

    def entries(self, path: str) -> list[Entry]:
        """Return what is in a folder, by name."""
        ...

    def send(self, local: Path, remote: str) -> None:
        """Copy all that is in a local folder into one of the machine.

        Modes are kept as far as the right to execute goes; doing it again mends a
        copy that was broken off.
        """
        ...

    def fetch(self, remote: str, local: Path, most_bytes: int) -> None:
        """Copy all that is in a folder of the machine into a local one.

        Links are copied as links, where they are relative; what is neither file,
        folder nor link is left out.  What is there with the same size and time
        already is not copied again.

        Raises:
            PayloadTooLarge: it is more than the bytes allowed.
        """
        ...

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with all in it; nothing there is as good."""
        ...

    def close(self) -> None:
        """Sign out; a later call signs in again."""
        ...

"""The run-time folder of one terminal: lock, launch file, and who it is.

<run_dir>/<name>/lock          held while a terminal is started or stopped
launch.json   what the server was told; no secret in it
pid           which process it is, written before it may begin
group         its control group's folders, written before they are made
webterm.log   what the server says
"""

import contextlib
import fcntl
import json
import os
import re
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from iptweb.errors import HostUnreachable, LaunchFailed
from sandbox import ControlGroup

from .base import Ended
from .ending import read_ending
from .identity import Identity

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,127}", re.ASCII)
LOCK_SECONDS = 30.0
POLL_SECONDS = 0.01
END_SECONDS = 5.0
LOG_TAIL_BYTES = 2000


@dataclass(frozen=True)
class Living:
    """What is written down of a terminal that was started."""

    user: str
    launch: str
    port: int
    process: Identity
    started: float = 0.0


class TerminalFolder:
    """One terminal's folder; it may not exist."""

    def __init__(self, run_dir: Path, name: str) -> None:
        self.path = run_dir / name
        self.log = self.path / "webterm.log"
        self.launch_file = self.path / "launch.json"
        self._pid_file = self.path / "pid"
        self._group_file = self.path / "group"

    @contextlib.contextmanager
    def locked(self, seconds: float = LOCK_SECONDS) -> "Iterator[None]":
        """Make the folder and hold its lock.

        Raises:
            HostUnreachable: Others hold it for too long, or it can't be made.
        """
        with lock_file(self.path / "lock", seconds):
            yield

    def living(self) -> Living | None:
        """Return the terminal if its process runs."""
        kept = self._read_kept()
        return kept if kept is not None and kept.process.is_alive() else None

    def ended(self) -> Ended | None:
        """Return how the terminal ended, None if it lives or none is written down."""
        kept = self._read_kept()
        if kept is None or kept.process.is_alive():
            return None
        kills = self.group().memory_kills()
        return Ended(kept.launch, read_ending(self.log_tail(), memory_kills=kills))

    def _read_kept(self) -> Living | None:
        try:
            values = json.loads(self._pid_file.read_text(encoding="utf-8"))
            return Living(
                user=values["user"],
                launch=values["launch"],
                port=values["port"],
                process=Identity(**values["process"]),
                started=float(values.get("started", 0)),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write_living(self, living: Living) -> None:
        """Write down what was started, at once or not at all."""
        self.write_private(self._pid_file, json.dumps(asdict(living)))

    def group(self) -> ControlGroup:
        """Return the terminal's control group, one without folders if it has none."""
        try:
            places = json.loads(self._group_file.read_text(encoding="utf-8"))
            return ControlGroup(tuple(Path(place) for place in places))
        except (OSError, ValueError, TypeError):
            return ControlGroup(())

    def write_group(self, group: ControlGroup) -> None:
        """Write down the control group that is about to be made."""
        places = [str(folder) for folder in group.folders]
        self.write_private(self._group_file, json.dumps(places))

    def end_group(self, seconds: float = END_SECONDS) -> None:
        """Remove the control group, and end what may still run in it.

        Raises:
            HostUnreachable: That can't be done.
        """
        if not self.group().end(seconds):
            raise HostUnreachable(
                "What ran in the terminal can't be ended. "
                "The execution host may be out of order."
            )

    def write_private(self, file: Path, text: str) -> None:
        """Replace a file that only its owner may read."""
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        draft.replace(file)

    def clear(self) -> None:
        """Remove what an earlier terminal left, but for the lock that is held.

        Raises:
            HostUnreachable: Something of it runs and can't be ended.
        """
        self.end_group()
        for entry in self.path.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry.name != "lock":
                entry.unlink()

    def remove(self) -> None:
        """Remove the folder, the held lock with it.

        Raises:
            HostUnreachable: Something of the terminal runs and can't be ended.
        """
        self.end_group()
        shutil.rmtree(self.path, ignore_errors=True)

    def log_tail(self) -> str:
        """Return the end of what the server said, for our own log."""
        with contextlib.suppress(OSError):
            return self.log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace")
        return ""


def check_name(name: str) -> None:
    """Refuse a name that is no safe name of a folder.

    Raises:
        LaunchFailed: It is not.
    """
    if not NAME.fullmatch(name):
        raise LaunchFailed("That is not a terminal's name.", name=name)


@contextlib.contextmanager
def lock_file(file: Path, seconds: float = LOCK_SECONDS) -> "Iterator[None]":
    """Hold a lock that the kernel lets go of if this process dies.

    Raises:
        HostUnreachable: Others hold it for too long, or it can't be made.
    """
    deadline = time.monotonic() + seconds
    while (descriptor := try_lock(file)) is None:
        if time.monotonic() > deadline:
            raise HostUnreachable(
                "The terminal is being started or stopped by another request "
                "that does not come to an end. Try again in a minute."
            )
        time.sleep(POLL_SECONDS)
    try:
        yield
    finally:
        os.close(descriptor)


def try_lock(file: Path) -> int | None:
    """Return the locked file's descriptor, or None while somebody else holds it.

    Raises:
        HostUnreachable: The file can't be made.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, flags, 0o600)
    except FileNotFoundError:
        return None  # removed by whoever held it, between the two lines
    except OSError as error:
        raise HostUnreachable(
            "The execution host can't keep its files. Is its disk full?",
            error=str(error),
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Who stops a terminal removes its lock too: a lock on a file that is no
        # longer there keeps nobody out.
        if os.path.samestat(os.fstat(descriptor), file.stat()):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None

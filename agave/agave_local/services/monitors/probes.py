"""What a monitor does to find out whether a system works.

A storage system is written to and read from; a system that runs things starts a
process. Of a system on another machine only the door is tried: whether somebody
answers there who speaks SSH. What the tenant cannot reach by its own means is
UNKNOWN, never PASSED.
"""

import os
import secrets
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from agave_local.outgoing.policy import NotDelivered, Outgoing
from agave_local.records.store import Document

TIMEOUT_S = 10.0
_SSH_PORT = 22
_GREETING = b"SSH-"
_NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Result(StrEnum):
    """How a check ended."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Verdict:
    """How a check ended, and why.

    Attributes:
        result: of the check.
        message: a sentence for people; empty where all is well.
    """

    result: Result
    message: str = ""


PASSED = Verdict(Result.PASSED)


class Probes:
    """The checks of the systems.

    Args:
        storage_root: folder of the LOCAL systems' folders.
        outgoing: the way out, to systems on other machines.
        command: of the process that a LOCAL execution system starts.
    """

    def __init__(
        self,
        storage_root: Path,
        outgoing: Outgoing,
        command: tuple[str, ...] = ("true",),
    ) -> None:
        self._root = storage_root
        self._outgoing = outgoing
        self._command = command

    def check(self, system: Document) -> Verdict:
        """Find out whether a system works: its storage, and its log-in if any."""
        found = [self._check_storage(system)]
        if system["type"] == "EXECUTION":
            found.append(self._check_login(system))
        for result in (Result.FAILED, Result.UNKNOWN):
            messages = [one.message for one in found if one.result is result]
            if messages:
                return Verdict(result, " ".join(messages))
        return PASSED

    def _check_storage(self, system: Document) -> Verdict:
        storage = system["storage"]
        checks: dict[str, Callable[[], Verdict]] = {
            "LOCAL": lambda: _check_folder(self._root / system["id"]),
            "SFTP": lambda: self._check_ssh(storage),
        }
        return _choose(checks, "storage", storage["protocol"])

    def _check_login(self, system: Document) -> Verdict:
        login = system["login"]
        checks: dict[str, Callable[[], Verdict]] = {
            "LOCAL": self._check_process,
            "SSH": lambda: self._check_ssh(login),
        }
        return _choose(checks, "log-in", login["protocol"])

    def _check_process(self) -> Verdict:
        try:
            subprocess.run(
                self._command,
                check=True,
                timeout=TIMEOUT_S,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
            )
        except (OSError, subprocess.SubprocessError):
            return Verdict(Result.FAILED, "No process can be started.")
        return PASSED

    def _check_ssh(self, part: Document) -> Verdict:
        host, port = str(part["host"]), part.get("port") or _SSH_PORT
        try:
            with (
                self._outgoing.dial(host, port, TIMEOUT_S) as connection,
                connection.makefile("rb") as stream,
            ):
                greeting = stream.read(len(_GREETING))
        except NotDelivered as error:
            return Verdict(Result.FAILED, str(error))
        except OSError:
            greeting = b""
        if greeting != _GREETING:
            return Verdict(Result.FAILED, f"{host}:{port} does not speak SSH.")
        return PASSED


def _choose(
    checks: dict[str, Callable[[], Verdict]], what: str, protocol: str
) -> Verdict:
    check = checks.get(protocol)
    if check is None:
        text = f"The local tenant can't check {what} by {protocol}."
        return Verdict(Result.UNKNOWN, text)
    return check()


def _check_folder(folder: Path) -> Verdict:
    """Write a small file, read it again, and remove it."""
    written = secrets.token_bytes(32)
    path = folder / f".monitor-{secrets.token_hex(8)}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        fd = os.open(path, _NEW_FILE, 0o600)
        try:
            os.write(fd, written)
            os.fsync(fd)
            read = os.pread(fd, len(written), 0)
        finally:
            os.close(fd)
            with suppress(OSError):
                path.unlink()
    except OSError as error:
        text = f"The folder can't be written ({os.strerror(error.errno or 0)})."
        return Verdict(Result.FAILED, text)
    if read != written:
        return Verdict(Result.FAILED, "What is written can't be read again.")
    return PASSED

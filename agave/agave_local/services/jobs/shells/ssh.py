"""A machine over SSH: one connection, kept, and signed in to again when it broke."""

import base64
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from agave_local.errors import PayloadTooLarge
from agave_local.services.jobs.shells.base import COMMAND_SECONDS, Done, Entry
from agave_local.services.jobs.shells.budget import MOST_ENTRIES, Budget
from agave_local.services.jobs.shells.door import Account, Door
from agave_local.services.jobs.shells.errors import (
    HostDenied,
    HostError,
    HostFull,
    HostRefused,
)
from agave_local.services.jobs.shells.fetching import Fetching
from agave_local.services.jobs.shells.ground import Ground, kind_of
from agave_local.services.jobs.shells.scripts import removal, trial
from agave_local.services.jobs.shells.sending import Sending, make_folders
from agave_local.services.jobs.shells.words import (
    DENIED,
    FULL,
    IN_THE_WAY,
    NO_COMMANDS,
    TROUBLE,
)
from sshlink import (
    Attributes,
    Dial,
    Open,
    Output,
    Patience,
    Sessions,
    SshFiles,
    dial,
    execute,
)

MOST_PRINTED = 16 << 20
MOST_READ = 64 << 20
FILE_SECONDS = 60.0
# However large a job's folder is: somebody's machine must not hold a thread for ever.
TRANSFER_SECONDS = 3_600.0
REMOVE_SECONDS = 600.0
# How much longer a command that is given up here may still run there.
LEFT_SECONDS = 5
_FULL = (b"no space left", b"quota")
_DENIED = (b"denied", b"not permitted", b"read-only")
_T = TypeVar("_T")


class SshShell:
    """Commands and files of a machine over SSH; implements `Shell`.

    Args:
        account: who signs in where.
        dial: connects to a port.
        clock: seconds that only grow.
        patience: with the machine.
        file_seconds: that anything may take that is no transfer.
    """

    def __init__(
        self,
        account: Account,
        *,
        dial: Dial = dial,
        clock: Callable[[], float] = time.monotonic,
        patience: Patience | None = None,
        file_seconds: float = FILE_SECONDS,
    ) -> None:
        self._door = Door(account, dial, clock, patience or Patience())
        self._file_seconds = file_seconds

    def run(
        self, script: str, *, stdin: bytes = b"", seconds: float = COMMAND_SECONDS
    ) -> Done:
        """Run a script, in a POSIX shell whatever shell the account has."""
        mark = f"ipt-{secrets.token_hex(8)}"
        command = _to_command(script, mark, seconds)

        def ask(sessions: Sessions) -> Output:
            with sessions.command(command, seconds) as channel:
                return execute(channel, stdin=stdin, seconds=seconds, most=MOST_PRINTED)

        done = self._door.through(ask, again=False)
        return Done(done.code, _behind(mark, done.out), _behind(mark, done.err))

    def make_folder(self, path: str) -> None:
        """Make a folder and those above it."""
        self._with_files(lambda files: make_folders(files, path), writes=path)

    def write(self, path: str, content: bytes, mode: int = 0o600) -> None:
        """Put a file in place."""
        folder = path.rpartition("/")[0]
        draft = f"{folder}/.ipt-draft-{secrets.token_hex(8)}"

        def put(files: SshFiles) -> None:
            how = Open.WRITE | Open.CREATE | Open.EMPTY
            with files.open(draft, how, mode) as handle:
                files.write(handle, [content])
            files.set(draft, Attributes(mode=mode))
            files.rename(draft, path)

        try:
            self._with_files(put, writes=folder)
        except (HostError, OSError):
            self._clear(draft)
            raise

    def read(self, path: str, start: int = 0, count: int | None = None) -> bytes:
        """Return a part of a regular file; a link is not followed."""

        def get(files: SshFiles) -> bytes:
            if not files.lstat(path).is_file:
                raise HostError(IN_THE_WAY)
            with files.open(path, Open.READ) as handle:
                size = (files.known(handle).size or 0) - start
                if count is None and size > MOST_READ:
                    raise PayloadTooLarge("A file is too large to be read at once.")
                most = max(size, 0) if count is None else min(count, max(size, 0))
                return b"".join(files.read(handle, start, most))

        return self._with_files(get)

    def entry(self, path: str) -> Entry:
        """Return what is at a path."""
        name = path.rstrip("/").rpartition("/")[2] or "/"
        known = self._with_files(lambda files: files.lstat(path))
        return _to_entry(name.encode("utf-8", "surrogateescape"), known)

    def entries(self, path: str) -> list[Entry]:
        """Return what is in a folder."""

        def look(files: SshFiles) -> list[Entry]:
            found = []
            for name, known in files.entries(path):
                found.append(_to_entry(name, known))
                if len(found) > MOST_ENTRIES:
                    raise PayloadTooLarge("There are too many files in a folder.")
            return sorted(found, key=lambda entry: entry.name)

        return self._with_files(look)

    def send(self, local: Path, remote: str) -> None:
        """Copy a folder to the machine."""

        def put(files: SshFiles) -> None:
            make_folders(files, remote)
            with Ground.at(local) as source:
                Sending(files, Budget()).folder(source, os.fsencode(remote))

        self._with_files(put, seconds=TRANSFER_SECONDS, writes=remote)

    def fetch(self, remote: str, local: Path, most_bytes: int) -> None:
        """Copy a folder from the machine."""

        def get(files: SshFiles) -> None:
            files.lstat(remote)
            local.mkdir(mode=0o755, exist_ok=True)
            with Ground.at(local) as target:
                Fetching(files, Budget(most_bytes)).folder(os.fsencode(remote), target)

        self._with_files(get, seconds=TRANSFER_SECONDS)

    def remove(self, path: str) -> None:
        """Remove a file or a folder."""
        if self.run(removal(path), seconds=REMOVE_SECONDS).code:
            raise HostDenied(DENIED)

    def close(self) -> None:
        """Sign out; a later call signs in again."""
        self._door.close()

    def _clear(self, draft: str) -> None:
        try:
            self._with_files(lambda files: files.remove(draft))
        except (HostError, OSError):
            # Nothing is left, or nobody answers: it has a name that says what it is.
            return

    def _with_files(
        self,
        work: Callable[[SshFiles], _T],
        *,
        seconds: float | None = None,
        writes: str = "",
    ) -> _T:
        """Do something with the machine's files; done twice, it does no harm.

        Args:
            work: what is done.
            seconds: that all of it may take; None for what is usual.
            writes: folder in which something is written, to find out why it can't.
        """

        def use(sessions: Sessions) -> _T:
            with sessions.files(self._file_seconds) as files:
                files.deadline = time.monotonic() + (seconds or self._file_seconds)
                return work(files)

        try:
            return self._door.through(use, again=True)
        except FileNotFoundError:
            raise
        except PermissionError as error:
            raise HostDenied(DENIED) from error
        except OSError as error:
            raise self._reason(writes) from error

    def _reason(self, folder: str) -> HostError:
        """Find out why something went wrong, for which SFTP has one word only."""
        if not folder:
            return HostError(TROUBLE)
        said = self.run(trial(folder, secrets.token_hex(8))).out.lower()
        if any(word in said for word in _FULL):
            return HostFull(FULL)
        if any(word in said for word in _DENIED):
            return HostDenied(DENIED)
        return HostError(TROUBLE)


def _to_entry(name: bytes, known: Attributes) -> Entry:
    kind = kind_of(known.mode or 0)
    modified = float(known.modified or 0)
    return Entry(os.fsdecode(name), kind, known.size or 0, modified)


def _to_command(script: str, mark: str, seconds: float) -> str:
    """Return a script as a command line that every login shell understands.

    Whatever the account's own files print comes before the mark.
    """
    encoded = base64.b64encode(script.encode("utf-8", "surrogateescape")).decode()
    left = int(seconds) + LEFT_SECONDS
    return (
        f"exec /bin/sh -c 's=$(echo {encoded} | base64 -d) || exit 127; "
        f"echo {mark}; echo {mark} >&2; "
        "if command -v timeout >/dev/null 2>&1; "
        f'then exec timeout {left} /bin/sh -c "$s"; fi; '
        'exec /bin/sh -c "$s"\''
    )


def _behind(mark: str, said: bytes) -> bytes:
    """Return what was printed after a mark.

    Raises:
        HostRefused: it was never reached.
    """
    _, found, rest = said.partition(f"{mark}\n".encode())
    if not found:
        raise HostRefused(NO_COMMANDS)
    return rest

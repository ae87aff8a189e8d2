"""Files of a machine over SFTP, with many requests under way at once.

Not paramiko's client: that one knows only names that are UTF-8, so that one hostile
name hides a whole folder, and reads ahead with threads that nobody can call off.
"""

import contextlib
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from .errors import SshSilent
from .packets import Answer, Ask, Attributes, Open, number, place, text, to_bytes
from .talk import Talk

__all__ = ["CHUNK", "MOST_ASKED", "SshFiles"]

# With what SFTP and SSH put before it, one packet of SSH.
CHUNK: Final = 32_600
# As many as fill the window of a channel.
MOST_ASKED: Final = 64
MOST_FOLDERS_ASKED: Final = 4
_RENAME: Final = b"posix-rename@openssh.com"
_NAMES_OF_FOLDERS: Final = (b"", b".", b"..")


class SshFiles(Talk):
    """The files of a machine, through one channel; for one thread at a time.

    A missing file is `FileNotFoundError`, a forbidden one `PermissionError`, anything
    else `SshFileError`; a line that breaks is `SshSilent`, and it is no use any more.
    """

    def stat(self, path: str | bytes) -> Attributes:
        """Return what is known of a file, or of what a link leads to."""
        return self._known(self.ask(Ask.STAT, text(to_bytes(path))))

    def lstat(self, path: str | bytes) -> Attributes:
        """Return what is known of a file; a link is one itself."""
        return self._known(self.ask(Ask.LSTAT, text(to_bytes(path))))

    def entries(self, path: str | bytes) -> Iterator[tuple[bytes, Attributes]]:
        """Yield the names in a folder and what is known of each; links are links."""
        handle = self.handle(self.ask(Ask.OPENDIR, text(to_bytes(path))))
        asked: deque[int] = deque()
        try:
            while True:
                while len(asked) < MOST_FOLDERS_ASKED:
                    asked.append(self.ask(Ask.READDIR, text(handle)))
                kind, said = self.answer(asked.popleft())
                if kind != Answer.NAME:
                    break
                for _ in range(said.number()):
                    name = said.text()
                    said.text()
                    known = said.attributes()
                    if name not in _NAMES_OF_FOLDERS and not set(name) & {0, 0x2F}:
                        yield name, known
        finally:
            self.forget(asked)
            self.shut(handle)

    def mkdir(self, path: str | bytes, mode: int) -> None:
        """Make a folder."""
        packed = Attributes(mode=mode).pack()
        self.done(self.ask(Ask.MKDIR, text(to_bytes(path)), packed))

    def rmdir(self, path: str | bytes) -> None:
        """Remove an empty folder."""
        self.done(self.ask(Ask.RMDIR, text(to_bytes(path))))

    def remove(self, path: str | bytes) -> None:
        """Remove a file."""
        self.done(self.ask(Ask.REMOVE, text(to_bytes(path))))

    def rename(self, path: str | bytes, to: str | bytes) -> None:
        """Give a file another name, in the place of whatever has it."""
        names = (text(_RENAME), text(to_bytes(path)), text(to_bytes(to)))
        self.done(self.ask(Ask.EXTENDED, *names))

    def symlink(self, path: str | bytes, target: bytes) -> None:
        """Make a link."""
        # OpenSSH takes them in this order, whatever the standard says.
        self.done(self.ask(Ask.SYMLINK, text(target), text(to_bytes(path))))

    def readlink(self, path: str | bytes) -> bytes:
        """Return where a link leads."""
        kind, said = self.answer(self.ask(Ask.READLINK, text(to_bytes(path))))
        if kind != Answer.NAME or said.number() != 1:
            raise self.nonsense()
        return said.text()

    def chown(self, path: str | bytes, uid: int, gid: int) -> None:
        """Give a file to another account."""
        self.set(path, Attributes(uid=uid, gid=gid))

    def set(self, path: str | bytes, known: Attributes) -> None:
        """Change what is known of a file."""
        self.done(self.ask(Ask.SETSTAT, text(to_bytes(path)), known.pack()))

    @contextlib.contextmanager
    def open(self, path: str | bytes, how: Open, mode: int = 0o600) -> Iterator[bytes]:
        """Open a file; yield its handle."""
        handle = self.handle(self.ask_open(path, how, mode))
        try:
            yield handle
        except BaseException:
            self.shut(handle)
            raise
        self.done(self.ask(Ask.CLOSE, text(handle)))

    def known(self, handle: bytes) -> Attributes:
        """Return what is known of an open file."""
        return self._known(self.ask(Ask.FSTAT, text(handle)))

    def read(self, handle: bytes, start: int, count: int) -> Iterator[bytes]:
        """Yield a part of an open file, as far as there is one, in pieces."""
        asked: deque[tuple[int, int, int]] = deque()
        at, end = start, start + count
        try:
            while asked or at < end:
                while at < end and len(asked) < MOST_ASKED:
                    size = min(CHUNK, end - at)
                    asked.append((self._ask_data(handle, at, size), at, size))
                    at += size
                ticket, begin, size = asked.popleft()
                data = self.data(ticket, size)
                while data and len(data) < size:
                    yield data
                    begin, size = begin + len(data), size - len(data)
                    data = self.data(self._ask_data(handle, begin, size), size)
                if not data:
                    return
                yield data
        finally:
            self.forget(ticket for ticket, _, _ in asked)

    def write(self, handle: bytes, pieces: Iterable[bytes]) -> int:
        """Write an open file from its beginning; return how many bytes it took."""
        asked: deque[int] = deque()
        at = 0
        try:
            for piece in pieces:
                for begin in range(0, len(piece), CHUNK):
                    part = piece[begin : begin + CHUNK]
                    if len(asked) >= MOST_ASKED:
                        self.done(asked.popleft())
                    asked.append(
                        self.ask(Ask.WRITE, text(handle), place(at), text(part))
                    )
                    at += len(part)
            while asked:
                self.done(asked.popleft())
        finally:
            self.forget(asked)
        return at

    def ask_open(self, path: str | bytes, how: Open, mode: int = 0o600) -> int:
        """Ask for a file to be opened."""
        packed = Attributes(mode=mode).pack()
        return self.ask(Ask.OPEN, text(to_bytes(path)), number(how), packed)

    def handle(self, ticket: int) -> bytes:
        """Wait for what was opened.

        Raises:
            OSError: It was refused.
        """
        kind, said = self.answer(ticket)
        if kind != Answer.HANDLE:
            raise self.nonsense()
        return said.text()

    def data(self, ticket: int, most: int) -> bytes:
        """Wait for a part of a file; nothing where it ends.

        Raises:
            OSError: It was refused.
        """
        kind, said = self.answer(ticket)
        if kind == Answer.STATUS:
            return b""
        data = said.text() if kind == Answer.DATA else b""
        if not data or len(data) > most:
            raise self.nonsense()
        return data

    def shut(self, handle: bytes) -> None:
        """Close a handle that nothing depends on any more."""
        with contextlib.suppress(OSError, SshSilent):
            if self.is_usable:
                self.done(self.ask(Ask.CLOSE, text(handle)))

    def _ask_data(self, handle: bytes, at: int, size: int) -> int:
        return self.ask(Ask.READ, text(handle), place(at), number(size))

    def _known(self, ticket: int) -> Attributes:
        kind, said = self.answer(ticket)
        if kind != Answer.ATTRS:
            raise self.nonsense()
        return said.attributes()

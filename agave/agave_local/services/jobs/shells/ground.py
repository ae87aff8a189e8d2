"""A folder of this machine that is read or filled; no link leads out of it.

Whoever has made what is in there may still be changing it.  So each folder is opened
from the one before it, no link is ever followed, and a file is read only once it is
known that it is one.
"""

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from agave_local.services.files.tree import remove, write_all
from agave_local.services.files.walk import FILE_FLAGS, FOLDER_FLAGS

_NEW_FLAGS = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
)
# Passing through a folder asks for no right to read it.
_PASS_FLAGS = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
_PIECE = 256 * 1024
_EXECUTE = 0o111


class NotAFile(OSError):
    """There is something else where a file should be."""


class Ground:
    """An open folder.

    Args:
        fd: descriptor of it; its opener closes it.
    """

    def __init__(self, fd: int) -> None:
        self.fd = fd

    @classmethod
    @contextmanager
    def at(cls, path: Path) -> "Iterator[Ground]":
        """Open a folder of the tenant's own; the way there may have links in it."""
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield cls(fd)
        finally:
            os.close(fd)

    @classmethod
    @contextmanager
    def above(
        cls, path: str, make: int | None = None
    ) -> "Iterator[tuple[Ground, str]]":
        """Open the folder above a path, through no link; yield it and the last name.

        Args:
            path: absolute.
            make: mode of folders that are missing on the way, if they are to be made.
        """
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if not parts or ".." in parts:
            raise FileNotFoundError(errno.ENOENT, "not a plain path")
        *way, name = parts
        fd = os.open("/", _PASS_FLAGS)
        try:
            for part in way:
                if make is not None:
                    with suppress(FileExistsError):
                        os.mkdir(part, make, dir_fd=fd)
                passed = fd
                fd = os.open(part, _PASS_FLAGS, dir_fd=passed)
                os.close(passed)
            yield cls(fd), name
        finally:
            os.close(fd)

    @contextmanager
    def inner(self, name: str) -> "Iterator[Ground]":
        """Open a folder in this one."""
        fd = os.open(name, FOLDER_FLAGS, dir_fd=self.fd)
        try:
            yield Ground(fd)
        finally:
            os.close(fd)

    @contextmanager
    def made(self, name: str, mode: int) -> "Iterator[Ground]":
        """Open a folder in this one, made if need be; anything else there goes."""
        found = self.look(name)
        if found is not None and not stat.S_ISDIR(found.st_mode):
            os.unlink(name, dir_fd=self.fd)
            found = None
        if found is None:
            os.mkdir(name, mode, dir_fd=self.fd)
        with self.inner(name) as inner:
            yield inner

    def names(self) -> list[str]:
        """Return the names of what is in it, sorted."""
        return sorted(os.listdir(self.fd))  # noqa: PTH208 - a descriptor

    def look(self, name: str) -> os.stat_result | None:
        """Return what is known of an entry; None where there is none."""
        try:
            return os.stat(name, dir_fd=self.fd, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def has(self, name: str, size: int, modified: int, *, executable: bool) -> bool:
        """Tell whether a file is here already, as it should be."""
        found = self.look(name)
        return (
            found is not None
            and stat.S_ISREG(found.st_mode)
            and (found.st_size, int(found.st_mtime)) == (size, modified)
            and bool(found.st_mode & 0o100) == executable
        )

    def link_target(self, name: str) -> str:
        """Return where a link leads."""
        return os.readlink(name, dir_fd=self.fd)

    @contextmanager
    def opened(self, name: str) -> Iterator[int]:
        """Open a regular file to read it.

        Raises:
            OSError: there is none, or it is something else.
        """
        fd = os.open(name, FILE_FLAGS, dir_fd=self.fd)
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise NotAFile(errno.EINVAL, "not a regular file")
            yield fd
        finally:
            os.close(fd)

    @contextmanager
    def new_file(
        self, name: str, mode: int, modified: int
    ) -> Iterator[Callable[[bytes], None]]:
        """Make a file in the place of whatever is there; yield what writes it.

        Its time is set at the end, so that one that was broken off shows.
        """
        self.clear(name)
        fd = os.open(name, _NEW_FLAGS, mode, dir_fd=self.fd)
        try:
            yield lambda piece: write_all(fd, piece)
            os.utime(fd, (modified, modified))
        finally:
            os.close(fd)

    def make_link(self, name: str, target: str) -> None:
        """Make a link in the place of whatever is there."""
        self.clear(name)
        os.symlink(target, name, dir_fd=self.fd)

    def clear(self, name: str) -> None:
        """Remove whatever has a name."""
        if self.look(name) is not None:
            remove(self.fd, name)


@contextmanager
def if_there() -> Iterator[None]:
    """Pass over what went, or became something else, while it was looked at."""
    try:
        yield
    except NotAFile:
        return
    except OSError as error:
        if error.errno not in GONE:
            raise


def pieces(fd: int, most: int) -> Iterator[bytes]:
    """Yield what is in a file, and no more of it than it had at first."""
    while most > 0:
        piece = os.read(fd, min(_PIECE, most))
        if not piece:
            return
        most -= len(piece)
        yield piece


def kind_of(mode: int) -> str:
    """Return the word for what something is."""
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "other"


def is_executable(mode: int) -> bool:
    """Tell whether anybody may execute a file."""
    return bool(mode & _EXECUTE)


def write_whole(ground: Ground, name: str, content: bytes, mode: int) -> None:
    """Put a file in place, whole, in one step.

    Raises:
        OSError: it can't be; what was there before is as it was.
    """
    draft = f".ipt-draft-{secrets.token_hex(8)}"
    fd = os.open(draft, _NEW_FLAGS, mode, dir_fd=ground.fd)
    try:
        try:
            write_all(fd, content)
            os.fchmod(fd, mode)
        finally:
            os.close(fd)
        os.rename(draft, name, src_dir_fd=ground.fd, dst_dir_fd=ground.fd)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft, dir_fd=ground.fd)
        raise


def stays_inside(target: str, depth: int) -> bool:
    """Tell whether a link leads to nothing outside the tree that it is in.

    Args:
        target: of the link.
        depth: folders between the tree's root and the link.
    """
    if not target or target.startswith("/") or "\0" in target:
        return False
    for part in target.split("/"):
        if part == "..":
            depth -= 1
        elif part not in ("", "."):
            # It may be a link itself; what it leads to is judged by itself.
            depth += 1
        if depth < 0:
            return False
    return True

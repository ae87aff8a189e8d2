"""Walking a folder that its owner changes at the same time, and never leaving it.

A user's shell runs in the very folder the tenant reads, so nothing may be looked up
twice by name.  Each name is opened relative to the descriptor of the folder before
it and without following links; a link is read and its text walked in the same way;
`..` in a link goes back to a descriptor already held.  So no race can lead out of
the folder where the walk began (the *jail*).
"""

import errno
import os
import stat
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from agave_local.errors import BadRequest, Conflict
from agave_local.services.files.errors import leaves
from agave_local.services.files.owners import give_folder
from agave_local.services.files.paths import MAX_DEPTH

MAX_LINKS = 40
_RETRIES = 20
_SWAPPED = frozenset({errno.ELOOP, errno.ENOTDIR, errno.ENOENT, errno.EINVAL})
FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: a FIFO that was swapped in must not hang the one who opens it.
FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class Spot:
    """A place that a walk has reached; owns the descriptors that lead there.

    Attributes:
        name: of the last thing, in the folder `fd`; None where the spot is the
            folder itself.
    """

    def __init__(self, stack: list[int], name: str | None = None) -> None:
        self._stack = stack
        self.name = name

    @property
    def fd(self) -> int:
        """Descriptor of the folder."""
        return self._stack[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the descriptors back."""
        while self._stack:
            os.close(self._stack.pop())

    def enter(self, name: str) -> "Spot":
        """Go on from this folder to one of its entries, following links inside."""
        return _Walk([os.dup(fd) for fd in self._stack], name).go([name])

    def stat(self) -> os.stat_result:
        """Return what is known of the place; links are not followed."""
        if self.name is None:
            return os.fstat(self.fd)
        return os.stat(self.name, dir_fd=self.fd, follow_symlinks=False)


def walk(
    jail: int,
    parts: Iterable[str],
    shown: str,
    *,
    make: bool = False,
    links: bool = True,
) -> Spot:
    """Go to a place, following links as long as they stay inside.

    Args:
        jail: descriptor of the folder that must not be left.
        parts: names from there.
        shown: the path in messages.
        make: whether missing folders are made.
        links: whether any link is followed.

    Raises:
        Forbidden: a link leads out.
        Conflict: the folders changed all the time.
        OSError: there is no such place.
    """
    most_links = MAX_LINKS if links else 0
    return _Walk([os.dup(jail)], shown, make=make, most_links=most_links).go(parts)


def walk_to_parent(jail: int, parts: tuple[str, ...], shown: str) -> Spot:
    """Go to the folder that holds the last name, which is not looked at.

    Args:
        jail: descriptor of the folder that must not be left.
        parts: names from there, at least one.
        shown: the path in messages.

    Raises:
        Forbidden: a link leads out.
        OSError: there is no such folder.
    """
    if not parts:
        raise BadRequest(f"{shown} itself can't be changed.")
    spot = walk(jail, parts[:-1], shown)
    if spot.name is not None:
        spot.close()
        raise NotADirectoryError(errno.ENOTDIR, "not a folder")
    spot.name = parts[-1]
    return spot


def open_file(folder: int, name: str, shown: str) -> int:
    """Open a regular file for reading; anything else is refused unopened.

    Raises:
        BadRequest: a folder, FIFO, device or socket.
        OSError: there is no such file, or it is a link.
    """
    _check_regular(os.stat(name, dir_fd=folder, follow_symlinks=False), shown)
    fd = os.open(name, FILE_FLAGS, dir_fd=folder)
    try:
        # It may have been swapped between the look and the opening.
        _check_regular(os.fstat(fd), shown)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _check_regular(found: os.stat_result, shown: str) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise BadRequest(f"{shown} is a folder.")
    if stat.S_ISLNK(found.st_mode):
        raise Conflict(f"{shown} changed while it was being read; try again.")
    if not stat.S_ISREG(found.st_mode):
        raise BadRequest(f"{shown} is not a regular file.")


class _Walk:
    """One walk under way.

    Args:
        stack: descriptors from the jail down; owned by the walk, then by its spot.
        shown: the path in messages.
        make: whether missing folders are made.
        most_links: that are followed.
    """

    def __init__(
        self,
        stack: list[int],
        shown: str,
        *,
        make: bool = False,
        most_links: int = MAX_LINKS,
    ) -> None:
        self._most_links = most_links
        self._stack = stack
        self._shown = shown
        self._make = make
        self._links = 0
        self._surprises = 0

    def go(self, parts: Iterable[str]) -> Spot:
        """Walk the names; the descriptors are closed if that fails."""
        try:
            return Spot(self._stack, self._walk(deque(parts)))
        except BaseException:
            Spot(self._stack).close()
            raise

    def _walk(self, pending: deque[str]) -> str | None:
        while pending:
            name = pending.popleft()
            if name == "..":
                self._back()
            elif name not in ("", ".") and not self._step(name, pending):
                if any(rest not in ("", ".") for rest in pending):
                    raise NotADirectoryError(errno.ENOTDIR, "not a folder")
                return name
        return None

    def _back(self) -> None:
        if len(self._stack) == 1:
            raise leaves(self._shown)
        os.close(self._stack.pop())

    def _step(self, name: str, pending: deque[str]) -> bool:
        """Go down to a name; return False where it is not a folder."""
        mode = self._look(name)
        if stat.S_ISLNK(mode):
            self._follow(name, pending)
            return True
        if not stat.S_ISDIR(mode):
            return False
        if len(self._stack) > 2 * MAX_DEPTH:
            raise BadRequest(f"{self._shown} is too deep.")
        try:
            self._stack.append(os.open(name, FOLDER_FLAGS, dir_fd=self._stack[-1]))
        except OSError as error:
            self._note_surprise(error)
            pending.appendleft(name)
        return True

    def _look(self, name: str) -> int:
        folder = self._stack[-1]
        try:
            return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        except FileNotFoundError:
            if not self._make:
                raise
        with suppress(FileExistsError):  # somebody else may just have made it
            os.mkdir(name, 0o755, dir_fd=folder)
            give_folder(folder, name)
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode

    def _follow(self, name: str, pending: deque[str]) -> None:
        self._links += 1
        if self._links > self._most_links:
            raise leaves(self._shown)
        try:
            text = os.readlink(name, dir_fd=self._stack[-1])
        except OSError as error:
            self._note_surprise(error)
            pending.appendleft(name)
            return
        if text.startswith("/"):
            raise leaves(self._shown)
        pending.extendleft(reversed(text.split("/")))

    def _note_surprise(self, error: OSError) -> None:
        """Allow that a name turned into something else a few times."""
        if error.errno not in _SWAPPED:
            raise error
        self._surprises += 1
        if self._surprises > _RETRIES:
            raise Conflict(
                f"{self._shown} changed while it was being read; try again."
            ) from error

"""The files themselves: every operation on a path inside one trusted folder."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from agave_local.errors import BadRequest, Conflict, LocalTenantError, NotFound
from agave_local.services.files.body import OpenFile
from agave_local.services.files.errors import speaking_of
from agave_local.services.files.owners import give_tree
from agave_local.services.files.paths import Parts, read_name, to_path, to_shown
from agave_local.services.files.tree import Copier, Write, remove, remove_if_there
from agave_local.services.files.walk import (
    FOLDER_FLAGS,
    Spot,
    open_file,
    walk,
    walk_to_parent,
)

_T = TypeVar("_T")


@dataclass(frozen=True)
class Ground:
    """A path inside a folder of the machine.

    Attributes:
        base: the folder; trusted, nobody else changes the way to it.
        parts: names from there.
        jail: how many of them lead to the folder that links must not leave.
        links: whether links are followed at all.
    """

    base: Path
    parts: Parts = ()
    jail: int = 0
    links: bool = True

    @property
    def shown(self) -> str:
        """The path as callers know it."""
        return to_path(self.parts)

    def below(self, *names: str) -> "Ground":
        """Return a path further down."""
        return replace(self, parts=(*self.parts, *names))


@dataclass(frozen=True)
class Entry:
    """One file or folder as a listing tells it.

    Attributes:
        name: of it; `.` for the listed folder itself.
        parts: from the base folder.
        is_folder: else it is a file.
        size: in bytes.
        modified: seconds since the epoch.
        readable: False for links that lead outside, FIFOs, devices and sockets.
    """

    name: str
    parts: Parts
    is_folder: bool
    size: int
    modified: float
    readable: bool = True


class Storage:
    """Reads and changes files below trusted folders.

    Args:
        incoming: folder of files that are still being written, on the same file
            system as all bases.
        write: like `os.write`; another one in tests of a full disk.
    """

    def __init__(self, incoming: Path, write: Write = os.write) -> None:
        self.incoming = incoming
        self.write = write

    @contextmanager
    def at(self, ground: Ground, *, make: bool = False) -> Iterator[Spot]:
        """Go to a path, following links that stay in the jail.

        Args:
            ground: the path.
            make: whether missing folders are made.

        Raises:
            LocalTenantError: there is no way there.
        """
        with speaking_of(ground.shown), _opened(_open_jail(ground)) as jail:
            rest = ground.parts[ground.jail :]
            with walk(jail, rest, ground.shown, make=make, links=ground.links) as spot:
                yield spot

    @contextmanager
    def at_parent(self, ground: Ground) -> Iterator[Spot]:
        """Go to the folder that holds the last name of a path.

        Raises:
            LocalTenantError: there is no way there, or the path is the jail itself.
        """
        with speaking_of(ground.shown), _opened(_open_jail(ground)) as jail:
            rest = ground.parts[ground.jail :]
            with walk_to_parent(jail, rest, ground.shown) as spot:
                yield spot

    def entry(self, ground: Ground) -> Entry:
        """Return one file or folder.

        Raises:
            LocalTenantError: there is none, or it may not be read.
        """
        with self.at(ground) as spot:
            name = ground.parts[-1] if ground.parts else "."
            return _to_entry(name, ground.parts, spot.stat())

    def entries(
        self, ground: Ground, limit: int | None = None, offset: int = 0
    ) -> list[Entry]:
        """Return what is in a folder, itself first; a file lists itself.

        Raises:
            LocalTenantError: there is no such path, or it may not be read.
        """
        with self.at(ground) as spot:
            if spot.name is not None:
                found = [_to_entry(ground.parts[-1], ground.parts, spot.stat())]
                return _slice(found, limit, offset)
            names = _slice([".", *sorted(os.listdir(spot.fd))], limit, offset)  # noqa: PTH208 - a descriptor
            every = (_look(spot, ground, name) for name in names)
            return [entry for entry in every if entry is not None]

    def open(self, ground: Ground) -> OpenFile:
        """Open a regular file for reading.

        Raises:
            LocalTenantError: there is none, or it may not be read.
        """
        with self.at(ground) as spot:
            if spot.name is None:
                raise BadRequest(f"{ground.shown} is a folder; list it instead.")
            return OpenFile(open_file(spot.fd, spot.name, ground.shown))

    def make_folder(self, ground: Ground) -> bool:
        """Make a folder and those above it; tell whether it is new.

        Raises:
            Conflict: there is a file.
            LocalTenantError: it can't be made.
        """
        try:
            self.entry(ground)
            new = False
        except NotFound:
            new = True
        with self.at(ground, make=True) as spot:
            if spot.name is not None:
                raise Conflict(f"There is already a file at {ground.shown}.")
        return new

    def remove(self, ground: Ground) -> None:
        """Remove a file, a folder with all that is in it, or a link.

        Raises:
            LocalTenantError: there is none, or it can't be removed.
        """
        with self.at_parent(ground) as spot:
            remove(spot.fd, str(spot.name))

    def rename(self, ground: Ground, name: str) -> Ground:
        """Give a file or folder another name in its folder.

        Raises:
            Conflict: the name is taken.
            LocalTenantError: it can't be renamed.
        """
        target = replace(ground, parts=(*ground.parts[:-1], read_name(name)))
        with self.at_parent(ground) as spot:
            spot.stat()
            _check_free(spot.fd, name, target.shown)
            os.rename(str(spot.name), name, src_dir_fd=spot.fd, dst_dir_fd=spot.fd)
        return target

    def move(self, source: Ground, target: Ground) -> Ground:
        """Move a file or folder; into the target where that is a folder.

        Raises:
            Conflict: the place is taken.
            LocalTenantError: it can't be moved.
        """
        target = self._destination(source, target)
        with self.at_parent(source) as old, self.at_parent(target) as new:
            _check_free(new.fd, str(new.name), target.shown)
            os.rename(
                str(old.name), str(new.name), src_dir_fd=old.fd, dst_dir_fd=new.fd
            )
        return target

    def copy(self, source: Ground, target: Ground) -> Ground:
        """Copy a file or folder; into the target where that is a folder.

        The copy is made aside and appears whole or not at all.

        Raises:
            Conflict: the place is taken.
            LocalTenantError: it can't be copied.
        """
        target = self._destination(source, target)
        with self.at_parent(target) as new, self.aside() as (folder, name):
            self._copy_aside(source, folder, name)
            _check_free(new.fd, str(new.name), target.shown)
            give_tree(folder, name, new.fd)
            os.rename(name, str(new.name), src_dir_fd=folder, dst_dir_fd=new.fd)
        return target

    @contextmanager
    def aside(self) -> Iterator[tuple[int, str]]:
        """Lend a free name in the folder of what is still being written.

        Whatever has that name afterwards is removed.
        """
        self.incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = secrets.token_hex(16)
        with _opened(os.open(self.incoming, FOLDER_FLAGS)) as folder:
            try:
                yield folder, name
            finally:
                remove_if_there(folder, name)

    def sweep(self) -> None:
        """Remove what an earlier process was still writing when it died."""
        if not self.incoming.is_dir():
            return
        with _opened(os.open(self.incoming, FOLDER_FLAGS)) as folder:
            for name in os.listdir(folder):  # noqa: PTH208 - a descriptor
                remove_if_there(folder, name)

    def _copy_aside(self, source: Ground, folder: int, name: str) -> None:
        copier = Copier(self.write)
        if len(source.parts) > source.jail:
            with self.at_parent(source) as old:
                copier.copy(old.fd, str(old.name), folder, name)
            return
        # A folder that somebody shares: what is above it is none of the caller's.
        with self.at(source) as spot:
            os.mkdir(name, 0o755, dir_fd=folder)
            copier.copy_into(spot.fd, folder, name)

    def _destination(self, source: Ground, target: Ground) -> Ground:
        try:
            if self.entry(target).is_folder:
                target = target.below(source.parts[-1])
        except NotFound:
            pass  # a new name; its folder is looked for later
        inside = target.parts[: len(source.parts)] == source.parts
        if inside and source.base == target.base:
            raise BadRequest(f"{source.shown} can't go into itself.")
        return target


def _open_jail(ground: Ground) -> int:
    fd = os.open(ground.base, FOLDER_FLAGS)
    for name in ground.parts[: ground.jail]:
        try:
            deeper = os.open(name, FOLDER_FLAGS, dir_fd=fd)
        finally:
            os.close(fd)
        fd = deeper
    return fd


@contextmanager
def _opened(fd: int) -> Iterator[int]:
    try:
        yield fd
    finally:
        os.close(fd)


def _check_free(folder: int, name: str, shown: str) -> None:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return
    raise Conflict(f"There is already something at {shown}.")


def _slice(found: list[_T], limit: int | None, offset: int) -> list[_T]:
    return found[offset : None if limit is None else offset + limit]


def _look(spot: Spot, ground: Ground, name: str) -> Entry | None:
    """Return an entry of a folder, or None where it has just gone."""
    if name == ".":
        return _to_entry(".", ground.parts, spot.stat())
    parts = (*ground.parts, to_shown(name))
    try:
        found = os.stat(name, dir_fd=spot.fd, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISLNK(found.st_mode):
        return _to_entry(parts[-1], parts, found)
    try:
        with speaking_of(parts[-1]), spot.enter(name) as end:
            return _to_entry(parts[-1], parts, end.stat())
    except LocalTenantError:
        return replace(_to_entry(parts[-1], parts, found), readable=False)


def _to_entry(name: str, parts: Parts, found: os.stat_result) -> Entry:
    folder = stat.S_ISDIR(found.st_mode)
    return Entry(
        name=name,
        parts=parts,
        is_folder=folder,
        size=found.st_size,
        modified=found.st_mtime,
        readable=folder or stat.S_ISREG(found.st_mode),
    )

"""Whose what root makes is: it belongs to the owner of the folder that it is put into.

Homes may belong to the user that terminals run as.  What the tenant puts there as
root would be beyond that user's reach, so it is given away: before it comes into the
user's sight, or, for a folder, by a descriptor and following no link.  What is there
already stays whose it is.  A tenant that is not root changes nothing.
"""

import os
import stat
from pathlib import Path

__all__ = ["give_folder", "give_tree", "make_home"]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def make_home(base: Path, name: str) -> None:
    """Make a user's folder on a storage system, if it is missing.

    Args:
        base: the system's folder; trusted.
        name: of the user.

    Raises:
        OSError: it can't be made.
    """
    parent = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.mkdir(name, 0o755, dir_fd=parent)
        give_folder(parent, name)
    except FileExistsError:
        if not stat.S_ISDIR(os.stat(name, dir_fd=parent).st_mode):
            raise
    finally:
        os.close(parent)


def give_folder(parent: int, name: str) -> None:
    """Give a folder that was just made to the owner of the folder it is in.

    Whoever owns that one may have put something else in its place by now, which
    stays as it is unless it is root's, too.

    Args:
        parent: the folder it is in.
        name: of the new one.

    Raises:
        OSError: it is no folder any more.
    """
    owner = _find_owner(parent)
    if owner is None:
        return
    made = os.open(name, _FOLDER, dir_fd=parent)
    try:
        if os.fstat(made).st_uid == 0:
            os.fchown(made, *owner)
    finally:
        os.close(made)


def give_tree(folder: int, name: str, target: int) -> None:
    """Give an entry and all that is in it to the owner of the folder it is meant for.

    Args:
        folder: where it was made aside; nobody else can change what is in there.
        name: of it.
        target: the folder that it is meant for.

    Raises:
        OSError: it can't be given away.
    """
    owner = _find_owner(target)
    if owner is not None:
        _give(folder, name, owner)


def _find_owner(folder: int) -> tuple[int, int] | None:
    """Return to whom something is given, None where nothing has to be."""
    if os.geteuid() != 0:
        return None
    found = os.fstat(folder)
    return found.st_uid, found.st_gid


def _give(folder: int, name: str, owner: tuple[int, int]) -> None:
    os.chown(name, *owner, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        return
    inner = os.open(name, _FOLDER, dir_fd=folder)
    try:
        for entry in os.listdir(inner):  # noqa: PTH208 - a descriptor
            _give(inner, entry, owner)
    finally:
        os.close(inner)

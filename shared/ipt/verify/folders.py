"""What goes into the folder of a run, and what comes out of it."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ipt.errors import IptError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["beginning_of", "contents_of", "copy_into", "remove_folder"]


def copy_into(data: Sequence[Path], folder: Path) -> None:
    """Copy files and folders into a folder.

    Raises:
        IptError: One cannot be copied.
    """
    for path in data:
        try:
            if path.is_dir():
                shutil.copytree(path, folder / path.name)
            else:
                shutil.copy(path, folder)
        except (OSError, shutil.Error) as error:
            raise IptError(f"{path}: it cannot be copied for the run.") from error


def contents_of(folder: Path, most: int) -> dict[str, bytes]:
    """Return the regular files below a folder; what is too large is left out."""
    found: dict[str, bytes] = {}
    left = 2 * most
    for root, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(root, name)
            try:
                details = path.lstat()
                # A program may leave links and pipes that never end.
                if not stat.S_ISREG(details.st_mode) or details.st_size > left:
                    continue
                content = path.read_bytes()
            except OSError:
                continue
            left -= len(content)
            found[str(path.relative_to(folder))] = content
    return found


def beginning_of(path: Path, most: int) -> bytes:
    """Return the first bytes of a file, none if there is no such file."""
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError:
        return b""


def remove_folder(folder: Path) -> None:
    """Remove a folder, also where a program took the permissions away."""
    for root, folders, _ in os.walk(folder):
        for name in folders:
            path = Path(root, name)
            with suppress(OSError):
                if not path.is_symlink():
                    path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)

"""What a new terminal's home holds: the sample programs, once.

The user may have prepared the home with symbolic links, and we may have more rights
than the user: every file is made anew, relative to a folder that was opened without
following a link, and nothing that exists is touched.  What root makes here belongs to
the owner of the folder it is made in, whose terminal could not write to it otherwise.
"""

import contextlib
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from iptweb.errors import LaunchFailed

log = logging.getLogger("iptweb.terminals")

MARKER = ".ipt-welcome"
SAMPLES = "samples"
# What people are shown how to type: `ipt parallelize heat.c`, without a folder.
SOURCES = (".c", ".cpp")
FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW_FILE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
MOST_DEPTH = 3


def prepare_home(home: Path, samples: Path | None) -> None:
    """Make the home if it is missing, and put the samples into it the first time.

    Samples that do not fit on the disk are left out: with a full disk a terminal is
    the place to make room.

    Args:
        home: The user's folder.
        samples: Where the samples are, None where there are none.

    Raises:
        LaunchFailed: The home can't be used.
    """
    try:
        folder = open_home(home)
    except OSError as error:
        raise LaunchFailed(
            "Your home folder can't be opened on the execution host.",
            error=str(error),
        ) from error
    try:
        if samples is not None and not exists(MARKER, folder):
            offer_samples(folder, samples)
    except OSError as error:
        log.warning("samples were not copied: %s", error.strerror)
    finally:
        os.close(folder)


def open_home(home: Path) -> int:
    """Open the home, after it was made if it was missing."""
    home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    parent = os.open(home.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        made = make_folder(home.name, parent, 0o700)
        folder = os.open(home.name, FOLDER_FLAGS, dir_fd=parent)
        if made:
            give(folder, parent)
    finally:
        os.close(parent)
    return folder


def give(descriptor: int, folder: int) -> None:
    """Give what was just made to the owner of the folder it is in, if root made it."""
    if os.geteuid() == 0:
        owner = os.fstat(folder)
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def make_folder(name: str, parent: int, mode: int) -> bool:
    """Make a folder; false if something has that name."""
    try:
        os.mkdir(name, mode, dir_fd=parent)
    except FileExistsError:
        return False
    return True


def offer_samples(home: int, samples: Path) -> None:
    """Copy the samples into `samples`, and their sources into the home itself."""
    if not any(samples.iterdir()):
        return
    copy_folder(samples, home, SAMPLES, MOST_DEPTH)
    for file in sorted(samples.iterdir()):
        if file.suffix in SOURCES and file.is_file():
            copy_file(file, home)
    marker = os.open(MARKER, NEW_FILE_FLAGS, 0o644, dir_fd=home)
    give(marker, home)
    os.close(marker)


def copy_folder(source: Path, parent: int, name: str, depth: int) -> None:
    """Copy a folder's files, leaving alone what is there."""
    made = make_folder(name, parent, 0o755)
    with open_folder(name, parent) as folder:
        if folder is None:
            return
        if made:
            give(folder, parent)
        for entry in sorted(source.iterdir()):
            if entry.is_file():
                copy_file(entry, folder)
            elif entry.is_dir() and entry.name != "__pycache__" and depth > 0:
                copy_folder(entry, folder, entry.name, depth - 1)


def copy_file(source: Path, folder: int) -> None:
    """Copy a file under its own name, unless something has that name."""
    try:
        descriptor = os.open(source.name, NEW_FILE_FLAGS, 0o644, dir_fd=folder)
    except FileExistsError:
        return
    try:
        with os.fdopen(descriptor, "wb") as target, source.open("rb") as stream:
            give(descriptor, folder)
            shutil.copyfileobj(stream, target)
    except OSError:
        # Half a program is worse than none.
        os.unlink(source.name, dir_fd=folder)
        raise


@contextlib.contextmanager
def open_folder(name: str, parent: int) -> Iterator[int | None]:
    """Open a folder inside another; None where it is a link or no folder."""
    try:
        folder = os.open(name, FOLDER_FLAGS, dir_fd=parent)
    except OSError:
        yield None
        return
    try:
        yield folder
    finally:
        os.close(folder)


def exists(name: str, folder: int) -> bool:
    """Return whether anything has that name, a broken link too."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True

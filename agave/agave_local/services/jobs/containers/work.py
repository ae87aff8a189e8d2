"""A job's work folder before it is a container's: whose it is, where outputs go."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agave_local.services.jobs.order import Order

_MADE_ANEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Account:
    """Who runs in a container; never root."""

    uid: int = 1000
    gid: int = 1000

    def __str__(self) -> str:
        return f"{self.uid}:{self.gid}"


def prepare(order: Order, me: Callable[[], int] = os.geteuid) -> Account:
    """Make the output files, and give the folder to whom it will be; return them.

    The rule is that of terminals: the account of the folder, another one where that is
    root's.  The tenant can read and remove what they leave: it is that account, or
    root.

    Args:
        order: names the folder; nothing of the job has run there yet.
        me: who we are.

    Raises:
        OSError: there is something else where outputs go, or the disk is full.
    """
    work = Path(order.work)
    for kind in ("out", "err"):
        _make_empty(work / f"{order.slug}.{kind}")
    status = work.stat()
    is_roots = not (status.st_uid and status.st_gid)
    account = Account() if is_roots else Account(status.st_uid, status.st_gid)
    if me() == 0:
        # After a start that did not succeed, some of it may be root's once more.
        _give(work, account)
    return account


def _make_empty(path: Path) -> None:
    """Make an empty file; one that an earlier try has made will do.

    Raises:
        FileExistsError: there is something else.
    """
    try:
        os.close(os.open(path, _MADE_ANEW, 0o644))
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size or found.st_nlink > 1:
            raise


def _give(work: Path, account: Account) -> None:
    """Give a folder and all that is in it to an account; links are not followed."""
    for _, folders, files, place in os.fwalk(work, follow_symlinks=False):
        for name in (*folders, *files):
            os.chown(
                name, account.uid, account.gid, dir_fd=place, follow_symlinks=False
            )
    os.chown(work, account.uid, account.gid)

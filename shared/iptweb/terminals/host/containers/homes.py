"""Users' folders on this machine: made, filled and given to whom they belong.

We may have more rights than the user, who may have filled the folder with links: it is
walked by descriptors, no link is followed, and no other file system is entered.
"""

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from iptweb.errors import LaunchFailed
from iptweb.terminals.host.welcome import FOLDER_FLAGS, prepare_home

from .order import Account

__all__ = ["Homes", "LocalHomes"]

MOST_ENTRIES = 200_000
MOST_DEPTH = 64
FOREIGN = (
    "Your home folder belongs to another account of the execution host than terminals "
    "run as. Its administrator has to give it to account {account}, or to choose "
    "another one in the setting terminal_user."
)
TOO_LARGE = (
    "Your home folder is to be given to the account that terminals run as, and has too "
    "many files for that. The execution host's administrator has to do it."
)


class Homes(Protocol):
    """The folders of homes on a host."""

    def owner(self, root: Path) -> Account | None:
        """Return who owns the folder of homes; None if it is root's or not there."""
        ...

    def prepare(self, home: Path, account: Account) -> None:
        """Make a user's home if it is missing, and see that it is the account's.

        Raises:
            HostUnreachable: The host can't be asked.
            LaunchFailed: The home can't be used.
        """
        ...


class LocalHomes:
    """Homes on this machine; implements `Homes`.

    The samples are not our business: the image's first shell copies them, with the
    user's own rights.

    Args:
        me: Who we are; only root gives folders away.
    """

    def __init__(self, me: Callable[[], int] = os.geteuid) -> None:
        self._me = me

    def owner(self, root: Path) -> Account | None:
        """Return who owns the folder of homes; None if it is root's or not there."""
        try:
            status = root.stat()
        except OSError:
            return None
        return account_of(status.st_uid, status.st_gid)

    def prepare(self, home: Path, account: Account) -> None:
        """Make a user's home if it is missing, and see that it is the account's."""
        prepare_home(home, None)
        try:
            folder = os.open(home, FOLDER_FLAGS)
        except OSError as error:
            raise LaunchFailed(
                "Your home folder can't be opened on the execution host.",
                error=str(error),
            ) from error
        try:
            if os.fstat(folder).st_uid != account.uid:
                self._give(folder, account)
        finally:
            os.close(folder)

    def _give(self, home: int, account: Account) -> None:
        if self._me() != 0:
            raise LaunchFailed(FOREIGN.format(account=account))
        try:
            # The folder itself comes last: if we are killed midway, the next launch
            # goes on.
            Gift(os.fstat(home).st_dev, account).give(home)
            os.chown(home, account.uid, account.gid)
        except OSError as error:
            raise LaunchFailed(
                "Your home folder can't be given to the account that terminals run as.",
                error=str(error),
            ) from error


class Gift:
    """Gives what is in one home to an account; stops where there is too much of it.

    Args:
        device: The file system that the home is on.
        account: Who is given it.
        most: How many files and folders there may be.
    """

    def __init__(self, device: int, account: Account, most: int = MOST_ENTRIES) -> None:
        self._device = device
        self._account = account
        self._left = most

    def give(self, folder: int, depth: int = MOST_DEPTH) -> None:
        """Give all that is in a folder, but not the folder itself.

        Raises:
            LaunchFailed: There is too much.
            OSError: Something can't be given.
        """
        for name, status in self._entries(folder):
            if status.st_dev != self._device:
                continue
            if stat.S_ISDIR(status.st_mode):
                if depth == 0:
                    raise LaunchFailed(TOO_LARGE)
                with opened_below(name, folder) as below:
                    if below is not None:
                        self.give(below, depth - 1)
            elif status.st_nlink > 1:
                # It has another name as well, perhaps one that is not in this home.
                continue
            if status.st_uid != self._account.uid:
                os.chown(
                    name,
                    self._account.uid,
                    self._account.gid,
                    dir_fd=folder,
                    follow_symlinks=False,
                )

    def _entries(self, folder: int) -> Iterator[tuple[str, os.stat_result]]:
        with os.scandir(folder) as entries:
            for entry in entries:
                self._left -= 1
                if self._left < 0:
                    raise LaunchFailed(TOO_LARGE)
                with contextlib.suppress(FileNotFoundError):
                    yield entry.name, entry.stat(follow_symlinks=False)


@contextlib.contextmanager
def opened_below(name: str, parent: int) -> Iterator[int | None]:
    """Open a folder inside another; None where it is none any more."""
    try:
        folder = os.open(name, FOLDER_FLAGS, dir_fd=parent)
    except (NotADirectoryError, FileNotFoundError):
        yield None
        return
    try:
        yield folder
    finally:
        os.close(folder)


def account_of(uid: int, gid: int) -> Account | None:
    """Return an account, None where any of it is root."""
    return Account(uid, gid) if uid and gid else None

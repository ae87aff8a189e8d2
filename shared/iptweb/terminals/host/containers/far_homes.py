"""Users' folders on an execution host, over SFTP.

The folder of homes is the administrator's, so that nobody can put a link into it.  A
user's home may be full of them: nothing is written there.
"""

from pathlib import Path

from iptweb.errors import HostUnreachable, LaunchFailed
from sshlink import SshError, SshFiles

from .homes import FOREIGN, account_of
from .order import Account
from .ssh import SshLink, translated

__all__ = ["FarHomes"]

ROOT = 0
MISSING = (
    "Your home folder can't be made on the execution host. Its administrator has to "
    "check the folder of homes there."
)
NO_FOLDER = (
    "Your home folder on the execution host is not a folder of its own. "
    "Its administrator has to put that right."
)


class FarHomes:
    """Homes on an execution host; implements `Homes`.

    Args:
        link: Signed in there.
    """

    def __init__(self, link: SshLink) -> None:
        self._link = link

    def owner(self, root: Path) -> Account | None:
        """Return who owns the folder of homes; None if it is root's or not there.

        Raises:
            HostUnreachable: The host can't be asked.
        """
        with self._link.files() as files, translated():
            try:
                status = files.stat(str(root))
            except FileNotFoundError:
                return None
            return account_of(status.uid or 0, status.gid or 0)

    def prepare(self, home: Path, account: Account) -> None:
        """Make a user's home if it is missing, and see that it is the account's.

        Raises:
            HostUnreachable: The host can't be asked.
            LaunchFailed: The home can't be used.
        """
        try:
            with self._link.files() as files:
                self._prepare(files, str(home), account)
        except (HostUnreachable, LaunchFailed):
            raise
        except (OSError, SshError) as error:
            raise LaunchFailed(MISSING, error=str(error)) from error

    def _prepare(self, files: SshFiles, home: str, account: Account) -> None:
        try:
            status = files.lstat(home)
        except FileNotFoundError:
            files.mkdir(home, 0o700)
            status = files.lstat(home)
        if not status.is_folder:
            raise LaunchFailed(NO_FOLDER)
        if status.uid == account.uid:
            return
        if status.uid != ROOT:
            raise LaunchFailed(FOREIGN.format(account=account))
        # Root's: made by us just now, or by a launcher that was killed before it came
        # to this.
        try:
            files.chown(home, account.uid, account.gid)
        except PermissionError as error:
            raise LaunchFailed(FOREIGN.format(account=account)) from error

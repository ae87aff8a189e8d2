"""What can go wrong between us and a machine.

SshError
├── SshSilent      it does not answer, not in time, or not in SSH
├── SshRefused     it does not let us in, or opens no channel
├── SshKeyChanged  it shows another key than the one it is known by
└── BadKey         the text of a key is none

Files have errors of the operating system: `FileNotFoundError`, `PermissionError`, and
`talk.SshFileError` for what SFTP has no word for.
"""

import contextlib
from collections.abc import Iterator
from typing import Final

import paramiko
from paramiko.pkey import UnknownKeyType

__all__ = [
    "FOREIGN",
    "BadKey",
    "SshError",
    "SshKeyChanged",
    "SshRefused",
    "SshSilent",
    "hang_up",
    "translate",
    "translated",
]

# Words of paramiko for a sign-in that nobody answered; it has no class for them.
_UNANSWERED: Final = ("timeout", "saw EOF")


class SshError(Exception):
    """Something about a connection; the text is for logs, without any secret."""


class SshSilent(SshError):
    """The machine does not answer, or the line broke.

    Attributes:
        begun: whether what was asked for may have been done all the same.
    """

    def __init__(self, text: str, *, begun: bool = False) -> None:
        super().__init__(text)
        self.begun = begun


class SshRefused(SshError):
    """The machine does not let us in, or opens no channel."""


class SshKeyChanged(SshError):
    """The machine is not the one that we know."""


class BadKey(SshError):
    """The text of a key is none; the text is never quoted."""


FOREIGN: Final = (
    *(paramiko.SSHException, paramiko.SFTPError, UnknownKeyType),
    *(OSError, EOFError),
)
_REFUSALS: Final = (paramiko.AuthenticationException, paramiko.ChannelException)


@contextlib.contextmanager
def translated(*, begun: bool = False) -> Iterator[None]:
    """Turn what paramiko and its socket raise into our own errors.

    Args:
        begun: whether what was asked for may have been done all the same.

    Raises:
        SshError: What went wrong.
    """
    try:
        yield
    except FOREIGN as error:
        raise translate(error, begun=begun) from error


def hang_up(channel: paramiko.Channel) -> None:
    """Close a channel, whose connection may have broken meanwhile."""
    with contextlib.suppress(*FOREIGN):
        channel.close()


def translate(error: Exception, *, begun: bool = False) -> SshError:
    """Return what an exception of paramiko, or of its socket, means."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, paramiko.BadHostKeyException):
        return SshKeyChanged(text)
    if isinstance(error, _REFUSALS) and not any(word in text for word in _UNANSWERED):
        return SshRefused(text)
    return SshSilent(text, begun=begun)

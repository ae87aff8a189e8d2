"""Signed in to an execution host: `sshlink`, in the words of terminals.

The host must show the one key of its setting, and takes the one key of our secret.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

import sshlink
from iptweb.errors import ConfigError, HostKeyMismatch, HostUnreachable
from iptweb.secret import Secret

__all__ = ["SshAddress", "SshLink", "read_key", "translate", "translated"]

FILES_SECONDS: Final = 15.0
_SILENT: Final = "The execution host does not answer. Try again in a few minutes."
_REFUSED: Final = (
    "The execution host does not let the terminal function in. "
    "Its administrator has to check the key."
)
_OTHER_HOST: Final = (
    "The execution host does not show the key it is known by, so nothing is started "
    "there. Its administrator has to check the setting terminal_hosts."
)


@dataclass(frozen=True)
class SshAddress(sshlink.SshAddress):
    """Who signs in where; settings write it as a URL."""

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `ssh://user@host:port`.

        Raises:
            ConfigError: It is something else.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or sshlink.SSH_PORT
        except ValueError:
            parts, port = urlsplit(""), 0
        if parts.scheme != "ssh" or not parts.username or not parts.hostname:
            raise ConfigError(
                "An execution host's engine must be ssh://user@host:port."
            )
        return cls(parts.username, parts.hostname, port)


class SshLink:
    """One signed-in connection; close it."""

    def __init__(self, link: sshlink.SshLink) -> None:
        self._link = link

    @classmethod
    def connect(
        cls, address: SshAddress, *, host_key: str, key: sshlink.PrivateKey
    ) -> Self:
        """Sign in.

        Args:
            address: Who, and where.
            host_key: The one key that the host may show: `ssh-ed25519 AAAA…`.
            key: Ours.

        Raises:
            ConfigError: `host_key` is none.
            HostKeyMismatch: The host shows another one.
            HostUnreachable: It does not answer, or does not let us in.
        """
        read_host_key(host_key)
        with translated():
            return cls(sshlink.SshLink.connect(address, host_key=host_key, proof=key))

    def run(self, command: str) -> sshlink.Channel:
        """Run a command, and return what its input and output go through.

        Raises:
            HostUnreachable: The host does not answer, or runs nothing.
        """
        with translated():
            return self._link.run(command)

    @contextlib.contextmanager
    def files(self) -> Iterator[sshlink.SshFiles]:
        """Open the host's files; what they raise is the caller's to translate.

        Raises:
            HostUnreachable: The host does not answer, or shows no files.
        """
        with translated():
            files = self._link.files(FILES_SECONDS)
        with contextlib.closing(files):
            yield files

    def close(self) -> None:
        """Sign out."""
        self._link.close()


def read_key(secret: Secret) -> sshlink.PrivateKey:
    """Read our private key.

    Raises:
        ConfigError: It is none, or needs a password.
    """
    try:
        return sshlink.read_private_key(secret.reveal())
    except sshlink.BadKey as error:
        raise ConfigError(
            "The config <instance>-ssh-key must be a private key without a password."
        ) from error


def read_host_key(text: str) -> tuple[str, bytes]:
    """Return the kind and the bytes of a public key.

    Raises:
        ConfigError: It is none.
    """
    try:
        return sshlink.read_host_key(text)
    except sshlink.BadKey as error:
        raise ConfigError(
            "An execution host's host_key must be a public key: 'ssh-ed25519 A…'."
        ) from error


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn what goes wrong with a connection into our own errors.

    Raises:
        HostKeyMismatch: The host is not the one we know.
        HostUnreachable: It does not answer, or does not let us in.
    """
    try:
        yield
    except (sshlink.SshError, OSError) as error:
        raise translate(error) from error


def translate(error: sshlink.SshError | OSError) -> HostKeyMismatch | HostUnreachable:
    """Return what an error of a connection means."""
    text = str(error)
    if isinstance(error, sshlink.SshKeyChanged):
        return HostKeyMismatch(_OTHER_HOST, error=text)
    if isinstance(error, sshlink.SshRefused):
        return HostUnreachable(_REFUSED, error=text)
    return HostUnreachable(_SILENT, error=text)

"""Signed in to an execution host: the only module that knows paramiko.

The host must show the one key of its setting, and takes the one key of our secret.
Nothing of whoever runs this counts: no known_hosts, no agent, no ~/.ssh, no password.
"""

import base64
import binascii
import contextlib
import io
import logging
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

import paramiko
from paramiko.pkey import UnknownKeyType

from iptweb.errors import ConfigError, HostKeyMismatch, HostUnreachable
from iptweb.secret import Secret

__all__ = ["SshAddress", "SshLink", "read_key", "translate", "translated"]

CONNECT_SECONDS: Final = 4.0
SIGN_IN_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 60.0
FILES_SECONDS: Final = 15.0
SSH_PORT: Final = 22
# paramiko reports what goes wrong in its thread with a trace; we say it ourselves.
LOG: Final = "iptweb.terminals.paramiko"
_RSA: Final = "ssh-rsa"
_RSA_SIGNATURES: Final = ("rsa-sha2-512", "rsa-sha2-256")
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
class SshAddress:
    """Who signs in where.

    Attributes:
        user: The account on the execution host.
        host: Its address.
        port: Of its SSH server.
    """

    user: str
    host: str
    port: int = SSH_PORT

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `ssh://user@host:port`.

        Raises:
            ConfigError: It is something else.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or SSH_PORT
        except ValueError:
            parts, port = urlsplit(""), 0
        if parts.scheme != "ssh" or not parts.username or not parts.hostname:
            raise ConfigError(
                "An execution host's engine must be ssh://user@host:port."
            )
        return cls(parts.username, parts.hostname, port)


class SshLink:
    """One signed-in connection; close it."""

    def __init__(self, transport: paramiko.Transport) -> None:
        self._transport = transport

    @classmethod
    def connect(cls, address: SshAddress, *, host_key: str, key: paramiko.PKey) -> Self:
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
        kind, expected = read_host_key(host_key)
        with translated():
            peer = socket.create_connection(
                (address.host, address.port), CONNECT_SECONDS
            )
            try:
                transport = paramiko.Transport(peer)
            except BaseException:
                peer.close()
                raise
        try:
            transport.set_log_channel(LOG)
            logging.getLogger(LOG).setLevel(logging.CRITICAL)
            transport.banner_timeout = SIGN_IN_SECONDS
            transport.auth_timeout = SIGN_IN_SECONDS
            with translated():
                prefer(transport, kind)
                transport.start_client(timeout=SIGN_IN_SECONDS)
                check_host(transport.get_remote_server_key(), expected)
                transport.auth_publickey(address.user, key)
        except BaseException:
            transport.close()
            raise
        return cls(transport)

    def run(self, command: str) -> paramiko.Channel:
        """Run a command, and return what its input and output go through.

        Raises:
            HostUnreachable: The host does not answer, or runs nothing.
        """
        with translated():
            channel = self._transport.open_session(timeout=SIGN_IN_SECONDS)
            try:
                channel.settimeout(ANSWER_SECONDS)
                channel.exec_command(command)
            except BaseException:
                channel.close()
                raise
        return channel

    @contextlib.contextmanager
    def files(self) -> Iterator[paramiko.SFTPClient]:
        """Open the host's files; what they raise is the caller's to translate.

        Raises:
            HostUnreachable: The host does not answer, or shows no files.
        """
        with translated():
            files = paramiko.SFTPClient.from_transport(self._transport)
        if files is None:
            raise HostUnreachable(_SILENT)
        try:
            channel = files.get_channel()
            if channel is not None:
                channel.settimeout(FILES_SECONDS)
            yield files
        finally:
            files.close()

    def close(self) -> None:
        """Sign out."""
        self._transport.close()


def read_key(secret: Secret) -> paramiko.PKey:
    """Read our private key.

    Raises:
        ConfigError: It is none, or needs a password.
    """
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(secret.reveal()))
        except (paramiko.SSHException, ValueError, IndexError, binascii.Error):
            # Of another kind, most of the time; its text could hold the key.
            continue
    raise ConfigError(
        "The config <instance>-ssh-key must be a private key without a password."
    )


def read_host_key(text: str) -> tuple[str, bytes]:
    """Return the kind and the bytes of a public key.

    Raises:
        ConfigError: It is none.
    """
    kind, _, rest = text.strip().partition(" ")
    try:
        data = base64.b64decode(rest.split()[0], validate=True)
    except (IndexError, binascii.Error) as error:
        raise ConfigError(
            "An execution host's host_key must be a public key: 'ssh-ed25519 A…'."
        ) from error
    return kind, data


def check_host(shown: paramiko.PKey, expected: bytes) -> None:
    """Take the host for the one we know, or not.

    Raises:
        HostKeyMismatch: It is another one.
    """
    if shown.asbytes() != expected:
        raise HostKeyMismatch(_OTHER_HOST)


def prefer(transport: paramiko.Transport, kind: str) -> None:
    """Ask the host for its key of one kind, where it has several."""
    wanted = _RSA_SIGNATURES if kind == _RSA else (kind,)
    options = transport.get_security_options()
    known = options.key_types
    first = [one for one in wanted if one in known]
    options.key_types = (*first, *(one for one in known if one not in first))


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn what paramiko raises into our own errors.

    Raises:
        HostKeyMismatch: The host is not the one we know.
        HostUnreachable: It does not answer, or does not let us in.
    """
    try:
        yield
    except FOREIGN as error:
        raise translate(error) from error


def translate(error: Exception) -> HostKeyMismatch | HostUnreachable:
    """Return what an exception of paramiko, or of its socket, means."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, paramiko.BadHostKeyException):
        return HostKeyMismatch(_OTHER_HOST, error=text)
    if isinstance(error, REFUSALS):
        return HostUnreachable(_REFUSED, error=text)
    return HostUnreachable(_SILENT, error=text)


REFUSALS: Final = (paramiko.AuthenticationException, paramiko.ChannelException)
FOREIGN: Final = (
    *(paramiko.SSHException, paramiko.SFTPError, UnknownKeyType),
    *(OSError, EOFError),
)

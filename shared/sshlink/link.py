"""Signed in to a machine that shows the key it is known by."""

import logging
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import paramiko

from .commands import begin
from .errors import SshKeyChanged, SshRefused, SshSilent, hang_up, translated
from .files import SshFiles
from .keys import Password, PrivateKey, read_host_key
from .pipes import narrow

__all__ = ["SSH_PORT", "Channel", "Dial", "Patience", "SshAddress", "SshLink"]

ANSWER_SECONDS: Final = 60.0
SSH_PORT: Final = 22
KEEP_ALIVE_SECONDS: Final = 30
# paramiko reports what goes wrong in its thread with a trace; we say it ourselves.
LOG: Final = "sshlink.paramiko"
_RSA: Final = "ssh-rsa"
_RSA_SIGNATURES: Final = ("rsa-sha2-512", "rsa-sha2-256")
# One pass over the bytes in place of two, which is most of what a transfer costs us.
_FAST: Final = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com")

Channel = paramiko.Channel
Dial = Callable[[str, int, float], socket.socket]


@dataclass(frozen=True)
class SshAddress:
    """Who signs in where.

    Attributes:
        user: The account on the machine.
        host: Its address.
        port: Of its SSH server.
    """

    user: str
    host: str
    port: int = SSH_PORT


def dial(host: str, port: int, seconds: float) -> socket.socket:
    """Connect to a port of a host."""
    return socket.create_connection((host, port), seconds)


@dataclass(frozen=True)
class Patience:
    """How many seconds we wait for what a machine does at once, if it is well.

    Attributes:
        connect: To answer at its port.
        sign_in: To say who it is, to let us in, to open a channel: each.
        begin: To begin a command; a busy machine may need a moment.
        stuck: To take what we have sent; then the connection is broken.
    """

    connect: float = 4.0
    sign_in: float = 5.0
    begin: float = 15.0
    stuck: float = 60.0


PATIENCE: Final = Patience()


class SshLink:
    """One signed-in connection; close it."""

    def __init__(self, transport: paramiko.Transport, patience: Patience) -> None:
        self._transport = transport
        self._patience = patience
        self._opening = threading.Lock()

    @classmethod
    def connect(
        cls,
        address: SshAddress,
        *,
        host_key: str,
        proof: PrivateKey | Password,
        dial: Dial = dial,
        patience: Patience = PATIENCE,
    ) -> Self:
        """Sign in.

        Args:
            address: Who, and where.
            host_key: The one key that the machine may show: `ssh-ed25519 AAAA…`.
            proof: What it lets us in with.
            dial: Connects to a port; what it raises beside `OSError` is raised.
            patience: With the machine.

        Raises:
            BadKey: `host_key` is none.
            SshKeyChanged: The machine shows another one.
            SshRefused: It does not let us in.
            SshSilent: It does not answer.
        """
        kind, expected = read_host_key(host_key)
        with translated():
            peer = dial(address.host, address.port, patience.connect)
            give_up_after(peer, patience.stuck)
            try:
                transport = paramiko.Transport(peer)
            except BaseException:
                peer.close()
                raise
        try:
            transport.set_log_channel(LOG)
            logging.getLogger(LOG).setLevel(logging.CRITICAL)
            transport.banner_timeout = patience.sign_in
            transport.auth_timeout = patience.sign_in
            with translated():
                prefer(transport, kind)
                transport.start_client(timeout=patience.sign_in)
                check_host(transport.get_remote_server_key(), expected)
                _sign_in(transport, address.user, proof)
            transport.set_keepalive(KEEP_ALIVE_SECONDS)
        except BaseException:
            transport.close()
            raise
        return cls(transport, patience)

    def run(self, command: str) -> paramiko.Channel:
        """Run a command, and return what its input and output go through.

        Raises:
            SshRefused: The machine runs nothing.
            SshSilent: It does not answer.
        """
        return self._begin(lambda channel: channel.exec_command(command))

    def files(self, seconds: float) -> SshFiles:
        """Open the machine's files; close them.

        Args:
            seconds: That any answer may take.

        Raises:
            SshRefused: The machine shows no files.
            SshSilent: It does not answer.
        """
        channel = self._begin(lambda channel: channel.invoke_subsystem("sftp"))
        try:
            return SshFiles(channel, seconds)
        except BaseException:
            hang_up(channel)
            raise

    def _begin(self, order: Callable[[paramiko.Channel], None]) -> paramiko.Channel:
        """Open a channel, and have something begin in it."""
        # paramiko keeps one reason for all refusals: two at once would be mixed up.
        with self._opening:
            with translated():
                channel = self._transport.open_session(timeout=self._patience.sign_in)
            try:
                narrow(channel)
                channel.settimeout(ANSWER_SECONDS)
                begin(channel, lambda: order(channel), self._patience.begin)
            except BaseException:
                hang_up(channel)
                raise
        return channel

    def is_alive(self, seconds: float = 0.0) -> bool:
        """Tell whether the connection stands, as far as we know.

        Args:
            seconds: To wait for its end, where there are signs of one.
        """
        if seconds:
            self._transport.join(seconds)
        return self._transport.is_active()

    def close(self) -> None:
        """Sign out."""
        self._transport.close()


def give_up_after(peer: socket.socket, seconds: float) -> None:
    """Have the system break a connection whose other end takes nothing any more."""
    # What paramiko sends it sends without any limit of time.
    if hasattr(socket, "TCP_USER_TIMEOUT") and peer.family != socket.AF_UNIX:
        milliseconds = int(seconds * 1000)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)


def check_host(shown: paramiko.PKey, expected: bytes) -> None:
    """Take the machine for the one we know, or not.

    Raises:
        SshKeyChanged: It is another one.
    """
    if shown.asbytes() != expected:
        raise SshKeyChanged("the machine shows another key")


def prefer(transport: paramiko.Transport, kind: str) -> None:
    """Ask the machine for its key of one kind, where it has several."""
    options = transport.get_security_options()
    wanted = _RSA_SIGNATURES if kind == _RSA else (kind,)
    options.key_types = _first(wanted, options.key_types)
    options.ciphers = _first(_FAST, options.ciphers)


def _first(wanted: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    first = tuple(one for one in wanted if one in known)
    return (*first, *(one for one in known if one not in first))


def _sign_in(
    transport: paramiko.Transport, user: str, proof: PrivateKey | Password
) -> None:
    """Show who we are.

    Raises:
        SshRefused: The machine wants more than that.
        SshSilent: It broke off.
    """
    if isinstance(proof, Password):
        transport.auth_password(user, proof.text)
    else:
        transport.auth_publickey(user, proof)
    if not transport.is_active():
        raise SshSilent("the connection broke while signing in")
    if not transport.is_authenticated():
        raise SshRefused("the machine wants a further proof")

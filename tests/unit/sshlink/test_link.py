"""Signing in: to real servers, and to some that behave badly."""

import base64
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import paramiko
import pytest
from paramiko.common import (
    AUTH_FAILED,
    AUTH_PARTIALLY_SUCCESSFUL,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_RESOURCE_SHORTAGE,
    OPEN_SUCCEEDED,
    cMSG_CHANNEL_DATA,
)

from sshlink import (
    BadKey,
    Password,
    Patience,
    SshAddress,
    SshKeyChanged,
    SshLink,
    SshRefused,
    SshSilent,
    execute,
    read_private_key,
)
from sshlink.pipes import MOST_WAITING, narrow
from sshlink.testing import SshServer, free_port

QUICK = Patience(connect=0.3, sign_in=0.3, begin=0.3, stuck=1.0)
MIB = 1 << 20


class Guest(paramiko.ServerInterface):
    """A server that lets in who knows the password, and one more proof if it is told.

    Attributes:
        password: that it takes.
        answer: of the sign-in, where the password is right.
        opens: whether it opens channels, and lets commands begin.
    """

    def __init__(
        self,
        answer: int = AUTH_SUCCESSFUL,
        *,
        opens: Callable[[], int] = lambda: OPEN_SUCCEEDED,
        begins: Callable[[], bool] = lambda: True,
    ) -> None:
        self.answer = answer
        self._opens = opens
        self._begins = begins

    def check_auth_password(self, username: str, password: str) -> int:
        """Take one password."""
        right = (username, password) == ("ipt", "right")
        return self.answer if right else AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        """Take passwords only."""
        del username
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        """Open a channel, or not."""
        del kind, chanid
        return self._opens()

    def check_channel_exec_request(
        self, channel: paramiko.Channel, command: bytes
    ) -> bool:
        """Run everything alike."""
        if not self._begins():
            return False

        def run() -> None:
            # Who asked may be gone.
            with suppress(OSError, EOFError):
                channel.sendall(command)
                channel.send_exit_status(3)
                channel.close()

        threading.Timer(0.05, run).start()
        return True


@contextmanager
def serve(guest: Guest) -> Iterator[tuple[SshAddress, str]]:
    """Serve one connection; yield where, and the host's key."""
    key = paramiko.ECDSAKey.generate()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transports: list[paramiko.Transport] = []

        def accept() -> None:
            peer, _ = listener.accept()
            transport = paramiko.Transport(peer)
            transports.append(transport)
            transport.add_server_key(key)
            transport.start_server(event=threading.Event(), server=guest)

        thread = threading.Thread(target=accept)
        thread.start()
        address = SshAddress("ipt", "127.0.0.1", listener.getsockname()[1])
        try:
            yield address, f"{key.get_name()} {key.get_base64()}"
        finally:
            thread.join()
            for transport in transports:
                transport.close()


def connect(server: SshServer, **changes: Any) -> SshLink:
    """Sign in, or not."""
    values: dict[str, Any] = {
        "host_key": server.host_key,
        "proof": read_private_key(server.key),
    }
    return SshLink.connect(server.address, **(values | changes))


@pytest.mark.needs("sshd")
def test_signed_in(link: SshLink) -> None:
    """Commands run, and after signing out none does."""
    with closing(link.run("echo hi; exit 4")) as channel:
        done = execute(channel, seconds=10, most=MIB)
    assert (done.code, done.out) == (4, b"hi\n")
    assert link.is_alive()

    link.close()

    assert not link.is_alive()
    with pytest.raises(SshSilent):
        link.run("true")


@pytest.mark.needs("sshd")
def test_another_host_key(ssh_server: SshServer) -> None:
    """A machine with another key learns nothing of who asks."""
    kind, text = ssh_server.host_key.split()[:2]
    other = bytearray(base64.b64decode(text))
    other[-1] ^= 1
    wrong = f"{kind} {base64.b64encode(other).decode()}"

    with pytest.raises(SshKeyChanged):
        connect(ssh_server, host_key=wrong)
    rsa = base64.b64encode(b"\0\0\0\7ssh-rsa").decode()
    with pytest.raises(SshKeyChanged):
        connect(ssh_server, host_key=f"ssh-rsa {rsa}")
    with pytest.raises(BadKey):
        connect(ssh_server, host_key="none")


@pytest.mark.needs("sshd")
def test_not_let_in(ssh_server: SshServer) -> None:
    """Another key, another account or a password is refused."""
    with pytest.raises(SshRefused):
        connect(ssh_server, proof=read_private_key(ssh_server.other_key))
    with pytest.raises(SshRefused):
        connect(ssh_server, proof=Password("x"))


def test_password() -> None:
    """The right one signs in, and a channel brings what is said."""
    with (
        serve(Guest()) as (address, host_key),
        closing(
            SshLink.connect(address, host_key=host_key, proof=Password("right"))
        ) as link,
        closing(link.run("said")) as channel,
    ):
        done = execute(channel, seconds=5, most=MIB)
        assert (done.code, done.out) == (3, b"said")


@pytest.mark.parametrize(
    ("password", "answer"),
    [
        ("wrong", AUTH_SUCCESSFUL),
        ("right", AUTH_PARTIALLY_SUCCESSFUL),
    ],
)
def test_password_that_does_not_do(password: str, answer: int) -> None:
    """A wrong one is refused, and so is one that is not enough."""
    with (
        serve(Guest(answer)) as (address, host_key),
        pytest.raises(SshRefused),
    ):
        SshLink.connect(address, host_key=host_key, proof=Password(password))


@pytest.mark.parametrize(
    "guest",
    [
        Guest(opens=lambda: OPEN_FAILED_RESOURCE_SHORTAGE),
        Guest(begins=lambda: False),
    ],
)
def test_server_that_opens_nothing(guest: Guest) -> None:
    """A refused channel or command is a refusal, and the connection stands."""
    with (
        serve(guest) as (address, host_key),
        closing(
            SshLink.connect(address, host_key=host_key, proof=Password("right"))
        ) as link,
    ):
        with pytest.raises(SshRefused):
            link.run("true")
        with pytest.raises(SshRefused):
            link.files(1.0)
        assert link.is_alive()


def test_server_that_hangs() -> None:
    """Neither a channel nor a command is waited for without end."""
    slow = threading.Event()
    for guest, begun in (
        (Guest(opens=lambda: int(slow.wait(5)) * 0), False),
        (Guest(begins=lambda: slow.wait(5)), True),
    ):
        with serve(guest) as (address, host_key):
            link = SshLink.connect(
                address, host_key=host_key, proof=Password("right"), patience=QUICK
            )
            started = time.monotonic()
            with closing(link), pytest.raises(SshSilent) as caught:
                link.run("true")
            assert time.monotonic() - started < 3
            assert caught.value.begun is begun
            slow.set()
        slow.clear()


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", None])
def test_port_where_somebody_else_is(ssh_server: SshServer, said: bytes | None) -> None:
    """Nonsense, silence and a closed door are no answer, and cost little time."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            peer, _ = listener.accept()
            with peer:
                if said is None:
                    peer.settimeout(5)
                    with suppress(OSError):
                        while peer.recv(100):
                            pass
                else:
                    peer.sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        started = time.monotonic()
        address = SshAddress("x", "127.0.0.1", listener.getsockname()[1])
        with pytest.raises(SshSilent):
            SshLink.connect(
                address,
                host_key=ssh_server.host_key,
                proof=Password("x"),
                patience=QUICK,
            )
        assert time.monotonic() - started < 3
        thread.join()


def test_port_where_nobody_is(ssh_server: SshServer) -> None:
    """It is said at once."""
    address = SshAddress("x", "127.0.0.1", free_port())
    with pytest.raises(SshSilent):
        SshLink.connect(address, host_key=ssh_server.host_key, proof=Password("x"))


def test_way_of_somebody_else(ssh_server: SshServer) -> None:
    """Who dials decides, and what it forbids is raised as it is."""

    class Forbidden(Exception):
        """By somebody's rules."""

    def refuse(host: str, port: int, seconds: float) -> socket.socket:
        raise Forbidden(f"{host}:{port} in {seconds}")

    with pytest.raises(Forbidden, match=r"127\.0\.0\.1"):
        connect(ssh_server, dial=refuse)

    def dial(host: str, port: int, seconds: float) -> socket.socket:
        return socket.create_connection((host, port), seconds)

    connect(ssh_server, dial=dial).close()


class Flood(Guest):
    """A server that sends and sends, whatever the window is."""

    def check_channel_exec_request(
        self, channel: paramiko.Channel, command: bytes
    ) -> bool:
        """Run everything alike."""
        del command

        def run() -> None:
            transport: Any = channel.get_transport()
            message = paramiko.Message()
            message.add_byte(cMSG_CHANNEL_DATA)
            message.add_int(channel.remote_chanid)
            message.add_string(b"x" * (MIB // 32))
            # Who asked leaves in the middle of it.
            with suppress(OSError, EOFError):
                for _ in range(4 * MOST_WAITING // MIB * 32):
                    transport._send_user_message(message)

        threading.Timer(0.05, run).start()
        return True


def test_flood() -> None:
    """A machine that sends more than it may is left, before it fills our memory."""
    with (
        serve(Flood()) as (address, host_key),
        closing(
            SshLink.connect(address, host_key=host_key, proof=Password("right"))
        ) as link,
        closing(link.run("flood")) as channel,
    ):
        assert not link.is_alive(10.0)
        assert len(channel.in_buffer) <= MOST_WAITING


def test_channel_that_ended_before_it_was_used() -> None:
    """Nobody waits for what comes out of a channel that is closed."""
    channel = paramiko.Channel(1)
    channel.closed = True

    narrow(channel)

    assert channel.in_buffer.read(10) == b""
    assert channel.in_stderr_buffer.read(10) == b""

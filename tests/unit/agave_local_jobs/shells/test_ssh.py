"""A machine over SSH on its bad days."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.shells.door import Account
from agave_local.services.jobs.shells.errors import (
    HostError,
    HostKeyChanged,
    HostRefused,
    HostSilent,
)
from agave_local.services.jobs.shells.ssh import SshShell
from sshlink import Password, Patience, read_private_key
from sshlink.testing import SshServer, descendants, free_port, run_ssh_server

pytestmark = pytest.mark.needs("sshd")

QUICK = Patience(connect=0.3, sign_in=0.5, begin=0.5, stuck=2.0)
PLENTY = 1 << 30


@pytest.fixture(name="sign_in")
def _sign_in() -> Iterator[Callable[..., SshShell]]:
    """Make shells of a server; they are closed at the end."""
    with ExitStack() as opened:

        def sign_in(server: SshServer, **options: Any) -> SshShell:
            account = Account(
                server.address, server.host_key, read_private_key(server.key)
            )
            shell = SshShell(account, **options)
            opened.enter_context(closing(shell))
            return shell

        yield sign_in


@pytest.fixture(name="shell")
def _shell(own_ssh_server: SshServer, sign_in: Callable[..., SshShell]) -> SshShell:
    """Sign in to a server that the test may break."""
    return sign_in(own_ssh_server)


def test_one_connection_for_everything(
    shell: SshShell, own_ssh_server: SshServer, far: Path, near: Path
) -> None:
    """Commands and files of many threads go through one sign-in."""
    (far / "file").write_text("x")

    def work() -> None:
        for _ in range(3):
            shell.run("true")
            shell.entries(str(far))
            shell.read(str(far / "file"))

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shell.fetch(str(far), near, PLENTY)

    log = own_ssh_server.log()
    assert log.count("Accepted publickey") == 1
    assert log.count("subsystem request for sftp") <= 6


def test_machine_that_was_started_anew(
    shell: SshShell, own_ssh_server: SshServer, far: Path
) -> None:
    """A connection that broke while nobody used it is nobody's trouble."""
    assert shell.run("echo one").out == b"one\n"
    shell.entries(str(far))
    own_ssh_server.stop()
    own_ssh_server.start()

    assert shell.run("echo two").out == b"two\n"
    own_ssh_server.stop()
    own_ssh_server.start()

    assert shell.entries(str(far)) == []


def test_machine_that_is_away(
    shell: SshShell, own_ssh_server: SshServer, far: Path
) -> None:
    """It is said at once, may pass, and does."""
    own_ssh_server.stop()
    started = time.monotonic()
    for ask in (lambda: shell.run("true"), lambda: shell.entries(str(far))):
        with pytest.raises(HostSilent) as caught:
            ask()
        assert caught.value.may_pass

    assert time.monotonic() - started < 2
    own_ssh_server.start()
    assert shell.run("echo back").out == b"back\n"


def test_connection_breaks_during_a_command(
    shell: SshShell, own_ssh_server: SshServer, far: Path
) -> None:
    """Nobody knows whether it was done, so it is not done again."""
    begun = far / "begun"
    thread = threading.Timer(0, _when(begun.exists, own_ssh_server.stop))
    thread.start()
    with pytest.raises(HostSilent):
        shell.run(f"echo begun >> {begun}; sleep 30")
    thread.join()
    own_ssh_server.start()

    shell.run("true")
    assert begun.read_text() == "begun\n"


def test_connection_breaks_during_a_transfer(
    shell: SshShell, own_ssh_server: SshServer, far: Path, near: Path
) -> None:
    """Files are sent again over a new connection, where there is one."""
    data = os.urandom(30_000_000)
    (near / "large").write_bytes(data)
    shell.run("true")

    def restart() -> None:
        own_ssh_server.stop()
        own_ssh_server.start()

    thread = threading.Timer(0, _when((far / "large").exists, restart))
    thread.start()
    try:
        shell.send(near, str(far))
    except HostSilent:
        # The new server was not there yet; trying again mends it.
        thread.join()
        shell.send(near, str(far))
    thread.join()

    assert (far / "large").read_bytes() == data


def test_machine_that_hangs(
    own_ssh_server: SshServer, sign_in: Callable[..., SshShell], far: Path
) -> None:
    """Whatever is asked of it ends in its time, and goes on when the machine does."""
    shell = sign_in(own_ssh_server, patience=QUICK, file_seconds=0.5)
    shell.run("true")
    shell.entries(str(far))
    own_ssh_server.freeze()
    started = time.monotonic()
    for ask in (
        lambda: shell.entries(str(far)),
        lambda: shell.run("true", seconds=0.3),
        lambda: shell.run("true", seconds=0.3),
    ):
        with pytest.raises(HostSilent):
            ask()

    assert time.monotonic() - started < 6
    own_ssh_server.thaw()
    assert shell.run("echo well").out == b"well\n"


def test_machine_that_hangs_between(
    own_ssh_server: SshServer, sign_in: Callable[..., SshShell]
) -> None:
    """A command that runs while the machine begins to hang ends as well."""
    shell = sign_in(own_ssh_server, patience=QUICK)
    shell.run("true")
    thread = threading.Timer(0.1, own_ssh_server.freeze)
    thread.start()
    with pytest.raises(HostSilent):
        shell.run("sleep 30", seconds=0.6)
    thread.join()
    own_ssh_server.thaw()

    assert shell.run("echo well").out == b"well\n"


def test_those_who_wait_are_told_together(
    own_ssh_server: SshServer, sign_in: Callable[..., SshShell]
) -> None:
    """Many who ask a machine that hangs wait for one try, not for one each."""
    shell = sign_in(own_ssh_server, patience=QUICK)
    own_ssh_server.freeze()
    said: list[str] = []

    def ask() -> None:
        with pytest.raises(HostSilent) as caught:
            shell.run("true")
        said.append(caught.value.message)

    threads = [threading.Thread(target=ask) for _ in range(10)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(said) == 10
    assert time.monotonic() - started < 3


def test_another_host_key_is_refused(
    shell: SshShell, own_ssh_server: SshServer, far: Path
) -> None:
    """A machine with another key gets no job, and nobody has to ask it again."""
    shell.run("true")
    own_ssh_server.stop()
    own_ssh_server.change_host_key()
    own_ssh_server.start()

    for ask in (lambda: shell.run("true"), lambda: shell.entries(str(far))):
        with pytest.raises(HostKeyChanged, match="hostKey") as caught:
            ask()
        assert not caught.value.may_pass
    assert "Accepted publickey" not in own_ssh_server.log().rpartition("listening")[2]


@pytest.mark.parametrize("proof", ["key", "password"])
def test_account_that_is_not_let_in(ssh_server: SshServer, proof: str) -> None:
    """A wrong key or a password that nobody takes is refused, in words."""
    secret = (
        read_private_key(ssh_server.other_key) if proof == "key" else Password("wrong")
    )
    account = Account(ssh_server.address, ssh_server.host_key, secret)
    with (
        closing(SshShell(account)) as shell,
        pytest.raises(HostRefused, match="credential") as caught,
    ):
        shell.run("true")
    assert not caught.value.may_pass
    assert "wrong" not in repr(account)


def test_nothing_of_the_one_who_runs_it_counts(
    ssh_server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys in ~/.ssh and known_hosts open nothing."""
    folder = tmp_path / ".ssh"
    folder.mkdir()
    (folder / "id_ed25519").write_text(ssh_server.key)
    (folder / "known_hosts").write_text(f"* {ssh_server.host_key}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    other = read_private_key(ssh_server.other_key)
    account = Account(ssh_server.address, ssh_server.host_key, other)
    with closing(SshShell(account)) as shell, pytest.raises(HostRefused):
        shell.run("true")


def test_server_that_opens_few_channels(
    tmp_path: Path, sign_in: Callable[..., SshShell], far: Path, near: Path
) -> None:
    """Where the server allows two sessions, everything goes through two."""
    folder = tmp_path / "few"
    folder.mkdir()
    (near / "file").write_text("x")
    with run_ssh_server(folder, more="MaxSessions 2") as server:
        shell = sign_in(server)
        done: list[bytes] = []

        def work(number: int) -> None:
            shell.send(near, str(far / str(number)))
            done.append(shell.run("sleep 0.02; echo x").out)
            assert shell.read(str(far / str(number) / "file")) == b"x"

        threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert done == [b"x\n"] * 8
        shell.close()


def test_account_that_may_run_nothing(
    tmp_path: Path, sign_in: Callable[..., SshShell], far: Path
) -> None:
    """An account whose shell runs something else is no use, and is said so."""
    folder = tmp_path / "forced"
    folder.mkdir()
    with run_ssh_server(folder, more="ForceCommand echo no; false") as server:
        shell = sign_in(server)
        with pytest.raises(HostRefused, match="runs no commands"):
            shell.run("true")
        with pytest.raises(HostError):
            shell.entries(str(far))
        shell.close()


def test_account_whose_shell_talks(own_ssh_server: SshServer, shell: SshShell) -> None:
    """What the account's own files print is no part of an answer."""
    (own_ssh_server.folder / ".bashrc").write_text("echo welcome; echo hey >&2\n")

    done = shell.run("echo answer; echo trouble >&2")

    assert (done.out, done.err) == (b"answer\n", b"trouble\n")


def test_port_where_nobody_speaks_ssh(own_ssh_server: SshServer) -> None:
    """A port that nobody listens at is silence."""
    address = type(own_ssh_server.address)("somebody", "127.0.0.1", free_port())
    key = read_private_key(own_ssh_server.key)
    account = Account(address, own_ssh_server.host_key, key)
    with closing(SshShell(account)) as shell, pytest.raises(HostSilent):
        shell.run("true")


def test_host_key_that_is_none(own_ssh_server: SshServer) -> None:
    """Without a key to compare with nothing is connected to."""
    key = read_private_key(own_ssh_server.key)
    account = Account(own_ssh_server.address, "none", key)
    with closing(SshShell(account)) as shell, pytest.raises(HostRefused):
        shell.run("true")


def test_all_channels_in_use(shell: SshShell, own_ssh_server: SshServer) -> None:
    """Who gets no channel in time is told so, and the connection stays."""
    held = [threading.Thread(target=shell.run, args=("sleep 2",)) for _ in range(8)]
    shell.run("true")
    for thread in held:
        thread.start()
    while len(descendants(own_ssh_server.pid)) < 20:
        time.sleep(0.02)
    with pytest.raises(HostSilent, match="busy"):
        shell.run("true", seconds=0.1)
    for thread in held:
        thread.join()

    assert own_ssh_server.log().count("Accepted publickey") == 1


def _when(seen: Callable[[], bool], act: Callable[[], None]) -> Callable[[], None]:
    def wait() -> None:
        deadline = time.monotonic() + 10
        while not seen() and time.monotonic() < deadline:
            time.sleep(0.005)
        act()

    return wait

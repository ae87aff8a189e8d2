"""How the channels of one connection are shared."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from sshlink import Sessions, SshBusy, SshFiles, SshLink, SshRefused, SshSilent, execute
from sshlink import sessions as module


class FakeLink:
    """A connection that allows a number of channels.

    Attributes:
        most: channels that it allows.
        open: channels now.
        opened: channels ever.
        broken: whether it does not answer.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.open = 0
        self.opened = 0
        self.broken = False

    def run(self, command: str) -> Any:
        """Open a channel for a command."""
        del command
        return self._channel()

    def files(self, seconds: float) -> Any:
        """Open a channel for files."""
        del seconds
        return self._channel()

    def _channel(self) -> "FakeChannel":
        if self.broken:
            raise SshSilent("broken")
        if self.open >= self.most:
            raise SshRefused("no more sessions")
        self.open += 1
        self.opened += 1
        return FakeChannel(self)


class FakeChannel:
    """One channel of it.

    Attributes:
        is_usable: until it is closed.
        deadline: as somebody has set it.
    """

    def __init__(self, link: FakeLink) -> None:
        self._link = link
        self.is_usable = True
        self.deadline: float | None = None

    def close(self) -> None:
        """Close it, once."""
        self._link.open -= self.is_usable
        self.is_usable = False


def make(allowed: int, **options: int) -> tuple[Sessions, FakeLink]:
    """Make sessions on a connection that allows some channels."""
    link: Any = FakeLink(allowed)
    return Sessions(link, **options), link


def complain(deadline: float | None) -> float:
    """Find what a channel was given back with, and break it."""
    assert deadline is None
    raise SshSilent("nonsense")


def test_files_are_kept() -> None:
    """A channel for files is used again, and one that broke is not."""
    sessions, link = make(10)
    for _ in range(3):
        with sessions.files(1) as files:
            files.deadline = 5.0
    assert (link.opened, link.open) == (1, 1)

    with pytest.raises(SshSilent), sessions.files(1) as files:
        files.deadline = complain(files.deadline)
    with sessions.files(1):
        assert (link.opened, link.open) == (2, 1)


def test_channel_that_died_while_idle() -> None:
    """It is found out, and another one is opened in its place."""
    sessions, link = make(10)
    with sessions.files(1) as files:
        pass
    files.close()

    with sessions.files(1) as another:
        assert another.is_usable
    assert link.opened == 2


def test_some_are_left_for_commands() -> None:
    """Transfers take all but two channels, however many there are."""
    sessions, _ = make(10, most=4)
    with ExitStack() as held:
        held.enter_context(sessions.files(1))
        held.enter_context(sessions.files(1))
        with pytest.raises(SshBusy), sessions.files(0.05):
            pass
        held.enter_context(sessions.command("x", 1))
        held.enter_context(sessions.command("x", 1))
        with pytest.raises(SshBusy), sessions.command("x", 0.05):
            pass
    with sessions.files(1):
        pass


def test_idle_files_make_room() -> None:
    """What nobody uses is closed where a command needs its place."""
    sessions, link = make(10, most=1)
    with sessions.files(1):
        pass
    with sessions.command("x", 1):
        assert link.open == 1
    assert link.open == 0


def test_server_that_allows_fewer() -> None:
    """It is learned from a refusal, and forgotten after a while."""
    sessions, _ = make(1, most=4)
    with sessions.command("x", 1):
        waited = threading.Event()

        def wait() -> None:
            with sessions.command("y", 5):
                waited.set()

        thread = threading.Thread(target=wait)
        thread.start()
        assert not waited.wait(0.1)
    thread.join()
    assert waited.is_set()


def test_server_that_allows_none() -> None:
    """Where nothing of ours is in the way, a refusal is one, after a moment."""
    sessions, link = make(0)
    threading.Timer(0.15, lambda: setattr(link, "most", 1)).start()
    with sessions.command("x", 2):
        assert link.opened == 1

    sessions, link = make(0)
    started = time.monotonic()
    with pytest.raises(SshRefused), sessions.files(0.1):
        pass
    assert time.monotonic() - started < module.LINGER_SECONDS
    link.most = 1
    with sessions.files(0.1):
        pass


def test_broken_connection_holds_no_place() -> None:
    """What was not opened is not counted."""
    sessions, link = make(2, most=2)
    link.broken = True
    for _ in range(5):
        with pytest.raises(SshSilent), sessions.files(0.1):
            pass
        with pytest.raises(SshSilent), sessions.command("x", 0.1):
            pass
    link.broken = False
    with sessions.files(0.1), sessions.command("x", 0.1):
        assert link.open == 2


@pytest.fixture(name="sessions")
def _sessions(link: SshLink) -> Iterator[Sessions]:
    with closing(Sessions(link)) as sessions:
        yield sessions


@pytest.mark.needs("sshd")
def test_command_and_files_of_a_real_server(sessions: Sessions) -> None:
    """Both go through one connection, which can be asked whether it stands."""
    with sessions.command("cat; echo trouble >&2", 5) as channel:
        done = execute(channel, stdin=b"x" * 100_000, seconds=10, most=1 << 20)
    assert (len(done.out), done.err, done.code) == (100_000, b"trouble\n", 0)
    with sessions.files(5) as files:
        assert isinstance(files, SshFiles)
        assert files.stat("/").is_folder
    assert sessions.is_alive()
    assert sessions.is_alive(0.01)

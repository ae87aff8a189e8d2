"""The listening socket, from whoever starts a server."""

import os
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from webterm import door
from webterm.handover import (
    NoListener,
    receive_listener,
    send_listener,
    take_listener,
)


@pytest.fixture(name="listener")
def _listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> str:
    return str(tmp_path / "door.sock")


def give(path: str, act: Callable[[socket.socket], object]) -> threading.Thread:
    """Answer one connection in the background."""
    open_door = door.open_door(path)

    def serve() -> None:
        with open_door:
            connection, _ = open_door.accept()
            with connection:
                act(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def same(one: socket.socket, two: socket.socket) -> bool:
    """Return whether two descriptors are one socket."""
    return os.fstat(one.fileno()).st_ino == os.fstat(two.fileno()).st_ino


def test_listener_is_handed_over(listener: socket.socket, path: str) -> None:
    """What arrives is the very socket, and no child inherits it."""
    thread = give(path, lambda connection: send_listener(connection, listener))
    with receive_listener(path) as received:
        thread.join()

        assert same(received, listener)
        assert not received.get_inheritable()
        assert not received.getblocking()


def test_door_that_opens_late_is_waited_for(listener: socket.socket, path: str) -> None:
    """The server may be there before whoever hands the socket over."""
    threads: list[threading.Thread] = []

    def sleep(seconds: float) -> None:
        assert seconds < 0.1
        if not threads:
            threads.append(give(path, lambda peer: send_listener(peer, listener)))

    with receive_listener(path, sleep=sleep) as received:
        assert same(received, listener)
    threads[0].join()


def test_nobody_hands_it_over(path: str) -> None:
    """The patience of a server ends."""
    with pytest.raises(NoListener, match="nobody hands it over: No such file"):
        receive_listener(path, connect_seconds=0.05)


def test_end_without_a_socket_is_no_go(path: str) -> None:
    """Whoever has it died before it could write down what it had started."""
    thread = give(path, lambda _: None)
    with pytest.raises(NoListener, match="was not handed over"):
        receive_listener(path)
    thread.join()


def test_byte_without_a_socket_is_no_go(path: str) -> None:
    """A go without a descriptor is none."""
    thread = give(path, lambda connection: connection.send(b"g"))
    with pytest.raises(NoListener, match="was not handed over"):
        receive_listener(path)
    thread.join()


def test_silence_is_not_waited_for_long(path: str) -> None:
    """A connection on which nothing comes ends the server."""
    done = threading.Event()
    thread = give(path, lambda _: done.wait(10))
    with pytest.raises(NoListener, match="was not handed over"):
        receive_listener(path, receive_seconds=0.05)
    done.set()
    thread.join()


def test_further_descriptors_are_closed(listener: socket.socket, path: str) -> None:
    """Only the first one is taken; the rest do not stay open."""
    reading, writing = os.pipe()

    def act(connection: socket.socket) -> None:
        socket.send_fds(connection, [b"g"], [listener.fileno(), writing])
        os.close(writing)

    thread = give(path, act)
    with receive_listener(path) as received:
        thread.join()

        assert same(received, listener)
        # The end of the pipe shows once nobody has it open for writing.
        assert os.read(reading, 1) == b""
    os.close(reading)


def connected() -> socket.socket:
    """Return a socket that does not listen."""
    return socket.socket(socket.AF_INET)


def local() -> socket.socket:
    """Return a socket that listens, though not to a network."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind("")
    listening.listen()
    return listening


@pytest.mark.parametrize("make", [connected, local])
def test_other_sockets_are_refused(make: Callable[[], socket.socket]) -> None:
    """Only a listening stream socket of a network is served; others are closed."""
    descriptor = make().detach()
    with pytest.raises(NoListener, match="does not listen"):
        take_listener(descriptor)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_what_is_no_socket_is_refused() -> None:
    """A file is not served, and is closed."""
    reading, writing = os.pipe()
    os.close(writing)
    with pytest.raises(NoListener, match="not an open socket"):
        take_listener(reading)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(reading)


def test_door_hands_over_and_goes(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says its port, gives its listener to who comes first, and leaves nothing."""
    received: list[socket.socket] = []
    thread = threading.Thread(target=lambda: received.append(receive_listener(path)))
    thread.start()
    status = door.main(["--address", "127.0.0.1", "--socket", path])
    thread.join()

    port = received[0].getsockname()[1]
    received[0].close()
    assert status == 0
    assert capsys.readouterr().out == f"port {port}\n"
    assert not Path(path).exists()


def test_everybody_who_sees_the_door_may_connect(path: str) -> None:
    """The terminal's user is another one than the door's."""
    with door.open_door(path):
        mode = stat.S_IMODE(Path(path).stat().st_mode)

    assert mode == 0o666


def test_door_does_not_wait_for_ever(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nobody comes it ends, says so, and leaves nothing."""
    status = door.main(["--address", "127.0.0.1", "--socket", path], seconds=0.05)

    assert status == 1
    assert "Nobody took the socket" in capsys.readouterr().err
    assert not Path(path).exists()


def test_door_refuses_a_place_that_is_taken(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is there already is neither used nor removed."""
    Path(path).write_text("mine")
    status = door.main(["--address", "127.0.0.1", "--socket", path])

    assert status == 2
    assert "The door can't be opened: Address already in use" in capsys.readouterr().err
    assert Path(path).read_text() == "mine"


def test_door_refuses_an_address_that_is_not_ours(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An address of another machine is said to be none of this one."""
    status = door.main(["--address", "192.0.2.1", "--socket", path])

    assert status == 2
    assert "Cannot assign requested address" in capsys.readouterr().err
    assert not Path(path).exists()


def test_door_ends_when_it_is_told_to() -> None:
    """As process 1 of a container it has to handle the signal itself."""
    with pytest.raises(SystemExit) as ended:
        door.end(15, None)
    assert ended.value.code == 143

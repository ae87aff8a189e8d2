"""When terminals were used, as their own servers say."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from iptweb.terminals.host.base import Launched
from iptweb.terminals.idle import ask_idle, ask_idle_times

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Run something that answers one question; give its address and what it heard."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def serve() -> None:
            peer, _ = listener.accept()
            with peer:
                heard.append(peer.recv(1000))
                peer.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}/", heard
        thread.join(10)


def terminal(url: str, name: str = "ada-test-IPT") -> Launched:
    """Return a terminal that lives at an address."""
    return Launched(name, "launch-1", url, "fake")


def test_answer() -> None:
    """The launch is asked for, and its seconds are taken."""
    with answering(HEAD % 8 + b"idle 65\n") as (url, heard):
        assert ask_idle(terminal(url)) == 65

    assert heard[0].startswith(b"GET /idle/launch-1 HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense",
        HEAD % 9 + b"idle 6 5\n\n",
        HEAD % 8 + b"idle -5\n",
        HEAD % 15 + b"idle 1234567890\n",
        HEAD % 16 + b"ready launch-1\n\n",
        HEAD % 100_000 + b"idle 1\n" * 20_000,
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n",
    ],
)
def test_hostile_answer(answer: bytes) -> None:
    """Whatever else a terminal says, it is not known when it was used."""
    with answering(answer) as (url, _):
        assert ask_idle(terminal(url)) is None


def test_answer_that_drips() -> None:
    """Nobody is waited for without end, though a byte comes now and then."""
    dripping = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def serve() -> None:
            peer, _ = listener.accept()
            with peer, suppress(OSError):
                for _ in range(200):
                    peer.sendall(b"H")
                    if dripping.wait(0.05):
                        break

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        began = time.monotonic()
        url = f"ws://127.0.0.1:{listener.getsockname()[1]}/"
        assert ask_idle(terminal(url)) is None
        waited = time.monotonic() - began
        dripping.set()
        thread.join(10)

    assert waited < 200 * 0.05


@pytest.mark.parametrize("url", ["", "ws://", "ws://127.0.0.1:x/", "ws://127.0.0.1:1/"])
def test_nobody_there(url: str) -> None:
    """An address where nobody listens, or none at all, tells nothing."""
    assert ask_idle(terminal(url)) is None


def test_several() -> None:
    """All are asked; of two of one name the one that was used last counts."""
    with (
        answering(HEAD % 7 + b"idle 9\n") as (first, _),
        answering(HEAD % 7 + b"idle 5\n") as (second, _),
    ):
        times = ask_idle_times(
            [terminal(first), terminal(second), terminal("ws://127.0.0.1:1/", "bob")]
        )

    assert times == {"ada-test-IPT": 5}
    assert ask_idle_times([]) == {}

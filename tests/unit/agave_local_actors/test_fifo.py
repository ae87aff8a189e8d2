"""The pipe of a binary message."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agave_local.services.actors.runner.fifo import Fifo

Make = Callable[[bytes], Fifo]


@pytest.fixture(name="make")
def _make(tmp_path: Path) -> Iterator[Make]:
    made: list[Fifo] = []

    def make(content: bytes) -> Fifo:
        source = tmp_path / "message"
        source.write_bytes(content)
        made.append(Fifo(tmp_path / "pipe", source, open_to_all=True))
        return made[-1]

    yield make
    for fifo in made:
        fifo.close()
        assert not fifo.path.exists()


@pytest.mark.parametrize("size", [0, 5, 1 << 16, (1 << 16) + 1, 1 << 20, 3_000_001])
def test_whole_message(make: Make, size: int) -> None:
    """A reader gets every byte, and then the end, whatever the size."""
    content = os.urandom(size)

    assert make(content).path.read_bytes() == content


def test_there_before_it_is_read(make: Make) -> None:
    """A reader that never waits, as agavepy's, finds the message in the pipe."""
    fifo = make(b"x" * 200_000)

    reader = os.open(fifo.path, os.O_RDONLY | os.O_NONBLOCK)
    parts = []
    try:
        while part := os.read(reader, 65536):
            parts.append(part)
    except BlockingIOError:
        pass
    finally:
        os.close(reader)

    assert b"".join(parts) == b"x" * 200_000


def test_reader_that_goes_and_comes_back(make: Make) -> None:
    """Who leaves in the middle leaves the rest to the next."""
    fifo = make(b"x" * 2_000_000)
    with fifo.path.open("rb", buffering=0) as first:
        first.read(10)

    rest = len(fifo.path.read_bytes())

    assert rest == 2_000_000 - 10


def test_slow_reader(make: Make) -> None:
    """A message that only just fits is ended once somebody has read it."""
    fifo = make(b"x" * (1 << 20))
    with fifo.path.open("rb", buffering=0) as reader:
        time.sleep(0.15)
        parts = [reader.read(1 << 20)]
        while part := reader.read(1 << 20):
            parts.append(part)

    assert sum(map(len, parts)) == 1 << 20


def test_open_to_all(make: Make) -> None:
    """Any user of a container may read it."""
    assert make(b"").path.stat().st_mode & 0o777 == 0o666


def test_never_read(make: Make) -> None:
    """Closing does not wait for a reader, and leaves no thread."""
    fifo = make(b"x" * 5_000_000)

    fifo.close()

    names = [thread.name for thread in threading.enumerate()]
    assert "actors-fifo" not in names

"""What is measured of connections that stall, break and come back."""

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from bench.terminals.flow import INTERRUPT, wait_for_prompt
from bench.terminals.processes import MB, memory
from bench.terminals.sides import PROMPT, Way
from bench.terminals.viewers import Viewer, clear_input, read_until
from bench.terminals.wire import WireClosed

# `seq 1 1000000` makes 6,888,896 bytes, and the pty a carriage return a line.
LAST_NUMBER = 1_000_000
_CUT_AT = 4 * MB
_AWAY_S = 0.5
_SAMPLE_S = 0.5
_PATIENCE_S = 5.0
_END = b"\nend\r"
_LINE = re.compile(rb"^(?:.*\r)?(\d+)\r$", re.MULTILINE)


@dataclass(frozen=True)
class Stall:
    """What a client that stops reading costs.

    Attributes:
        own: Growth of the server's own memory at its highest, in MB.  Its share of
            its program's files changes with who else runs the same program.
        there: The same of all that it has in memory.
        kept: Whether the client could read on and found the same shell.
    """

    own: float
    there: float
    kept: bool


def measure_stall(viewer: Viewer, server: int, seconds: float) -> Stall:
    """Stop reading under `yes`, then read on.

    Args:
        viewer: At the prompt.
        server: The process that serves it.
        seconds: How long it does not read.
    """
    viewer.type(b"X=the-same\r")
    read_until(viewer, PROMPT)
    before = memory(server)
    own, there = before.own, before.there
    viewer.type(b"yes\r")
    for _ in range(20):
        viewer.read()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(_SAMPLE_S)
        now = memory(server)
        own, there = max(own, now.own), max(there, now.there)
    return Stall(
        own=(own - before.own) / MB,
        there=(there - before.there) / MB,
        kept=is_same_shell(viewer),
    )


def is_same_shell(viewer: Viewer) -> bool:
    """End the flood and ask the shell for what it was told before."""
    try:
        viewer.type(INTERRUPT)
        wait_for_prompt(viewer)
        clear_input(viewer)
        viewer.type(b'echo "<$X>"\r')
        read_until(viewer, b"<the-same>")
    except (TimeoutError, OSError, WireClosed):
        return False
    return True


@dataclass(frozen=True)
class Damage:
    """What a cut did to output.

    Attributes:
        lost: Bytes that never came.
        doubled: Bytes that came again.
    """

    lost: int
    doubled: int


def measure_cut(viewer: Viewer, again: Callable[[], Viewer]) -> Damage:
    """Break a connection in the middle of 8 MB of output, come back, count.

    Args:
        viewer: At the prompt.
        again: Opens the same terminal anew.
    """
    viewer.type(f"seq 1 {LAST_NUMBER}; echo e''nd\r".encode())
    said = [read_up_to(viewer, _CUT_AT)]
    viewer.close()
    time.sleep(_AWAY_S)
    back = again()
    try:
        said.append(read_to_end(back))
    finally:
        back.close()
    return compare(b"".join(said), LAST_NUMBER)


def read_up_to(viewer: Viewer, size: int) -> bytes:
    """Return so much output, and what came with it."""
    parts: list[bytes] = []
    while size > 0:
        parts.append(viewer.read())
        size -= len(parts[-1])
    return b"".join(parts)


def read_to_end(viewer: Viewer) -> bytes:
    """Return the output up to the last line, or to where no more comes."""
    said = bytearray()
    data = b""
    while _END not in said[-len(data) - len(_END) :]:
        try:
            data = viewer.read(_PATIENCE_S)
        except TimeoutError:
            break
        said += data
    return bytes(said)


def compare(said: bytes, last: int) -> Damage:
    """Count what is missing and what is there twice of the numbers up to a last one.

    Args:
        said: What came of `seq 1 LAST`, whatever came before and after it.
        last: The last number.
    """
    times = Counter(int(text) for text in _LINE.findall(said))
    lost = doubled = 0
    for value in range(1, last + 1):
        size = len(str(value)) + 2
        lost += size * (times[value] == 0)
        doubled += size * max(0, times[value] - 1)
    return Damage(lost, doubled)


def measure_attach(way: Way) -> float:
    """Return the milliseconds from opening a terminal again to its first byte."""
    began = time.perf_counter()
    viewer = way.open()
    viewer.read()
    taken = 1000 * (time.perf_counter() - began)
    viewer.close()
    return taken

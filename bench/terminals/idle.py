"""What terminals cost in which nothing happens."""

import contextlib
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench.terminals.processes import MB, memory, processor_seconds
from bench.terminals.sides import PROMPT, Side
from bench.terminals.viewers import (
    BareViewer,
    OurViewer,
    TerminadoViewer,
    Viewer,
    WrongResult,
    read_until,
)

# Shells and servers have done what they do at their start.
SETTLE_S = 3.0
_LEAST = """
import os, pty, select, sys
pid, master = pty.fork()
if not pid:
    os.execv("/bin/cat", ["cat"])
print("ready", flush=True)
while sys.stdin not in select.select([master, sys.stdin], [], [])[0]:
    os.read(master, 65536)
"""


@dataclass(frozen=True)
class Idle:
    """What a number of idle terminals cost.

    Attributes:
        server: Share of memory of the servers alone for each terminal, in MB.
        whole: The same of all processes there are for them.
        processor: Share of one core of all processes together, None where not watched.
    """

    server: float
    whole: float
    processor: float | None


def measure_idle(
    side: Side,
    number: int,
    seconds: float,
    processes: Callable[[], tuple[Sequence[int], Sequence[int]]],
) -> Idle:
    """Open terminals with one viewer each, and do nothing.

    Args:
        side: Whose terminals.
        number: How many.
        seconds: For so long; 0 to look at the memory alone.
        processes: Returns the servers, and the processes that are there for the
            terminals, the servers and their shells among them.
    """
    viewers: list[Viewer] = []
    try:
        for _ in range(number):
            viewers.append(side.new().open())
            read_until(viewers[-1], PROMPT)
        serve(viewers, SETTLE_S)
        servers, everybody = processes()
        before = sum_of_living(processor_seconds, everybody)
        serve(viewers, seconds)
        used = sum_of_living(processor_seconds, everybody) - before
        return Idle(
            server=sum(memory(pid).share for pid in servers) / number / MB,
            whole=sum_of_living(lambda pid: memory(pid).share, everybody) / number / MB,
            processor=used / seconds if seconds else None,
        )
    finally:
        for viewer in viewers:
            viewer.close()


def sum_of_living(measure: Callable[[int], float], pids: Sequence[int]) -> float:
    """Return the sum over processes, without those that have ended meanwhile."""
    total = 0.0
    for pid in pids:
        # A shell of an earlier measurement may be about to end.
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            total += measure(pid)
    return total


def serve(viewers: Sequence[Viewer], seconds: float) -> None:
    """Be there: answer the servers' pings.

    Raises:
        WrongResult: A terminal that should be idle said something.
    """
    by_descriptor = {descriptor(viewer): viewer for viewer in viewers}
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        for number in select.select(list(by_descriptor), [], [], left)[0]:
            viewer = by_descriptor[number]
            try:
                said = viewer.read(0.001)
            except TimeoutError:
                continue  # a ping, which was answered
            raise WrongResult(f"an idle terminal said {said[:100]!r}")


def descriptor(viewer: Viewer) -> int:
    """Return what becomes readable when a viewer has something to read."""
    match viewer:
        case BareViewer():
            return viewer.master
        case OurViewer() | TerminadoViewer():
            return viewer.wire.socket.fileno()
        case _:
            raise TypeError("what viewer is this?")


@contextmanager
def least_keeper() -> Iterator[int]:
    """Run the least that could keep a terminal: an interpreter that reads one pty."""
    command = [sys.executable, "-I", "-S", "-c", _LEAST]
    keeper = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert keeper.stdout is not None  # noqa: S101 - it is a pipe
    try:
        keeper.stdout.readline()
        yield keeper.pid
    finally:
        keeper.communicate()

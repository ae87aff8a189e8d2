"""What is measured on a terminal that is at its prompt: echo, rate, interrupt.

Each takes any viewer, so that the floor, ours and terminado are measured by the very
same lines.
"""

import itertools
import random
import string
import time
from pathlib import Path

from bench.terminals.sides import PROMPT
from bench.terminals.viewers import Viewer, WrongResult, clear_input, read_until
from bench.terminals.wire import PATIENCE_S

MIB = 1 << 20
INTERRUPT, KILL_LINE = b"\x03", b"\x15"
_FLOOD_BYTES = 1 << 14
BEGIN, END = b"<begin>", b"<end>"
_KEYS_A_LINE = 40
_LINE = b"The quick brown fox jumps over the lazy dog, and the parallel loop goes on.\n"
# A person's keys do not follow the clock of a program; nor does a polling server.
_PAUSES_S = (0.004, 0.016)


def measure_echo(viewer: Viewer, keys: int) -> list[float]:
    """Return how many milliseconds each key took to come back."""
    times = []
    letters = itertools.cycle(string.ascii_lowercase)
    dice = random.Random(keys)  # noqa: S311 - pauses, no secret
    for number in range(keys):
        if number % _KEYS_A_LINE == _KEYS_A_LINE - 1:
            viewer.type(KILL_LINE)
            clear_input(viewer, 0.05)
        key = next(letters).encode()
        time.sleep(dice.uniform(*_PAUSES_S))
        began = time.perf_counter()
        viewer.type(key)
        while key not in viewer.read():
            pass
        times.append(1000 * (time.perf_counter() - began))
    viewer.type(KILL_LINE)
    clear_input(viewer, 0.05)
    return times


def write_text(path: Path, size: int) -> int:
    """Write a file of text; return how many bytes a terminal makes of it."""
    lines = (size - len(BEGIN) - len(END)) // len(_LINE)
    path.write_bytes(BEGIN + lines * _LINE + END)
    return path.stat().st_size + lines


def measure_rate(viewer: Viewer, name: str, size: int) -> float:
    """Return the rate at which a file goes through a terminal, in MiB/s.

    Args:
        viewer: At the prompt, in the file's folder.
        name: Of the file.
        size: What a terminal makes of it.

    Raises:
        WrongResult: More or less than that came.
    """
    viewer.type(f"cat {name}\r".encode())
    head, tail, total, place = b"", b"", 0, -1
    began = time.perf_counter()
    while END not in tail:
        data = viewer.read()
        total += len(data)
        tail = tail[-len(END) :] + data[-1024:]
        if place < 0:
            head += data
            place = head.find(BEGIN)
    seconds = time.perf_counter() - began
    end = total - len(tail) + tail.index(END) + len(END)
    if end - place != size:
        raise WrongResult(f"{end - place} bytes came in place of {size}")
    if PROMPT not in tail:
        read_until(viewer, PROMPT)
    return size / MIB / seconds


def measure_interrupt(viewer: Viewer, flood_s: float = 0.15) -> float:
    """Return the milliseconds from Ctrl-C under `yes` to the new prompt."""
    viewer.type(b"yes\r")
    until = time.perf_counter() + flood_s
    # The shell itself would get the Ctrl-C, and drop it, if `yes` were not there yet.
    came = 0
    while came < _FLOOD_BYTES or time.perf_counter() < until:
        came += len(viewer.read())
    began = time.perf_counter()
    viewer.type(INTERRUPT)
    wait_for_prompt(viewer)
    return 1000 * (time.perf_counter() - began)


def wait_for_prompt(viewer: Viewer) -> None:
    """Read a flood to its end.

    Raises:
        TimeoutError: It does not end.
    """
    tail, deadline = b"", time.monotonic() + PATIENCE_S
    while PROMPT not in tail:
        data = viewer.read()
        tail = tail[-len(PROMPT) :] + data
        if time.monotonic() > deadline:
            raise TimeoutError("the flood does not end")

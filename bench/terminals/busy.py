"""Another terminal in which `yes` runs, and a client of its own that reads it all."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from bench.terminals.sides import PROMPT, Side, Way
from bench.terminals.viewers import read_until

WARM_UP_S = 0.5
_PATIENCE_S = 20.0


@contextmanager
def busy_neighbour(side: Side) -> Iterator[None]:
    """Keep one more terminal of a side busy; its client is a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    way = side.new()
    process = context.Process(target=read_flood, args=(way, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(_PATIENCE_S):
            raise TimeoutError("the busy terminal's client did not start")
        ours.recv()
        time.sleep(WARM_UP_S)
        yield
        if not process.is_alive():
            raise RuntimeError("the busy terminal's client ended before its time")
    finally:
        ours.close()
        process.join(_PATIENCE_S)
        process.kill()
        process.join()


def read_flood(way: Way, told: Connection) -> None:
    """Start `yes` and read until whoever started this process lets go."""
    viewer = way.open()
    read_until(viewer, PROMPT)
    viewer.type(b"yes\r")
    told.send(None)
    while not told.poll():
        viewer.read()
    viewer.close()

"""Which cores of the machine the tenant's own threads use.

Python runs one thread at a time. On several cores its threads hand the interpreter
from one core to the next at every read of the database, which costs as much as the
work itself; on one core the tenant answers half as many small requests again. What it
starts, actors and jobs, is to have all cores all the same.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_all: frozenset[int] = frozenset()


def keep_to_one() -> None:
    """Have the threads that are started from now on share one core.

    Does nothing where the system knows no such thing.
    """
    global _all  # noqa: PLW0603 - as the cores themselves, it is the whole process's
    if not hasattr(os, "sched_setaffinity"):
        return
    _all = frozenset(os.sched_getaffinity(0))
    cores = sorted(_all)
    # Tenants side by side should not all sit on the same one.
    os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})


@contextmanager
def on_all_cores() -> Iterator[None]:
    """Let a program that is started inside have what the tenant was given."""
    if not _all:
        yield
        return
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, _all)
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)

"""Threads that do the tasks of several owners, of which none holds up the others."""

import threading
from collections.abc import Iterator
from functools import partial

import pytest

from agave_local.services.jobs.remote.testing import wait_until
from agave_local.services.jobs.workers import Workers


@pytest.fixture(name="workers")
def _workers() -> Iterator[Workers]:
    workers = Workers("test", 2, idle_seconds=0.05)
    workers.start()
    yield workers
    workers.end()
    workers.join()


def _hold(held: threading.Event) -> None:
    held.wait()


def _fail() -> None:
    raise ZeroDivisionError


def _threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name.startswith("test-")]


def test_flood_of_one_owner() -> None:
    """Who comes after a hundred tasks of somebody else is next but one."""
    workers = Workers("test", 1, idle_seconds=0)
    workers.start()
    done: list[str] = []
    held = threading.Event()
    workers.do(lambda: _hold(held), "anna")
    for number in range(100):
        workers.do(partial(done.append, f"anna-{number}"), "anna")
    workers.do(lambda: done.append("bert"), "bert")

    held.set()
    wait_until(lambda: len(done) == 101)

    assert done.index("bert") <= 1


def test_tasks_of_one_owner_that_hang(workers: Workers) -> None:
    """One owner's tasks never have all threads."""
    held, done = threading.Event(), threading.Event()
    for _ in range(4):
        workers.do(lambda: _hold(held), "anna")

    workers.do(done.set, "bert")

    assert done.wait(5)
    held.set()


def test_tasks_that_wait_take_no_thread(workers: Workers) -> None:
    """A thousand tasks of a later time are as cheap as one, and done in its order."""
    done: list[int] = []
    for number in range(1000):
        workers.later(0.05 + number / 1e5, partial(done.append, number))

    assert len(_threads()) <= 2
    wait_until(lambda: len(done) == 1000)
    assert sorted(done) == list(range(1000))


def test_threads_end_when_there_is_nothing_to_do(workers: Workers) -> None:
    """Systems to which no job goes any more cost no thread."""
    done = threading.Event()
    workers.do(done.set)
    done.wait(5)

    wait_until(lambda: not _threads())

    again = threading.Event()
    workers.later(0.01, again.set)
    assert again.wait(5)


def test_task_that_fails(workers: Workers, caplog: pytest.LogCaptureFixture) -> None:
    """A thread outlives a task that fails, and the log has it."""
    done = threading.Event()
    workers.do(_fail)
    workers.do(done.set)

    assert done.wait(5)
    assert "ZeroDivisionError" in caplog.text


def test_end(workers: Workers) -> None:
    """At the end what was not begun is dropped, and what hangs is not waited for."""
    held = threading.Event()
    done: list[str] = []
    workers.do(lambda: _hold(held))
    workers.do(lambda: done.append("waiting"))
    workers.later(0.01, lambda: done.append("later"))
    wait_until(_threads)

    workers.end()
    workers.join(0.01)
    workers.do(lambda: done.append("too late"))
    workers.start()
    new = threading.Event()
    workers.do(new.set)

    assert new.wait(5)
    assert done == []
    held.set()
    wait_until(lambda: len(_threads()) <= 1)

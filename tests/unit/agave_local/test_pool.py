"""The threads that answer requests."""

import logging
import threading
from collections.abc import Iterator

import pytest

from agave_local.transports.pool import ThreadPool


class Job:
    """A task that notes its thread, and ends when it may."""

    def __init__(self, *, is_held: bool = False) -> None:
        self.thread = ""
        self.begun, self.may_end, self.done = (threading.Event() for _ in range(3))
        self.is_cancelled = False
        if not is_held:
            self.may_end.set()

    def service(self) -> None:
        """Work."""
        self.thread = threading.current_thread().name
        self.begun.set()
        self.may_end.wait(10)
        self.done.set()

    def cancel(self) -> None:
        """Note that it will not be done."""
        self.is_cancelled = True


class Failing(Job):
    """A task that goes wrong."""

    def service(self) -> None:
        """Fail."""
        super().service()
        raise SystemExit(3)


@pytest.fixture(name="pool")
def _pool() -> Iterator[ThreadPool]:
    pool = ThreadPool(3)
    yield pool
    pool.shutdown()


def _do(pool: ThreadPool, job: Job) -> Job:
    pool.add_task(job)
    assert job.done.wait(5)
    _until_idle(pool)
    return job


def _until_idle(pool: ThreadPool) -> None:
    pause = threading.Event()
    for _ in range(500):
        if len(pool._idle) == len(pool):
            return
        pause.wait(0.01)
    raise AssertionError


def test_threads_are_started_as_needed(pool: ThreadPool) -> None:
    """One after the other needs one thread; at once, as many as there may be."""
    assert len(pool) == 0
    assert len({_do(pool, Job()).thread for _ in range(5)}) == 1
    assert len(pool) == 1

    held = [Job(is_held=True) for _ in range(5)]
    for job in held:
        pool.add_task(job)
    assert all(job.begun.wait(5) for job in held[:3])
    assert not held[3].begun.is_set()
    assert len(pool) == 3

    for job in held:
        job.may_end.set()
    assert all(job.done.wait(5) for job in held)


def test_the_warmest_thread_is_next(pool: ThreadPool) -> None:
    """Of several idle threads the one that worked last works again."""
    first, second = Job(is_held=True), Job(is_held=True)
    pool.add_task(first)
    pool.add_task(second)
    assert first.begun.wait(5)
    assert second.begun.wait(5)
    first.may_end.set()
    assert first.done.wait(5)
    while len(pool._idle) < 1:
        pass
    second.may_end.set()
    _until_idle(pool)

    assert {_do(pool, Job()).thread for _ in range(4)} == {second.thread}


def test_a_task_that_fails(pool: ThreadPool, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and its thread goes on."""
    with caplog.at_level(logging.ERROR):
        failed = _do(pool, Failing())

    assert "could not be answered" in caplog.text
    assert _do(pool, Job()).thread == failed.thread


def test_idle_threads_end() -> None:
    """Threads that nobody needs end, and others are started when there is work."""
    pool = ThreadPool(3, idle_s=0.02)
    pool.add_task(Job())
    pause = threading.Event()
    for _ in range(500):
        if not len(pool):
            break
        pause.wait(0.01)

    assert len(pool) == 0
    for _ in range(12):
        job = Job()
        pool.add_task(job)
        assert job.done.wait(5)
        pause.wait(0.0199)
    pool.shutdown()


def test_shut_down(pool: ThreadPool) -> None:
    """What is under way ends, what waits is cancelled, and what comes later waits."""
    held = [Job(is_held=True) for _ in range(5)]
    for job in held:
        pool.add_task(job)
    assert all(job.begun.wait(5) for job in held[:3])

    ending = threading.Thread(target=pool.shutdown)
    ending.start()
    while pool._is_open:
        pass
    for job in held:
        job.may_end.set()
    ending.join()

    assert len(pool) == 0
    assert [job.is_cancelled for job in held] == [False] * 3 + [True] * 2
    late = Job()
    pool.add_task(late)
    assert not late.begun.wait(0.05)


def test_a_thread_that_does_not_end(caplog: pytest.LogCaptureFixture) -> None:
    """It is not waited for without an end."""
    pool = ThreadPool(1)
    job = Job(is_held=True)
    pool.add_task(job)
    assert job.begun.wait(5)

    with caplog.at_level(logging.WARNING):
        pool.shutdown(timeout=0.02)

    assert "1 threads are still at work" in caplog.text
    job.may_end.set()
